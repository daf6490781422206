"""Text classification: one class for a text or a pair of texts."""
