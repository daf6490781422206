"""Predictions: examples encoded for a model, in batches of like length, and decoded again."""
