"""Scores of systems on clean and attacked data, with intervals."""
