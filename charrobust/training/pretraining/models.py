"""The models of a pre-training run: the student, with or without a character channel, and the plain teacher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from transformers import AutoModel, AutoModelForMaskedLM, PreTrainedModel

from charrobust.errors import UserError, hint
from charrobust.logs import logger
from charrobust.models import CharBertConfig, CharBertForPreTraining
from charrobust.models.channels import backbone_directory
from charrobust.models.folding import folded
from charrobust.models.telling import telling
from charrobust.models.tokenizers import tokenizer_at
from charrobust.models.weights import a_head, a_pooler, load_whole
from charrobust.training.pretraining.configuration import Configuration, Weights

_NOUN = "backbone"  # what messages call it
_logger = logger(__name__)


def load_tokenizer(configuration: Configuration, *, trust_remote_code: bool = False) -> Any:
    """Return the backbone's tokenizer, which folds if the channel is to have it so.

    Args:
        configuration: The run.
        trust_remote_code: Whether code that lies with the backbone is run.

    Returns:
        A tokenizer of the transformers library.

    Raises:
        UserError: The backbone has none, or its blocks would be longer than the backbone takes.
    """
    name = configuration.backbone
    with telling(name, _NOUN):
        tokenizer = tokenizer_at(backbone_directory(name), trust_remote_code=trust_remote_code)
        if configuration.channel.get("fold"):
            tokenizer = folded(tokenizer)
    size, most = configuration.data.block_size, tokenizer.model_max_length
    if size > most:
        raise UserError(f"[data] block_size is {size}, but {name} takes {most} tokens at most; give a smaller one")
    return tokenizer


def build_model(
    configuration: Configuration, word_vocabulary_size: int, *, trust_remote_code: bool = False
) -> PreTrainedModel:
    """Build the model that is trained; what the objective does not use, or is to stay, is frozen.

    Args:
        configuration: The run.
        word_vocabulary_size: Number of words of the noisy LM; 1 without one.
        trust_remote_code: Whether code that lies with the backbone is run.

    Returns:
        The model.

    Raises:
        UserError: The backbone cannot be loaded or is not supported, its files lack weights or hold some that are not
            finite, or the channel's options are not known.
    """
    trusted: dict[str, Any] = {"trust_remote_code": trust_remote_code}
    with telling(configuration.backbone, _NOUN):
        place = backbone_directory(configuration.backbone)
        if configuration.model == "plain":
            # Encoders are often published without the head of masked LM, which is then trained anew.
            plain, new = load_whole(AutoModelForMaskedLM, place, may_lack=a_head, **trusted)
            _tell_new(configuration, new)
            encoder, _ = load_whole(AutoModel, place, may_lack=a_pooler, **trusted)
            return _with_pooler(plain, encoder)
        model = CharBertForPreTraining.from_backbone(
            place, word_vocabulary_size=word_vocabulary_size, **trusted, **_known_options(configuration.channel)
        )
    # The name that was given, not the folder that it was found in: on another machine that lies elsewhere.
    model.config.backbone_name = configuration.backbone
    _freeze(model, configuration.objective, backbone=configuration.training.freeze_backbone)
    return model


def _tell_new(configuration: Configuration, new: Sequence[str]) -> None:
    """Say which weights the backbone does not bring."""
    if new:
        _logger.warning("backbone %s: weights that its files lack are new: %s", configuration.backbone, ", ".join(new))


def _with_pooler(model: Any, encoder: Any) -> PreTrainedModel:
    """Keep the pooler of an encoder, which masked LM leaves out and fine-tuning wants; it is not trained."""
    pooler = getattr(encoder, "pooler", None)
    # Asked with a default, as not every architecture has the attribute: then there is no place to put a pooler.
    if pooler is not None and getattr(model.base_model, "pooler", pooler) is None:
        model.base_model.pooler = pooler.requires_grad_(False)
    return model  # type: ignore[no-any-return]


def build_teacher(configuration: Configuration, *, trust_remote_code: bool = False) -> PreTrainedModel | None:
    """Return the plain encoder with its published weights, frozen and without dropout; None where none is needed.

    Args:
        configuration: The run.
        trust_remote_code: Whether code that lies with the backbone is run.

    Returns:
        The encoder, or None.

    Raises:
        UserError: The backbone cannot be loaded.
    """
    if not configuration.objective.distillation:
        return None
    teacher: PreTrainedModel
    with telling(configuration.backbone, _NOUN):
        place = backbone_directory(configuration.backbone)
        # Its states are what the student learns: a pooler is not asked.
        teacher, _ = load_whole(AutoModel, place, may_lack=a_pooler, trust_remote_code=trust_remote_code)
    # Dropout would make its vectors random, and the student would learn the mean of what it sees.
    teacher.requires_grad_(False).train(mode=False)
    return teacher


def _known_options(channel: dict[str, Any]) -> dict[str, Any]:
    known = {option.name for option in fields(CharBertConfig)}
    for name in channel:
        if name not in known:
            own = CharBertConfig.__annotations__
            raise UserError(f"[channel] unknown key {name!r}; {hint(name, own)}")
    return channel


def _freeze(model: Any, weights: Weights, *, backbone: bool) -> None:
    """Freeze heads without a weight and, if wanted, the backbone; the decoder of the masked LM is an embedding."""
    frozen = []
    # Several processes wait for the gradient of every parameter that is not frozen: one without a loss stops them.
    if not weights.mlm:
        frozen.append("lm_head.")
    if not weights.nlm:
        frozen.append("word_head.")
    if backbone:
        frozen.append("charbert.backbone.")
    for name, parameter in model.named_parameters():
        # By name: a decoder tied to the embedding goes by the embedding's name, and is frozen with the backbone alone.
        if name.startswith(tuple(frozen)):
            parameter.requires_grad_(False)
