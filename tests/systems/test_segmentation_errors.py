"""Systems without pieces that could be passed over."""

import pytest

from charrobust.errors import UserError
from charrobust.systems.naming import SystemOptions, as_system, load_system

OPTIONS = SystemOptions(segmentation_dropout=0.1)


def test_rates_out_of_range():
    with pytest.raises(UserError, match=r"`segmentation_dropout` must be 0 or more and below 1, got 1\.5"):
        SystemOptions(segmentation_dropout=1.5)


@pytest.mark.needs("torch")
def test_systems_without_a_tokenizer():
    message = "is no model of the transformers library, on whose tokenizer `segmentation_dropout` acts; leave it out"
    with pytest.raises(UserError, match=f"^bm25 {message}"):
        load_system("bm25", OPTIONS)
    with pytest.raises(UserError, match=f"^mine {message}"):
        as_system(len, task="classification", name="mine", options=OPTIONS)
