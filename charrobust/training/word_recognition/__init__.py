"""Training a semi-character word recogniser, which stands before any model."""
