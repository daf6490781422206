"""The models of a pre-training run: the student, with or without a character channel, and the plain teacher."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import torch
from transformers import AutoConfig, AutoModel, AutoModelForMaskedLM, PreTrainedModel

from charrobust.errors import UserError, hint
from charrobust.logs import logger
from charrobust.models import CharBertConfig, CharBertForPreTraining, CharBertModel
from charrobust.models.backbones import loader_of
from charrobust.models.channels import WEIGHTS, backbone_directory, backbone_name, channel_directory, shipped_channels
from charrobust.models.folding import folded
from charrobust.models.known_words import take_spelling
from charrobust.models.telling import telling
from charrobust.models.tokenizers import tokenizer_at
from charrobust.models.weights import a_head, a_pooler, load_whole
from charrobust.training.pretraining.configuration import Configuration

_NOUN = "backbone"  # what messages call it
_OF_WORDS = ("lexicon_keys", "lexicon_size", "lexicon_tokens")
# What a known word's bias gains with the logarithm of its count: 0.43 where it was learnt, of 14 languages; where it
# was not, 0.5 recognised most (docs/experiments.md).
_FREQUENCY = 0.5
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
        if _folds(configuration):
            tokenizer = folded(tokenizer)
    size, most = configuration.data.block_size, tokenizer.model_max_length
    if size > most:
        raise UserError(f"[data] block_size is {size}, but {name} takes {most} tokens at most; give a smaller one")
    return tokenizer


def _folds(configuration: Configuration) -> bool:
    """Tell whether the tokenizer is to fold: as the run says, or else the channel that it goes on from."""
    if "fold" in configuration.channel:
        return bool(configuration.channel["fold"])
    folder = channel_directory(configuration.init) if configuration.init else None
    return folder is not None and bool(CharBertConfig.from_pretrained(folder).fold)


def build_model(
    configuration: Configuration,
    word_vocabulary_size: int,
    *,
    known: Mapping[str, int] | None = None,
    trust_remote_code: bool = False,
) -> PreTrainedModel:
    """Build the model that is trained; what the objective does not use, or is to stay, is frozen.

    Args:
        configuration: The run.
        word_vocabulary_size: Number of words of the noisy LM; 1 without one.
        known: The known words of a new channel with spelled keys, and how often they occur.
        trust_remote_code: Whether code that lies with the backbone is run.

    Returns:
        The model.

    Raises:
        UserError: The backbone cannot be loaded or is not supported, its files lack weights or hold some that are not
            finite, or the channel's options are not known.
    """
    trusted: dict[str, Any] = {"trust_remote_code": trust_remote_code}
    words = None if known is None else list(known)
    with telling(configuration.backbone, _NOUN):
        place = backbone_directory(configuration.backbone)
        if configuration.model == "plain":
            _check_plain(configuration.backbone, AutoConfig.from_pretrained(place, **trusted))
            # Encoders are often published without the head of masked LM, which is then trained anew.
            plain, new = load_whole(AutoModelForMaskedLM, place, may_lack=a_head, **trusted)
            _tell_new(configuration, new)
            encoder, _ = load_whole(AutoModel, place, may_lack=a_pooler, **trusted)
            return _with_pooler(plain, encoder)
        options = {"word_vocabulary_size": word_vocabulary_size} | _known_options(configuration.channel)
        if configuration.init:
            model = _with_channel(configuration, options, words)
        else:
            model = CharBertForPreTraining.from_backbone(place, words=words, **trusted, **options)
    if known is not None:
        _speak_for_frequent(model, known.values())
    # The name that was given, not the folder that it was found in: on another machine that lies elsewhere.
    model.config.backbone_name = configuration.backbone
    _freeze(model, configuration)
    return model


def _with_channel(
    configuration: Configuration, options: dict[str, Any], words: Sequence[str] | None
) -> CharBertForPreTraining:
    """Return the model whose channel a run goes on from; what the options add to it is new.

    With words, what a channel with stored keys knows of spelling makes the keys of these words.

    Raises:
        UserError: There is no such channel, it belongs to another backbone, or the options are those of another one.
    """
    folder = channel_directory(configuration.init)
    if folder is None:
        raise UserError(
            f"init: there is no channel at {configuration.init}; expected {' or '.join(shipped_channels())}, or a "
            f"folder with {WEIGHTS}, such as the folder `channel` of a run with --freeze-backbone"
        )
    if backbone_name(folder) != configuration.backbone:
        raise UserError(
            f"init: {configuration.init} is a channel of {backbone_name(folder)}, and the backbone of the run is "
            f"{configuration.backbone}; they must be one"
        )
    known = CharBertConfig.from_pretrained(folder)
    if known.character_entry != "recognised":
        raise UserError(f"init: {configuration.init} recognises no words; only a channel that does can be gone on from")
    _check_same(configuration, known)
    body = CharBertModel.from_pretrained(folder)
    if words is not None:
        place = backbone_directory(configuration.backbone)
        model = CharBertForPreTraining.from_backbone(place, words=words, **_options_of(known, options))
        take_spelling(model.charbert, body)
        return model
    model = CharBertForPreTraining(CharBertConfig.from_dict(known.to_dict() | options))
    # Not strict: a context is new where the channel has none.
    model.charbert.load_state_dict(body.state_dict(), strict=False)
    return model


@torch.no_grad()
def _speak_for_frequent(model: CharBertForPreTraining, counts: Iterable[int]) -> None:
    """Let the biases of known words begin with how often the words occur."""
    logs = torch.tensor(list(counts), dtype=torch.float32).clamp(min=1).log()
    model.charbert.recogniser.keys.bias.copy_(_FREQUENCY * (logs - logs.mean()))


def _options_of(known: CharBertConfig, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a channel, changed, but for those that hang on its words and on its backbone."""
    own = {option.name for option in fields(CharBertConfig)} & CharBertConfig.__annotations__.keys()
    of_words = {"backbone_config", "character_vocabulary", "lexicon_size"}
    return {name: getattr(known, name) for name in own - of_words} | options


