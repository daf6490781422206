"""What noise does to the sub-tokens that a tokenizer makes."""
