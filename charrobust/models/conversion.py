"""Published CharBERT checkpoints, BERT and RoBERTa variants with any head, as models of this package."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoConfig, AutoTokenizer

from charrobust.errors import UserError
from charrobust.models import heads
from charrobust.models.characters import character_table, token_pieces
from charrobust.models.charbert import CharBertModel
from charrobust.models.configuration import CharBertConfig
from charrobust.models.pretrained import CharBertPreTrainedModel

# What tells the head of a checkpoint: a parameter that only it has, and our class.
_HEADS: dict[str, type[CharBertPreTrainedModel]] = {
    "cls.predictions.adv_decoder.weight": heads.CharBertForPreTraining,
    "lm_head.adv_decoder.weight": heads.CharBertForPreTraining,
    "cls.predictions.transform.dense.weight": heads.CharBertForMaskedLM,
    "lm_head.dense.weight": heads.CharBertForMaskedLM,
    "qa_outputs.weight": heads.CharBertForQuestionAnswering,
    "char_classifier.weight": heads.CharBertForSequenceClassification,
}

# Their names and ours, as regular expressions, applied in order.
_NAMES = [
    (r"^(bert|roberta)\.char_embeddings\.char_embeddings\.", "charbert.character_encoder.embedding."),
    (r"^(bert|roberta)\.char_embeddings\.rnn_layer\.(\w+_l0)_reverse$", r"charbert.character_encoder.backward_rnn.\2"),
    (r"^(bert|roberta)\.char_embeddings\.rnn_layer\.(\w+_l0)$", r"charbert.character_encoder.forward_rnn.\2"),
    (r"^(bert|roberta)\.encoder\.word_linear1\.", "charbert.interactions.0.token_linear."),
    (r"^(bert|roberta)\.encoder\.char_linear1\.", "charbert.interactions.0.character_linear."),
    (r"^(bert|roberta)\.encoder\.fusion_layer(_list\.0)?\.", "charbert.interactions.0.convolution."),
    (r"^(bert|roberta)\.encoder\.word_norm\.", "charbert.interactions.0.token_norm."),
    (r"^(bert|roberta)\.encoder\.char_norm\.", "charbert.interactions.0.character_norm."),
    (r"^(bert|roberta)\.", "charbert.backbone."),
    (r"^cls\.predictions\.adv_transform\.LayerNorm\.", "word_head.norm."),
    (r"^cls\.predictions\.adv_transform\.dense\.", "word_head.dense."),
    (r"^cls\.predictions\.transform\.LayerNorm\.", "lm_head.norm."),
    (r"^cls\.predictions\.transform\.dense\.", "lm_head.dense."),
    (r"^(cls\.predictions|lm_head)\.adv_decoder\.", "word_head.decoder."),
    (r"^(cls\.predictions|lm_head)\.decoder\.", "lm_head.decoder."),
    (r"^(cls\.predictions|lm_head)\.bias$", "lm_head.decoder.bias"),
    (r"^lm_head\.char_dense\.", "word_head.dense."),
    (r"^lm_head\.dense\.", "lm_head.dense."),
    (r"^char_classifier\.", "classifier."),
]
# The convolution is repeated under each layer's number in BERT checkpoints; all copies are one module.
_REPEATED = re.compile(r"\.fusion_layer_list\.[1-9]\d*\.|\.position_ids$")


def our_names(name: str) -> list[str]:
    """Return the names under which we keep a published parameter: none, one, or two for one that two heads share."""
    if _REPEATED.search(name):
        return []
    if name.startswith("lm_head.layer_norm."):
        rest = name.removeprefix("lm_head.layer_norm.")
        return [f"lm_head.norm.{rest}", f"word_head.norm.{rest}"]
    for pattern, replacement in _NAMES:
        renamed, count = re.subn(pattern, replacement, name)
        if count:
            return [renamed]
    return [name]


def convert(
    source: str | Path, character_vocabulary: str | Path, *, head: str | None = None
) -> CharBertPreTrainedModel:
    """Turn a directory as published into a model.

    Args:
        source: Directory with ``config.json`` and ``model.safetensors`` or ``pytorch_model.bin``; with a tokenizer,
            the table of characters by token is built too.
        character_vocabulary: File with one character a line; blank lines and a line with a blank count.
        head: Name of our class; None tells it by the weights. Only sequence and token classification of BERT have
            heads of the same names, and are told apart by ``architectures`` in ``config.json``.

    Raises:
        UserError: A file is missing, is a pickle of more than tensors, or is of another head.
    """
    directory = Path(source)
    weights = read_weights(directory)
    vocabulary = read_characters(Path(character_vocabulary))
    content = _read_config(directory)
    rows = next(
        (len(value) for name, value in weights.items() if name.endswith("char_embeddings.char_embeddings.weight")), None
    )
    if rows is None:
        raise UserError(f"{directory} holds no character embeddings: it is not a CharBERT checkpoint")
    if rows < len(vocabulary):
        raise UserError(
            f"{character_vocabulary} has {len(vocabulary)} characters, the checkpoint {rows}: "
            "they do not belong together"
        )
    vocabulary += [""] * (rows - len(vocabulary))
    kind = _head_of(weights, content, head)
    config = _config_of(content, weights, vocabulary, kind)
    model = kind(config)
    _load(model, weights, directory)
    _fill_table(model, directory)
    return model.eval()


def read_characters(path: Path) -> list[str]:
    """Read a character vocabulary: one entry a line, nothing stripped, blank lines kept.

    Raises:
        UserError: There is no such file.
    """
    if not path.exists() or path.is_dir():
        raise UserError(f"character vocabulary not found: {path}; give the file published with the checkpoint")
    text = path.read_text(encoding="utf-8")
    return text.removesuffix("\n").split("\n")


def read_weights(directory: Path) -> dict[str, Tensor]:
    """Read the weights of a checkpoint, without running anything that a file may hold.

    Raises:
        UserError: No weights, or a pickle of more than plain tensors.
    """
    safe, pickled = directory / "model.safetensors", directory / "pytorch_model.bin"
    if safe.is_file():
        from safetensors.torch import load_file

        return load_file(safe)
    if not pickled.is_file():
        raise UserError(f"{directory} holds neither model.safetensors nor pytorch_model.bin")
    try:
        loaded = torch.load(pickled, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise UserError(
            f"{pickled} holds more than plain tensors, or is broken, and was not opened further: "
            f"{str(error).splitlines()[0]}"
        ) from error
    if not isinstance(loaded, Mapping) or not all(isinstance(value, Tensor) for value in loaded.values()):
        raise UserError(f"{pickled} is no state dict: expected names of parameters with tensors")
    return dict(loaded)


def _read_config(directory: Path) -> dict[str, Any]:
    path = directory / "config.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    except json.JSONDecodeError as error:
        raise UserError(f"{path} is not valid JSON: {error}") from error
    return dict(content)


def _head_of(
    weights: Mapping[str, Tensor], content: Mapping[str, Any], head: str | None
) -> type[CharBertPreTrainedModel]:
    """Tell which head a checkpoint has, and check the one that was asked for.

    Raises:
        UserError: Another head was asked for than the checkpoint has.
    """
    found: type[CharBertPreTrainedModel] | None = next((kind for name, kind in _HEADS.items() if name in weights), None)
    if found is None and "classifier.weight" in weights:
        said = " ".join([*content.get("architectures", []), str(content.get("original_class", "")), head or ""])
        tokens = "TokenClassification" in said
        found = heads.CharBertForTokenClassification if tokens else heads.CharBertForSequenceClassification
    found = found or CharBertModel
    if head is not None and head != found.__name__:
        raise UserError(f"the checkpoint has the head of {found.__name__}, not that of {head}")
    return found


def _config_of(
    content: dict[str, Any], weights: Mapping[str, Tensor], vocabulary: list[str], kind: type[CharBertPreTrainedModel]
) -> CharBertConfig:
    family = content.get("model_type") or (
        "roberta" if any(name.startswith("roberta.") for name in weights) else "bert"
    )
    known = AutoConfig.for_model(family)
    backbone = {key: value for key, value in content.items() if hasattr(known, key) and key != "architectures"}
    words = next((len(value) for name, value in weights.items() if name.endswith("adv_decoder.weight")), 0)
    labels = next((len(value) for name, value in weights.items() if name.endswith("classifier.weight")), 2)
    options: dict[str, Any] = {"num_labels": labels} if kind is not heads.CharBertForQuestionAnswering else {}
    if content.get("id2label") and len(content["id2label"]) == labels:
        options = {"id2label": content["id2label"], "label2id": content.get("label2id")}
    return CharBertConfig(
        backbone_config={**backbone, "model_type": family},
        interaction="released",
        padding="released",
        character_vocabulary=vocabulary,
        character_embedding_size=next(
            value.size(1) for name, value in weights.items() if name.endswith("char_embeddings.char_embeddings.weight")
        ),
        word_vocabulary_size=words,
        keep_pooler=any(".pooler." in name for name in weights),
        classifier_dropout=content.get("hidden_dropout_prob", 0.1),
        **options,
    )


def _load(model: CharBertPreTrainedModel, weights: Mapping[str, Tensor], directory: Path) -> None:
    """Fill a model with published weights, all of them and nothing else.

    Raises:
        UserError: Weights are missing, of another shape, or left over.
    """
    bare = isinstance(model, CharBertModel)
    renamed = {ours: value for name, value in weights.items() for ours in our_names(name)}
    if bare:
        renamed = {name.removeprefix("charbert."): value for name, value in renamed.items()}
    wanted = model.state_dict()
    table = "token_characters" if bare else "charbert.token_characters"
    left = sorted(set(renamed) - set(wanted))
    missing = sorted(set(wanted) - set(renamed) - {table, "lm_head.decoder.weight", "lm_head.decoder.bias"})
    shapes = [name for name in renamed if name in wanted and renamed[name].shape != wanted[name].shape]
    if left or missing or shapes:
        problems = [("not known", left), ("missing", missing), ("of another shape", shapes)]
        said = "; ".join(f"{what}: {', '.join(names[:4])}" for what, names in problems if names)
        raise UserError(f"{directory} does not fit {type(model).__name__}: {said}; are these files of another head?")
    model.load_state_dict(renamed, strict=False)
    model.tie_weights()


def _fill_table(model: CharBertPreTrainedModel, directory: Path) -> None:
    """Build the table of characters from the checkpoint's tokenizer, if it has one."""
    if not any((directory / name).is_file() for name in ("tokenizer.json", "vocab.txt", "vocab.json")):
        return
    pieces = token_pieces(AutoTokenizer.from_pretrained(directory))
    body = getattr(model, "charbert", model)
    config = model.config
    table = character_table(pieces, config.character_vocabulary, config.vocab_size, config.max_token_characters)
    body.token_characters.copy_(table)
