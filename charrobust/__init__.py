"""charrobust: what typing errors do to language models, and what to do about it."""
