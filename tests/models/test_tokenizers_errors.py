"""Tokenizers whose files hold what the library takes and then fails of."""

import json

import pytest

from charrobust.errors import UserError
from charrobust.systems.loading import load_tokenizer
from charrobust.training.pretraining.models import load_tokenizer as load_for_pretraining
from tests.training.runs import make_backbone, small


@pytest.fixture
def damaged(tmp_path):
    folder = make_backbone(tmp_path / "backbone")
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "model_max_length": "long"}))
    return folder


@pytest.mark.parametrize("load", [load_tokenizer, lambda folder: load_for_pretraining(small(folder))])
def test_a_length_that_is_no_number(damaged, load):
    with pytest.raises(UserError, match="model_max_length must be a number, got 'long'; copy the directory"):
        load(damaged)
