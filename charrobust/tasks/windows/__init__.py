"""What a model reads at once: windows of tokens, cut from examples and put together to batches."""
