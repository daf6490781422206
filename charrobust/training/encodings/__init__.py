"""Training of robust encodings: which words are read as one, so that a typo changes nothing that a model sees."""
