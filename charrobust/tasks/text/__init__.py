"""Plain text: nothing is labelled, and nothing has to stay right but the text itself."""