def _check_same(configuration: Configuration, known: CharBertConfig) -> None:
    """Refuse options that differ from those of the channel, but those that add something or are no weights.

    Raises:
        UserError: One differs.
    """
    for name, value in configuration.channel.items():
        own = getattr(known, name)
        gets_words = name in _OF_WORDS and known.lexicon_keys == "stored"
        may_change = name == "fold" or (name == "recogniser_context_size" and not own) or gets_words
        if value != own and not may_change:
            raise UserError(
                f"init: {configuration.init} has {name} = {own!r}, and [channel] says {value!r}; leave it out: of a "
                "channel that is gone on from, nothing changes, but fold, recogniser_context_size where it has none, "
                "and lexicon_keys from stored to spelled"
            )


def _check_plain(name: str, config: Any) -> None:
    """Refuse a backbone that without a channel has no masked LM.

    Raises:
        UserError: It is the encoder of an encoder-decoder.
    """
    if loader_of(config) is not AutoModel:
        raise UserError(
            f'model = "plain": {name} is of the type {config.model_type!r}, whose encoder has no masked LM; give '
            'model = "charbert", which puts a channel and a masked LM on the encoder, or another backbone'
        )


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
        config = AutoConfig.from_pretrained(place, trust_remote_code=trust_remote_code)
        teacher, _ = load_whole(loader_of(config), place, may_lack=a_pooler, trust_remote_code=trust_remote_code)
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


def freeze_characters(model: Any, configuration: Configuration) -> None:
    """Freeze what reads words by their characters, if that is wanted, or if it makes the keys of known words.

    Args:
        model: A CharBERT model with heads.
        configuration: The run.

    Raises:
        UserError: Nothing is left to train.
    """
    is_spelled = model.config.character_entry == "recognised" and model.config.lexicon_keys == "spelled"
    if configuration.training.freeze_characters:
        _freeze_parts(model, ["charbert.character_encoder.", "charbert.recogniser."])
    elif is_spelled:
        # A step of training does not make spelled keys anew.
        _freeze_parts(model, ["charbert.character_encoder.", "charbert.recogniser.query."])
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise UserError(
            "training.freeze_characters leaves nothing to train; give the channel a context "
            "(`channel.recogniser_context_size`), or the run another objective"
        )


def _freeze(model: Any, configuration: Configuration) -> None:
    """Freeze heads without a weight and, if wanted, the backbone; the decoder of the masked LM is an embedding."""
    weights = configuration.objective
    frozen = []
    # Several processes wait for the gradient of every parameter that is not frozen: one without a loss stops them.
    if not weights.mlm:
        frozen.append("lm_head.")
    if not weights.nlm:
        frozen.append("word_head.")
    if configuration.training.freeze_backbone:
        frozen.append("charbert.backbone.")
    if configuration.recognises_alone:
        # Nothing behind the recogniser is run.
        frozen += ["charbert.interactions.", "charbert.merge.", "charbert.continuation", "charbert.backbone."]
    _freeze_parts(model, frozen)


def _freeze_parts(model: Any, parts: Sequence[str]) -> None:
    """Freeze the parameters whose names begin as some parts do."""
    for name, parameter in model.named_parameters():
        # By name: a decoder tied to the embedding goes by the embedding's name, and is frozen with the backbone alone.
        if name.startswith(tuple(parts)):
            parameter.requires_grad_(False)
