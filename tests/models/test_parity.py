"""Parity with the original implementation: states, scores, losses and gradients, through the conversion."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from charrobust.errors import UserError
from charrobust.models import CharBertForPreTraining, CharBertForQuestionAnswering
from charrobust.models.conversion import convert, our_names, read_characters

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
COMMITTED = Path(__file__).parents[1] / "golden"
FOLDERS = [f"{family}{head}" for family in ("CharBertFor", "RobertaFor") for head in (
    "MaskedLM", "SequenceClassification", "TokenClassification", "QuestionAnswering")]  # fmt: skip
SEQUENCES = ("input_ids", "attention_mask", "token_type_ids", "char_input_ids", "start_ids", "end_ids")


@pytest.fixture
def golden():
    if not GOLDEN.is_dir():
        pytest.skip("needs the tensors of the original implementation in ../shared/golden")
    return GOLDEN


@pytest.fixture
def characters(tmp_path):
    path = tmp_path / "characters.txt"
    path.write_text("\n".join(["", " ", *"abcdef"]) + "\n", encoding="utf-8")
    return path


def arguments(given):
    """Turn the original's inputs into ours: other names, and -100 for labels that do not count."""
    named = {"masked_lm_labels": "labels", "adv_labels": "word_labels"}
    return {
        named.get(key, key): value.masked_fill(value == -1, -100) if key in named else value
        for key, value in given.items()
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_states_scores_losses_and_gradients(golden, characters, folder):
    check_parity(golden / folder, characters)


@pytest.mark.parametrize("folder", ["CharBertForMaskedLM", "RobertaForSequenceClassification"])
def test_states_scores_losses_and_gradients_of_committed_tensors(characters, folder):
    check_parity(COMMITTED / folder, characters)


def check_parity(folder, characters):
    """Compare everything that the original computed."""
    model = convert(folder, characters)
    inputs = arguments(load_file(folder / "inputs.safetensors"))
    expected = load_file(folder / "outputs.safetensors")
    states = model.charbert(**{key: inputs[key] for key in SEQUENCES}, output_hidden_states=True)
    out = model(**inputs)
    found = {
        "word_states": states.last_hidden_state,
        "char_states": states.character_last_hidden_state,
        "pooler_output": states.pooler_output,
        "char_pooler_output": states.character_pooler_output,
        "embedding_output": states.hidden_states[0],
        "char_embedding_output": states.character_hidden_states[0],
        "loss": out.loss,
        "logits": out.get("logits"),
        "start_logits": out.get("start_logits"),
        "end_logits": out.get("end_logits"),
        "prediction_scores": out.get("logits"),
        "term_scores": out.get("word_logits"),
        "masked_lm_loss": out.get("mlm_loss"),
        "adv_term_loss": out.get("nlm_loss"),
    }
    for name, value in expected.items():
        assert (found[name] - value).abs().max() <= 2e-5, name
    out.loss.backward()
    weights = dict(model.named_parameters())
    for name, norm in json.loads((folder / "grad_norms.json").read_text()).items():
        gradients = [weights[ours].grad for ours in our_names(name) if ours in weights]
        gradients = [gradient for gradient in gradients if gradient is not None]
        if gradients:
            assert sum(gradients).norm().item() == pytest.approx(norm, rel=1e-4, abs=1e-6), name
        else:
            assert norm == 0 or not our_names(name), name


@pytest.mark.parametrize("folder", FOLDERS)
def test_folding_linear_maps_into_the_convolution_changes_nothing(golden, characters, folder):
    model = convert(golden / folder, characters)
    inputs = arguments(load_file(golden / folder / "inputs.safetensors"))
    expected = load_file(golden / folder / "outputs.safetensors")
    with torch.no_grad():
        states = model.charbert(**{key: inputs[key] for key in SEQUENCES})
    assert (states.last_hidden_state - expected["word_states"]).abs().max() <= 2e-5


def test_pickled_weights_are_read_too(golden, characters, tmp_path):
    source = golden / "CharBertForQuestionAnswering"
    shutil.copy(source / "config.json", tmp_path / "config.json")
    torch.save(load_file(source / "model.safetensors"), tmp_path / "pytorch_model.bin")
    model = convert(tmp_path, characters)
    assert isinstance(model, CharBertForQuestionAnswering)


def test_converted_models_are_saved_and_loaded(golden, characters, tmp_path):
    model = convert(golden / "CharBertForMaskedLM", characters)
    model.save_pretrained(tmp_path / "out")
    loaded = CharBertForPreTraining.from_pretrained(tmp_path / "out").eval()
    inputs = arguments(load_file(golden / "CharBertForMaskedLM" / "inputs.safetensors"))
    with torch.no_grad():
        assert torch.equal(loaded(**inputs).loss, model(**inputs).loss)


def test_character_vocabularies_keep_blanks(tmp_path):
    path = tmp_path / "characters.txt"
    path.write_text("\n \na\n\nb\n", encoding="utf-8")
    assert read_characters(path) == ["", " ", "a", "", "b"]


def test_bad_checkpoints_are_refused(golden, characters, tmp_path):
    source = golden / "CharBertForQuestionAnswering"
    with pytest.raises(
        UserError, match="has the head of CharBertForQuestionAnswering, not that of CharBertForMaskedLM"
    ):
        convert(source, characters, head="CharBertForMaskedLM")
    with pytest.raises(UserError, match="character vocabulary not found"):
        convert(source, tmp_path / "no.txt")
    with pytest.raises(UserError, match=r"neither model\.safetensors nor pytorch_model\.bin"):
        convert(tmp_path, characters)
    long = tmp_path / "long.txt"
    long.write_text("\n".join(map(chr, range(200, 1500))), encoding="utf-8")
    with pytest.raises(UserError, match="has 1300 characters, the checkpoint 1001"):
        convert(source, long)
    weights = load_file(source / "model.safetensors")
    shutil.copy(source / "config.json", tmp_path / "config.json")
    save_file({**weights, "bert.surprise": torch.ones(1)}, tmp_path / "model.safetensors")
    with pytest.raises(UserError, match=r"not known: charbert\.backbone\.surprise; are these files of another head"):
        convert(tmp_path, characters)


class Surprise:
    """Something that must not be unpickled."""

    def __reduce__(self):
        return (print, ("executed",))


def test_pickles_of_more_than_tensors_are_not_opened(characters, tmp_path, capsys):
    torch.save({"weight": Surprise()}, tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="holds more than plain tensors"):
        convert(tmp_path, characters)
    assert "executed" not in capsys.readouterr().out
    torch.save([torch.ones(1)], tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="is no state dict"):
        convert(tmp_path, characters)
