"""Tokenizers that cannot fold."""

import pytest

from charrobust.models.folding import folded


def test_a_tokenizer_without_a_fast_backend():
    with pytest.raises(ValueError, match="object has no fast backend; folding is written into its normaliser"):
        folded(object())
