"""Models, attacked data and results on the hub, each with its card."""
