"""A page on this machine where sentences are typed, edited, and shown to models."""
