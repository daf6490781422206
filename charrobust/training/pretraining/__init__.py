"""Noisy-LM pre-training of a character channel, or of an encoder without one."""
