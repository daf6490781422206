"""Linear probes: a frozen encoder, and a linear map on its last layer or on a learned mix of all its layers.

The mix is that of Peters et al., "Deep contextualized word representations", NAACL 2018, equation 1. Sequence-level
heads read the mean over tokens.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    PreTrainedConfig,
    PreTrainedModel,
    initialization,
)
from transformers.configuration_utils import SubConfigSpec
from transformers.modeling_outputs import (
    QuestionAnsweringModelOutput,
    SequenceClassifierOutput,
    TokenClassifierOutput,
)

import charrobust.models  # noqa: F401 - AutoModel is to know CharBERT models


class ProbeConfig(PreTrainedConfig):
    """What a probe is made of.

    Attributes:
        encoder_config: Configuration of the encoder.
        mix: Whether all layers are mixed; else the last one is read.
    """

    model_type = "charrobust-probe"
    sub_configs_defaults = {"encoder_config": SubConfigSpec(config_class=AutoConfig, model_type="bert")}  # noqa: RUF012

    encoder_config: dict[str, Any] | PreTrainedConfig | None = None
    mix: bool = False
    tie_word_embeddings: bool = True

    @property
    def channels(self) -> int:
        """Number of channels that reach the last layer: two in a CharBERT whose channels do not merge."""
        interacting = getattr(self.encoder_config, "interacting", None)
        return 2 if interacting and interacting[-1] == self.encoder_config.num_hidden_layers - 1 else 1


class _Probe(PreTrainedModel):
    """A frozen encoder with a linear map."""

    config_class = ProbeConfig
    base_model_prefix = "encoder"
    accepts_loss_kwargs = False
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_attention_backend = True

    def __init__(self, config: ProbeConfig) -> None:
        super().__init__(config)
        self.encoder = AutoModel.from_config(config.encoder_config)
        self.encoder.requires_grad_(False).eval()
        size = config.encoder_config.hidden_size * config.channels
        if config.mix:
            self.layer_weights = nn.Parameter(torch.zeros(config.encoder_config.num_hidden_layers + 1))
            self.scale = nn.Parameter(torch.ones(()))
        self.head = nn.Linear(size, self._outputs(config))
        self.post_init()

    def _outputs(self, config: ProbeConfig) -> int:
        return int(config.num_labels)

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        """Initialise what the encoder does not bring."""
        if isinstance(module, _Probe):
            if module.config.mix:
                initialization.zeros_(module.layer_weights)
                initialization.ones_(module.scale)
        elif module is self.head:
            initialization.zeros_(module.weight)
            initialization.zeros_(module.bias)
        else:
            super()._init_weights(module)

    @classmethod
    def from_encoder(cls, encoder: PreTrainedModel, *, mix: bool, **options: Any) -> _Probe:
        """Put a new linear map on an encoder.

        Args:
            encoder: The encoder, whose weights are taken over.
            mix: Whether all layers are mixed.
            options: Options of the configuration, such as ``num_labels``.
        """
        config = ProbeConfig(encoder_config=encoder.config.to_dict(), mix=mix, **options)
        model = cls(config)
        model.encoder.load_state_dict(encoder.state_dict())
        return model

    def get_input_embeddings(self) -> nn.Module:
        """Return the encoder's word embedding."""
        return self.encoder.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the encoder's word embedding."""
        self.encoder.set_input_embeddings(value)

    def train(self, mode: bool = True) -> _Probe:
        """Set the mode; the encoder always runs without dropout."""
        super().train(mode)
        self.encoder.eval()
        return self

    def features(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None) -> Tensor:
        """Return what the linear map reads of each token, shape (batch, length, size)."""
        given = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        with torch.no_grad():
            out = self.encoder(
                input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=self.config.mix, **given
            )
        if not self.config.mix:
            return self._joined(out.last_hidden_state, out.get("character_last_hidden_state"))
        others = out.get("character_hidden_states") or (None,) * len(out.hidden_states)
        shares = self.layer_weights.softmax(0)
        layers = (self._joined(*states) for states in zip(out.hidden_states, others, strict=True))
        return self.scale * sum(share * layer for share, layer in zip(shares, layers, strict=True))

    def _joined(self, states: Tensor, others: Tensor | None) -> Tensor:
        return torch.cat([states, others], -1) if self.config.channels == 2 and others is not None else states


class ProbeForSequenceClassification(_Probe):
    """Classes of a text or a pair, or a number."""

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        **_: Any,
    ) -> SequenceClassifierOutput:
        """Score texts, shape (batch, labels)."""
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        states = self.features(input_ids, mask, token_type_ids)
        counted = mask.unsqueeze(-1).to(states.dtype)
        return SequenceClassifierOutput(logits=self.head((states * counted).sum(1) / counted.sum(1).clamp(min=1)))


class ProbeForTokenClassification(_Probe):
    """A class of each token."""

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        **_: Any,
    ) -> TokenClassifierOutput:
        """Score tokens, shape (batch, length, labels)."""
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        return TokenClassifierOutput(logits=self.head(self.features(input_ids, mask, token_type_ids)))


class ProbeForQuestionAnswering(_Probe):
    """Start and end of an answer."""

    def _outputs(self, config: ProbeConfig) -> int:
        return 2

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        **_: Any,
    ) -> QuestionAnsweringModelOutput:
        """Score starts and ends, shape (batch, length) each."""
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        start, end = self.head(self.features(input_ids, mask, token_type_ids)).unbind(-1)
        return QuestionAnsweringModelOutput(start_logits=start, end_logits=end)


AutoConfig.register(ProbeConfig.model_type, ProbeConfig)
for _auto, _model in (
    (AutoModelForSequenceClassification, ProbeForSequenceClassification),
    (AutoModelForTokenClassification, ProbeForTokenClassification),
    (AutoModelForQuestionAnswering, ProbeForQuestionAnswering),
):
    _auto.register(ProbeConfig, _model)
