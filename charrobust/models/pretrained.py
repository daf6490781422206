"""What all CharBERT models share: configuration, initialisation, building from a pretrained encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedModel, initialization
from transformers.utils import ModelOutput

from .backbones import family_of
from .characters import character_table, character_vocabulary, token_pieces
from .configuration import CharBertConfig
from .interaction import GatedInteraction, GatedMerge


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
        table = body.token_characters
        grown = table.new_zeros(embedding.weight.size(0), table.size(1))
        kept = min(len(grown), len(table))
        grown[:kept] = table[:kept]
        body.token_characters = grown
        self.config.backbone_config.vocab_size = len(grown)
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
        elif isinstance(module, GatedMerge):
            initialization.zeros_(module.gate)
        else:
            super()._init_weights(module)

    def _answer(self, made: ModelOutput, return_dict: bool | None) -> Any:
        """Return an output as an object or as a tuple, as the call or the configuration wants it."""
        wants_dict = self.config.return_dict if return_dict is None else return_dict
        return made if wants_dict else made.to_tuple()

    @classmethod
    def from_backbone(cls, name: str | Path, *, revision: str | None = None, **options: Any) -> CharBertPreTrainedModel:
        """Put a character channel on a pretrained encoder; what the encoder lacks gets new weights.

        Args:
            name: Hub id or directory of the encoder and its tokenizer.
            revision: Revision on the hub.
            options: Options of :class:`CharBertConfig`, or common ones such as ``num_labels``.

        Raises:
            ValueError: The encoder's family is not supported, or its tokenizer has no fast backend.
        """
        backbone_config = AutoConfig.from_pretrained(name, revision=revision)
        family_of(backbone_config)
        pieces = token_pieces(AutoTokenizer.from_pretrained(name, revision=revision))
        if len(pieces) > backbone_config.vocab_size:
            raise ValueError(
                f"the tokenizer of {name} has {len(pieces)} tokens, its model {backbone_config.vocab_size}: they do "
                "not belong together"
            )
        options.setdefault("character_vocabulary", character_vocabulary(pieces))
        config = CharBertConfig(backbone_config=backbone_config.to_dict(), **options)
        model = cls(config)
        pretrained = AutoModel.from_pretrained(name, revision=revision, use_safetensors=True)
        body = getattr(model, "charbert", model)
        kept = body.backbone.state_dict()
        body.backbone.load_state_dict({key: value for key, value in pretrained.state_dict().items() if key in kept})
        body.token_characters.copy_(
            character_table(pieces, config.character_vocabulary, config.vocab_size, config.max_token_characters)
        )
        model.tie_weights()
        return model
