"""The models of a fine-tuning run: an encoder with a head for the task, or a frozen one with a linear map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import AutoModel, PreTrainedModel
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES

from charrobust.errors import UserError, hint
from charrobust.models import CharBertConfig
from charrobust.models.backbones import FAMILIES, loader_of
from charrobust.models.probes import ProbeConfig
from charrobust.models.telling import telling
from charrobust.models.weights import a_head, a_pooler
from charrobust.systems.loading import load_config, load_model
from charrobust.tasks.base import Task

# The parts of a channel that recognises words; the context is not in all of them.
_CHANNEL = ("charbert.recogniser", "charbert.character_encoder", "charbert.interactions")
_CONTEXT = "charbert.context"


def build_model(
    name: str, use: str, task: type[Task], labels: Sequence[str], *, trust_remote_code: bool = False
) -> tuple[PreTrainedModel, tuple[str, ...]]:
    """Build the model that is trained.

    Args:
        name: ``minilm``, ``e5-small``, a channel, a directory or a hub id.
        use: ``finetuned``, ``frozen`` or ``mix``.
        task: The class of the task.
        labels: Names of the classes or tags.
        trust_remote_code: Whether code that lies with the model is run.

    Returns:
        The model, in which what is not to be trained is frozen; and the names of its new weights, those of the head.

    Raises:
        UserError: There is no such model, it is no encoder, its family has no head for the task, it needs code that is
            not to be run, or weights of its encoder are missing, of another shape or not finite.
    """
    _check_encoder(name, trust_remote_code=trust_remote_code)
    head = task.head_class()
    options = head.model_options(labels)
    if use == "finetuned":
        model, new = load_model(name, head.auto_class, may_lack=a_head, trust_remote_code=trust_remote_code, **options)
        return head.prepare(model), new
    if head.probe_class is None:
        raise UserError(f"use = {use!r}: the task {task.name!r} has no linear map to train; give use = 'finetuned'")
    encoder, _ = load_model(name, AutoModel, may_lack=a_pooler, trust_remote_code=trust_remote_code)
    with telling(name):
        probe = head.probe_class.from_encoder(encoder, mix=use == "mix", **options)
    return probe, tuple(key for key, _ in probe.named_parameters() if not key.startswith("encoder."))


def freeze(model: PreTrainedModel, names: str | None) -> list[str]:
    """Keep some weights of a model as they are.

    Args:
        model: The model.
        names: How the names of these weights begin, with commas between; None for a channel that recognises words.

    Returns:
        How their names begin.

    Raises:
        UserError: No weight has such a name, or none is left to be trained.
    """
    if names is None:
        names = ",".join(_of_channel(model.config))
    parameters = dict(model.named_parameters())
    prefixes = list(filter(None, map(str.strip, names.split(","))))
    for prefix in prefixes:
        found = [name for name in parameters if name.startswith(prefix)]
        if not found:
            parts = {".".join(name.split(".")[:2]) for name in parameters}
            raise UserError(
                f"[training] freeze: no weight has a name that begins with {prefix!r}; {hint(prefix, parts)}"
            )
        for name in found:
            parameters[name].requires_grad_(False)
    if not any(parameter.requires_grad for parameter in parameters.values()):
        raise UserError(f"[training] freeze = {names!r} leaves no weight to be trained; name fewer")
    return prefixes


def _of_channel(config: Any) -> tuple[str, ...]:
    """Return how the names of weights begin that recognise words; none of other models."""
    if getattr(config, "character_entry", None) != "recognised":
        return ()
    return (*_CHANNEL, _CONTEXT) if config.recogniser_context_size else _CHANNEL


def _check_encoder(name: str, *, trust_remote_code: bool) -> None:
    """Refuse models that do not read texts in both directions.

    Raises:
        UserError: It is such a model.
    """
    config = load_config(name, trust_remote_code=trust_remote_code)
    if isinstance(config, CharBertConfig):
        return
    if isinstance(config, ProbeConfig):
        raise UserError(f"model {name!r} is a linear probe already; give the encoder that it was made from")
    if loader_of(config) is not AutoModel:
        raise UserError(
            f"model {name!r} is of the type {config.model_type!r}, which is no encoder of text alone; give one with "
            "a character channel on its encoder, as CharBertForSequenceClassification.from_backbone makes, or another"
        )
    is_known = config.model_type in FAMILIES or config.model_type in MODEL_FOR_MASKED_LM_MAPPING_NAMES
    if config.is_encoder_decoder or getattr(config, "is_decoder", False) or not is_known:
        alone = sorted(kind for kind, family in FAMILIES.items() if family.auto_class is AutoModel)
        raise UserError(
            f"model {name!r} is of the type {config.model_type!r}, which is no encoder of text; expected one such as "
            f"{', '.join(alone)} or charbert"
        )
