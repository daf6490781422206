"""Tagging: a tag for each token of a sentence."""
