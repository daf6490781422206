"""Linear probes: a frozen encoder, and a linear map on its last layer or on a learned mix of all its layers.

The mix is that of Peters et al., "Deep contextualized word representations", NAACL 2018, equation 1. Sequence-level
heads read the mean over tokens.
"""

from __future__ import annotations

from typing import Any, cast

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

from charrobust.models import CharBertConfig  # and so AutoModel knows CharBERT models
from charrobust.models.shapes import Float, Int, Shaped


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
    def encoder_settings(self) -> PreTrainedConfig:
        """Configuration of the encoder, which the library has made an object of by now."""
        return cast(PreTrainedConfig, self.encoder_config)

    @property
    def channels(self) -> int:
        """Number of channels that reach the last layer: two in a CharBERT whose channels do not merge."""
        encoder = self.encoder_settings
        return 2 if isinstance(encoder, CharBertConfig) and encoder.merges_after is None else 1


class _Probe(PreTrainedModel):
    """A frozen encoder with a linear map."""

    config: ProbeConfig
    config_class = ProbeConfig
    base_model_prefix = "encoder"
    accepts_loss_kwargs = False
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_attention_backend = True

    def __init__(self, config: ProbeConfig) -> None:
        super().__init__(config)
        # Of encoders whose code the library or this package has; code that a directory brings is not run.
        encoder = AutoModel.from_config(config.encoder_config, trust_remote_code=False)
        self.encoder = cast(PreTrainedModel, encoder)
        self.encoder.requires_grad_(False).eval()
        size = config.encoder_settings.hidden_size * config.channels
        if config.mix:
            # One more than layers, for the embeddings; zeros make all shares of the softmax equal.
            self.layer_weights = nn.Parameter(torch.zeros(config.encoder_settings.num_hidden_layers + 1))
            self.scale = nn.Parameter(torch.ones(()))
        self.head = nn.Linear(size, self._outputs(config))
        self.post_init()

    def _outputs(self, config: ProbeConfig) -> int:
        return cast(int, config.num_labels)  # typed as one that may be missing, and always set

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        """Initialise what the encoder does not bring."""
        if isinstance(module, _Probe):
            if module.config.mix:
                initialization.zeros_(module.layer_weights)
                initialization.ones_(module.scale)
        # One linear map has no symmetry to break: from zero, probes of all seeds start alike.
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

        Returns:
            The probe, whose encoder is frozen.
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
        # The Trainer sets the whole model to training; dropout would make the frozen features random.
        self.encoder.eval()
        return self

    def features(
        self,
        input_ids: Int[Tensor, "batch length"],
        attention_mask: Shaped[Tensor, "batch length"],
        token_type_ids: Int[Tensor, "batch length"] | None,
    ) -> Float[Tensor, "batch length size"]:
        """Return what the linear map reads of each token, shape (batch, length, size)."""
        inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
        if token_type_ids is not None:
            inputs["token_type_ids"] = token_type_ids
        # No activation of the encoder is kept for a backward pass, which ends at the features.
        with torch.no_grad():
            out = self.encoder(**inputs, output_hidden_states=self.config.mix)
        if not self.config.mix:
            return self._joined(out.last_hidden_state, out.get("character_last_hidden_state"))
        token_layers = out.hidden_states
        character_layers = out.get("character_hidden_states") or (None,) * len(token_layers)
        shares = self.layer_weights.softmax(0)
        mix = torch.zeros((), device=shares.device)
        for share, token, character in zip(shares, token_layers, character_layers, strict=True):
            mix = mix + share * self._joined(token, character)
        return self.scale * mix

    def _joined(
        self, token: Float[Tensor, "batch length size"], character: Float[Tensor, "batch length size"] | None
    ) -> Float[Tensor, "batch length both"]:
        """Return the states of both channels side by side, where two of them reach the last layer."""
        # Where the channels merge, the last layer has one; earlier layers are then read in the token channel alone.
        if self.config.channels == 1 or character is None:
            return token
        return torch.cat([token, character], -1)


class ProbeForSequenceClassification(_Probe):
    """Classes of a text or a pair, or a number."""

    def forward(
        self,
        input_ids: Int[Tensor, "batch length"],
        attention_mask: Shaped[Tensor, "batch length"] | None = None,
        token_type_ids: Int[Tensor, "batch length"] | None = None,
        **_: Any,
    ) -> SequenceClassifierOutput:
        """Score texts, shape (batch, labels)."""
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        states = self.features(input_ids, mask, token_type_ids)
        counted = mask.unsqueeze(-1).to(states.dtype)
        means = (states * counted).sum(1) / counted.sum(1).clamp(min=1)
        return SequenceClassifierOutput(logits=self.head(means))


class ProbeForTokenClassification(_Probe):
    """A class of each token."""

    def forward(
        self,
        input_ids: Int[Tensor, "batch length"],
        attention_mask: Shaped[Tensor, "batch length"] | None = None,
        token_type_ids: Int[Tensor, "batch length"] | None = None,
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
        input_ids: Int[Tensor, "batch length"],
        attention_mask: Shaped[Tensor, "batch length"] | None = None,
        token_type_ids: Int[Tensor, "batch length"] | None = None,
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
