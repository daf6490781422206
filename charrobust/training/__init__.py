"""Training: noisy-LM pre-training of a character channel."""
