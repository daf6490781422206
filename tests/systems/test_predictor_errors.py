"""What cannot be loaded or asked."""

import json

import pytest
from transformers import BertConfig, BertTokenizer, GPT2Config

from charrobust.errors import UserError
from charrobust.systems.models import load_predictor
from charrobust.tasks.registry import task_class
from tests.models.families import SIZES
from tests.models.tokenizers import save_backbone, wordpiece
from tests.systems.tiny import save_model


def test_an_encoder_without_a_head(tmp_path):
    folder = save_backbone(tmp_path / "encoder", wordpiece(), BertConfig(**SIZES))
    with pytest.raises(UserError, match=r"is BertModel, without a head .* run charrobust finetune first"):
        load_predictor(folder)


def test_the_shipped_channel_is_no_predictor():
    with pytest.raises(UserError, match="run charrobust finetune first"):
        load_predictor("charbert-minilm-l6")


def test_a_language_model(tmp_path):
    GPT2Config(n_layer=1, architectures=["GPT2LMHeadModel"]).save_pretrained(tmp_path)
    with pytest.raises(UserError, match=r"is GPT2LMHeadModel, without a head"):
        load_predictor(tmp_path)


def test_no_such_directory(tmp_path):
    with pytest.raises(UserError, match="no such directory"):
        load_predictor(tmp_path / "nothing")


def test_a_run_that_is_not_finished(tmp_path):
    (tmp_path / "finetuning.json").write_text('{"task": "qa"}')
    with pytest.raises(UserError, match=r"is not finished; go on with: charrobust finetune .* --resume"):
        load_predictor(tmp_path)
    (tmp_path / "finetuning.json").write_text('{"task"')
    with pytest.raises(UserError, match="no valid JSON"):
        load_predictor(tmp_path)


def test_several_seeds(tmp_path):
    (tmp_path / "finetuning.json").write_text("{}")
    save_model(tmp_path / "seed-1", "bert", "qa")
    save_model(tmp_path / "seed-2", "bert", "qa")
    with pytest.raises(UserError, match=r"several seeds: seed-1, seed-2; name one, such as .*seed-1"):
        load_predictor(tmp_path)


def test_windows_beyond_the_model(tmp_path):
    folder = save_model(tmp_path / "model", "roberta", "tagging")
    with pytest.raises(UserError, match="reads windows of 16 to 62 tokens; got a max_length of 63"):
        load_predictor(folder, max_length=63)


def test_broken_weights(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "qa")
    (folder / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(UserError, match="model"):
        load_predictor(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "berd"}))
    with pytest.raises(UserError, match="berd"):
        load_predictor(folder)


def test_tokenizers_that_do_not_know_places():
    class Slow(BertTokenizer):
        is_fast = False

    for task in ("tagging", "qa"):
        with pytest.raises(UserError, match="give a model with a fast tokenizer"):
            task_class(task).head_class()().check_tokenizer(task, Slow())


@pytest.mark.parametrize("text", ["[1]", '{"stride": 3}', '{"task": "foo"}', '{"task": "qa", "max_length": "a"}'])
def test_records_of_something_else(tmp_path, text):
    folder = save_model(tmp_path / "model", "bert", "qa")
    (folder / "finetuning.json").write_text(text)
    with pytest.raises(UserError, match=r"finetuning\.json is no record of a fine-tuning run: expected task"):
        load_predictor(folder)


def test_a_directory_without_a_model(tmp_path):
    with pytest.raises(UserError, match=r"there is no config\.json in that directory; give the directory of a model"):
        load_predictor(tmp_path)


def test_a_word_recogniser_is_no_model(tmp_path):
    (tmp_path / "recogniser.json").write_text("{}")
    with pytest.raises(UserError, match=r"is a word recogniser, which stands before a model: .*\+MODEL"):
        load_predictor(tmp_path)
