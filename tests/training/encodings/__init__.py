"""Training of robust encodings."""
