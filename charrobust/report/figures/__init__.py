"""Figures of results, one file a kind."""
