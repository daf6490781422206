"""Fine-tuning an encoder for a task, with noise if wanted."""
