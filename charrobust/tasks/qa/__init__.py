"""Extractive question answering: a stretch of a context."""
