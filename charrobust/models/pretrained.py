"""What all CharBERT models share: configuration, initialisation, building from a pretrained encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedModel, initialization
from transformers.utils import ModelOutput

from .backbones import family_of
from .channels import backbone_directory, backbone_name, channel_directory, load_channel
from .character_encoder import CharacterEncoder
from .characters import ALONE, BLANK, character_table, character_vocabulary, lexicon, token_pieces, token_roles
from .configuration import CharBertConfig
from .interaction import GatedInteraction, GatedMerge, HighwayInteraction
from .recognition import Recogniser


class CharBertPreTrainedModel(PreTrainedModel):
    """What all CharBERT models share: configuration, initialisation, building from a backbone."""

    config_class = CharBertConfig
    base_model_prefix = "charbert"
    supports_gradient_checkpointing = True
    accepts_loss_kwargs = False  # the keyword arguments of heads are inputs, not arguments of a loss
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_attention_backend = True

    def resize_token_embeddings(self, new_num_tokens: int | None = None, *arguments: Any, **named: Any) -> nn.Embedding:
        """Change the size of the vocabulary; new tokens have no characters until the table is given some."""
        embedding = super().resize_token_embeddings(new_num_tokens, *arguments, **named)
        body = getattr(self, "charbert", self)
        size = embedding.weight.size(0)
        body.token_characters = _resized(body.token_characters, size, BLANK)
        if self.config.character_rnn == "word":
            body.token_roles = _resized(body.token_roles, size, ALONE)
        self.config.backbone_config.vocab_size = size
        return embedding

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        """Initialise new weights, the recurrent networks and gates among them, which the library leaves alone."""
        if isinstance(module, nn.GRU):
            bound = module.hidden_size**-0.5
            for weight in module.parameters():
                initialization.uniform_(weight, -bound, bound)
        elif isinstance(module, nn.LayerNorm):
            initialization.ones_(module.weight)
            initialization.zeros_(module.bias)
        elif isinstance(module, GatedInteraction):
            initialization.zeros_(module.token_gate)
        elif isinstance(module, GatedMerge | HighwayInteraction):
            initialization.zeros_(module.gate)
        elif isinstance(module, Recogniser):
            initialization.zeros_(module.known)
            for linear in (layer for layer in module.modules() if isinstance(layer, nn.Linear)):
                initialization.normal_(linear.weight, std=linear.in_features**-0.5)
        elif isinstance(module, CharacterEncoder) and self.config.character_entry == "recognised":
            initialization.normal_(module.embedding.weight)
        elif getattr(module, "continuation", None) is not None:
            initialization.zeros_(module.continuation)
        else:
            super()._init_weights(module)

    def _answer(self, made: ModelOutput, return_dict: bool | None) -> Any:
        """Return an output as an object or as a tuple, as the call or the configuration wants it."""
        wants_dict = self.config.return_dict if return_dict is None else return_dict
        return made if wants_dict else made.to_tuple()

    @classmethod
    def from_pretrained(  # type: ignore[override]
        cls, pretrained_model_name_or_path: Any, *model_args: Any, **kwargs: Any
    ) -> CharBertPreTrainedModel:
        """Load a model, as the library does; a character channel kept apart joins its backbone.

        Args:
            pretrained_model_name_or_path: Directory, hub id, or the name of a channel that comes with the package
                (``charbert-minilm-l6``).
            model_args: See :meth:`transformers.PreTrainedModel.from_pretrained`.
            kwargs: See there.

        Raises:
            ValueError: The channel and its backbone do not belong together.
        """
        folder = channel_directory(pretrained_model_name_or_path)
        if folder is None:
            return super().from_pretrained(pretrained_model_name_or_path, *model_args, **kwargs)
        dtype = kwargs.pop("dtype", torch.float32)
        config, others = CharBertConfig.from_pretrained(folder, return_unused_kwargs=True, **kwargs)
        config = others.pop("config", config)
        backbone = backbone_directory(backbone_name(folder))
        state = _backbone_state(backbone, None) | _tables(config, AutoTokenizer.from_pretrained(backbone))
        if not config.keep_pooler:
            state = {key: value for key, value in state.items() if not key.startswith("backbone.pooler.")}
        state |= load_channel(folder)
        return super().from_pretrained(None, *model_args, config=config, state_dict=state, dtype=dtype, **others)

    @classmethod
    def from_backbone(cls, name: str | Path, *, revision: str | None = None, **options: Any) -> CharBertPreTrainedModel:
        """Put a character channel on a pretrained encoder; what the encoder lacks gets new weights.

        Args:
            name: Hub id or directory of the encoder and its tokenizer, or ``minilm``.
            revision: Revision on the hub.
            options: Options of :class:`CharBertConfig`, or common ones such as ``num_labels``.

        Raises:
            ValueError: The encoder's family is not supported, or its tokenizer has no fast backend.
        """
        place = backbone_directory(name)
        backbone_config = AutoConfig.from_pretrained(place, revision=revision)
        family_of(backbone_config)
        tokenizer = AutoTokenizer.from_pretrained(place, revision=revision)
        pieces = token_pieces(tokenizer)
        if len(pieces) > backbone_config.vocab_size:
            raise ValueError(
                f"the tokenizer of {name} has {len(pieces)} tokens, its model {backbone_config.vocab_size}: they do "
                "not belong together"
            )
        options.setdefault("character_vocabulary", character_vocabulary(pieces))
        if options.get("character_entry") == "recognised":
            options.setdefault("character_rnn", "word")
            options.setdefault("lexicon_size", len(lexicon(pieces, token_roles(tokenizer, pieces))))
        config = CharBertConfig(backbone_config=backbone_config.to_dict(), **options)
        model = cls(config)
        body = getattr(model, "charbert", model)
        given = _backbone_state(place, revision) | _tables(config, tokenizer)
        body.load_state_dict({key: given.get(key, value) for key, value in body.state_dict().items()})
        model.tie_weights()
        return model


def _resized(table: Tensor, rows: int, value: int) -> Tensor:
    """Return a table with as many rows, new ones filled with a value."""
    grown = table.new_full((rows, *table.shape[1:]), value)
    kept = min(rows, len(table))
    grown[:kept] = table[:kept]
    return grown


def _backbone_state(name: str | Path, revision: str | None) -> dict[str, Tensor]:
    """Return the weights of a backbone, as those of a part of a CharBERT model."""
    pretrained = AutoModel.from_pretrained(name, revision=revision, use_safetensors=True)
    return {f"backbone.{key}": value for key, value in pretrained.state_dict().items()}


def _tables(config: CharBertConfig, tokenizer: Any) -> dict[str, Tensor]:
    """Return what a model knows of the tokens of its tokenizer: characters, roles in words, the lexicon.

    Raises:
        ValueError: The vocabulary or the lexicon is not that of the configuration.
    """
    pieces = token_pieces(tokenizer)
    if len(pieces) > config.vocab_size:
        raise ValueError(
            f"the channel is for {config.vocab_size} tokens, the tokenizer of its backbone has {len(pieces)}: they do "
            "not belong together"
        )
    tables = {
        "token_characters": character_table(
            pieces, config.character_vocabulary, config.vocab_size, config.max_token_characters
        )
    }
    if config.character_rnn == "word":
        roles = token_roles(tokenizer, pieces)
        tables["token_roles"] = functional.pad(roles, (0, config.vocab_size - len(roles)), value=ALONE)
        if config.character_entry == "recognised":
            words = lexicon(pieces, roles)
            if len(words) != config.lexicon_size:
                raise ValueError(
                    f"the channel knows {config.lexicon_size} words, the tokenizer of its backbone {len(words)}: they "
                    "do not belong together"
                )
            tables["lexicon"] = words
    return tables
