"""Models. Knows nothing of tasks."""
