"""Retrieval: the documents of a corpus that answer a query."""
