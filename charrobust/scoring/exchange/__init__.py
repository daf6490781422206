"""Attacked data as tasks of other harnesses: lm-evaluation-harness, inspect_ai, MTEB. A file a harness."""
