"""Published CharBERT checkpoints, BERT and RoBERTa variants with any head, as models of this package."""

from __future__ import annotations

import pickle
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor
from transformers import AutoConfig, AutoTokenizer

from charrobust.errors import UserError
from charrobust.json_text import read_json
from charrobust.models import heads
from charrobust.models.characters import character_table, token_pieces
from charrobust.models.charbert import CharBertModel
from charrobust.models.configuration import CharBertConfig
from charrobust.models.plausible import CONFIG, check_config
from charrobust.models.pretrained import CharBertPreTrainedModel
from charrobust.models.telling import telling
from charrobust.models.weights import check_finite

# What tells the head of a checkpoint: a parameter that only it has, and our class.
_HEADS: dict[str, type[CharBertPreTrainedModel]] = {
    # In order: a checkpoint of pre-training has the masked LM's parameters, too.
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
    # Whatever of the body has no rule above is the backbone's own.
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
_CHARACTER_EMBEDDINGS = "char_embeddings.char_embeddings.weight"
# The convolution is repeated under each layer's number in BERT checkpoints; all copies are one module.
_REPEATED = re.compile(r"\.fusion_layer_list\.[1-9]\d*\.|\.position_ids$")


def our_names(name: str) -> list[str]:
    """Return the names under which we keep a published parameter: none, one, or two for one that two heads share."""
    if _REPEATED.search(name):
        return []
    if name.startswith("lm_head.layer_norm."):
        # The RoBERTa variant normalises for both heads with one set of weights.
        rest = name.removeprefix("lm_head.layer_norm.")
        return [f"lm_head.norm.{rest}", f"word_head.norm.{rest}"]
    for pattern, replacement in _NAMES:
        renamed, count = re.subn(pattern, replacement, name)
        if count:
            return [renamed]
    return [name]


def convert(
    source: str | Path,
    character_vocabulary: str | Path,
    *,
    head: str | None = None,
    trust_remote_code: bool = False,
) -> CharBertPreTrainedModel:
    """Turn a directory as published into a model.

    Args:
        source: Directory with ``config.json`` and ``model.safetensors`` or ``pytorch_model.bin``; with a tokenizer,
            the table of characters by token is built too.
        character_vocabulary: File with one character a line; blank lines and a line with a blank count.
        head: Name of our class; None tells it by the weights. Only sequence and token classification of BERT have
            heads of the same names, and are told apart by ``architectures`` in ``config.json``.
        trust_remote_code: Whether code of a tokenizer that lies in the directory is run.

    Returns:
        The model, in evaluation mode, with the same states, scores and losses as the original.

    Raises:
        UserError: A file is missing or damaged, is a pickle of more than tensors, or is of another head.
    """
    directory = Path(source)
    with telling(source, "checkpoint"):
        return _converted(directory, Path(character_vocabulary), head, trust_remote_code=trust_remote_code)


def _converted(
    directory: Path, character_vocabulary: Path, head: str | None, *, trust_remote_code: bool
) -> CharBertPreTrainedModel:
    """Turn a directory as published into a model.

    Raises:
        UserError: As :func:`convert`.
    """
    check_config(directory, trust_remote_code=trust_remote_code)
    weights = read_weights(directory)
    check_finite(weights)
    vocabulary = read_characters(character_vocabulary)
    content = _read_config(directory)
    embeddings = _weight_ending(weights, _CHARACTER_EMBEDDINGS)
    if embeddings is None:
        raise UserError(f"{directory} holds no character embeddings: it is not a CharBERT checkpoint")
    rows = len(embeddings)
    if rows < len(vocabulary):
        raise UserError(
            f"{character_vocabulary} has {len(vocabulary)} characters, the checkpoint {rows}: "
            "they do not belong together"
        )
    # Published embeddings may have more rows than the vocabulary has lines; no character reads those.
    vocabulary += [""] * (rows - len(vocabulary))
    model_class = _head_of(weights, content, head)
    config = _config_of(content, weights, vocabulary, model_class)
    # Where tensors take no memory: that of a damaged configuration may be without end.
    with torch.device("meta"):
        blueprint = model_class(config)
    ours = _our_weights(blueprint, weights, directory)
    model = model_class(config)
    # Checked above, more exactly than `strict` would: tied and built parameters may be missing.
    model.load_state_dict(ours, strict=False)
    model.tie_weights()
    _fill_table(model, directory, trust_remote_code=trust_remote_code)
    model.eval()
    return model


def _weight_ending(weights: Mapping[str, Tensor], ending: str) -> Tensor | None:
    """Return the first weight whose name ends so, if there is one."""
    for name, weight in weights.items():
        if name.endswith(ending):
            return weight
    return None


def read_characters(path: Path) -> list[str]:
    """Read a character vocabulary: one entry a line, nothing stripped, blank lines kept.

    Args:
        path: The file.

    Returns:
        The entries, in order.

    Raises:
        UserError: There is no such file, or it is no text.
    """
    if not path.exists() or path.is_dir():
        raise UserError(f"character vocabulary not found: {path}; give the file published with the checkpoint")
    try:
        text = path.read_text(encoding="utf-8")
    except ValueError as error:
        raise UserError(f"{path} is no UTF-8 text ({error}); give the file published with the checkpoint") from error
    return text.removesuffix("\n").split("\n")


def read_weights(directory: Path) -> dict[str, Tensor]:
    """Read the weights of a checkpoint, without running anything that a file may hold.

    Args:
        directory: The checkpoint's folder.

    Returns:
        The weights by the names of parameters.

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
        # A pickle may run any code on loading; with `weights_only` it makes tensors and nothing else.
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
    """Return the configuration as published; :func:`check_config` has read it before."""
    return dict(read_json(directory / CONFIG))


def _head_of(
    weights: Mapping[str, Tensor], content: Mapping[str, Any], head: str | None
) -> type[CharBertPreTrainedModel]:
    """Tell which head a checkpoint has, and check the one that was asked for.

    Raises:
        UserError: Another head was asked for than the checkpoint has.
    """
    model_class = _class_by_weights(weights)
    if model_class is None and "classifier.weight" in weights:
        # Both heads are one linear map of the same name: only the checkpoint's or the caller's word tells them apart.
        names = [*content.get("architectures", []), str(content.get("original_class", "")), head or ""]
        if any("TokenClassification" in name for name in names):
            model_class = heads.CharBertForTokenClassification
        else:
            model_class = heads.CharBertForSequenceClassification
    model_class = model_class or CharBertModel
    if head is not None and head != model_class.__name__:
        raise UserError(f"the checkpoint has the head of {model_class.__name__}, not that of {head}")
    return model_class


def _class_by_weights(weights: Mapping[str, Tensor]) -> type[CharBertPreTrainedModel] | None:
    for name, model_class in _HEADS.items():
        if name in weights:
            return model_class
    return None


def _config_of(
    content: dict[str, Any],
    weights: Mapping[str, Tensor],
    vocabulary: list[str],
    model_class: type[CharBertPreTrainedModel],
) -> CharBertConfig:
    """Return our configuration for a published one; what that does not say is read off the weights."""
    of_roberta = any(name.startswith("roberta.") for name in weights)
    family = content.get("model_type") or ("roberta" if of_roberta else "bert")
    known = AutoConfig.for_model(family)
    # Published configurations hold keys of their authors' scripts, which the family's configuration does not know.
    backbone = {key: value for key, value in content.items() if hasattr(known, key) and key != "architectures"}
    characters = _weight_ending(weights, _CHARACTER_EMBEDDINGS)
    words = _weight_ending(weights, "adv_decoder.weight")
    classifier = _weight_ending(weights, "classifier.weight")
    label_count = 2 if classifier is None else len(classifier)
    labels: dict[str, Any] = {}
    # Names are taken where they fit the head: a file may still hold the two that the library makes up.
    if content.get("id2label") and len(content["id2label"]) == label_count:
        labels = {"id2label": content["id2label"], "label2id": content.get("label2id")}
    elif model_class is not heads.CharBertForQuestionAnswering:
        labels = {"num_labels": label_count}
    return CharBertConfig(
        backbone_config={**backbone, "model_type": family},
        interaction="released",
        character_rnn="sequence",
        padding="released",
        character_vocabulary=vocabulary,
        character_embedding_size=cast(Tensor, characters).size(1),
        word_vocabulary_size=0 if words is None else len(words),
        keep_pooler=any(".pooler." in name for name in weights),
        classifier_dropout=content.get("hidden_dropout_prob", 0.1),
        **labels,
    )


def _our_weights(model: CharBertPreTrainedModel, weights: Mapping[str, Tensor], directory: Path) -> dict[str, Tensor]:
    """Return published weights by our names: all of a model, and nothing else.

    Raises:
        UserError: Weights are missing, of another shape, or left over.
    """
    prefix = "" if isinstance(model, CharBertModel) else "charbert."
    renamed: dict[str, Tensor] = {}
    for name, weight in weights.items():
        for our_name in our_names(name):
            renamed[our_name if prefix else our_name.removeprefix("charbert.")] = weight
    wanted = model.state_dict()
    # The table is built from the tokenizer; the decoder is tied to the embedding where it is not published.
    not_needed = {f"{prefix}token_characters", "lm_head.decoder.weight", "lm_head.decoder.bias"}
    problems: dict[str, Collection[str]] = {
        "not known": renamed.keys() - wanted.keys(),
        "missing": wanted.keys() - renamed.keys() - not_needed,
        "of another shape": _of_another_shape(renamed, wanted),
    }
    clauses = [f"{problem}: {', '.join(sorted(names)[:4])}" for problem, names in problems.items() if names]
    if clauses:
        raise UserError(
            f"{directory} does not fit {type(model).__name__}: {'; '.join(clauses)}; are these files of another head?"
        )
    return renamed


def _of_another_shape(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> list[str]:
    """Return the weights that have not the wanted shape, each with both shapes."""
    lines = []
    for name in found.keys() & wanted.keys():
        shapes = tuple(found[name].shape), tuple(wanted[name].shape)
        if shapes[0] != shapes[1]:
            lines.append(f"{name} {shapes[0]}, expected {shapes[1]}")
    return lines


def _fill_table(model: CharBertPreTrainedModel, directory: Path, *, trust_remote_code: bool) -> None:
    """Build the table of characters from the checkpoint's tokenizer, if it has one."""
    if not any((directory / name).is_file() for name in ("tokenizer.json", "vocab.txt", "vocab.json")):
        return
    pieces = token_pieces(AutoTokenizer.from_pretrained(directory, trust_remote_code=trust_remote_code))
    config = model.config
    table = character_table(pieces, config.characters, config.vocab_size, config.max_token_characters)
    cast(CharBertModel, model.base_model).token_characters.copy_(table)
