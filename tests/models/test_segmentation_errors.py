"""Tokenizers and rates that cannot serve."""

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from charrobust.errors import UserError
from charrobust.models.segmentation import Segmentation


@pytest.mark.parametrize("rate", [0, 1, -0.1, float("nan")])
def test_rates_out_of_range(rate):
    with pytest.raises(UserError, match="a segmentation dropout must be above 0 and below 1, got"):
        Segmentation(rate)


def test_slow_tokenizers():
    with pytest.raises(UserError, match=r"needs a fast tokenizer \(tokenizer\.json\)"):
        Segmentation(0.1).of(object())


@pytest.mark.parametrize(("model", "pre_tokenizer", "message"), [
    (models.WordLevel({"a": 0}, unk_token="a"), pre_tokenizers.Whitespace(), "the tokenizer is WordLevel"),
    (models.BPE({"a": 0, "a</w>": 1}, [], end_of_word_suffix="</w>"), pre_tokenizers.Whitespace(), "BPE without marks of its own"),
    (models.BPE({"a": 0}, []), None, "needs a tokenizer that cuts texts into words"),
])  # fmt: skip
def test_tokenizers_of_other_kinds(model, pre_tokenizer, message):
    backend = Tokenizer(model)
    if pre_tokenizer is not None:
        backend.pre_tokenizer = pre_tokenizer
    with pytest.raises(UserError, match=message):
        Segmentation(0.1).of(PreTrainedTokenizerFast(tokenizer_object=backend))
