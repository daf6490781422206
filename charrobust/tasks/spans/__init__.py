"""Spans: entities, aspect terms and the like, marked by where they begin and end in a text."""
