"""Small encoders of several families, and one whose states are known."""

from __future__ import annotations

from types import SimpleNamespace

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModel, ModernBertConfig, PreTrainedTokenizerFast
from transformers.modeling_outputs import BaseModelOutput

from charrobust.models import CharBertModel
from charrobust.scoring.sensitivity.encoders import WordEncoder
from tests.models.families import SIZES
from tests.models.tokenizers import wordpiece
from tests.training.runs import FAMILIES

ENCODERS = {**FAMILIES, "modernbert": (wordpiece, ModernBertConfig(**SIZES, pad_token_id=0, local_attention=8))}
CHANNELS = {
    "gated": {"interaction": "gated"},
    "merging": {"interaction": "highway", "interaction_layers": [0], "character_rnn": "token"},
    "released": {"interaction": "released", "padding": "released"},
}
ANGLES = {"cat": 0, "act": 180, "ca": 90, "##xt": 0, "sat": 45}  # degrees
OTHER_ANGLES = {"cat": 0, "act": 90, "ca": 0, "##xt": 0, "sat": 0}  # of the layer below


def make_encoder(family: str, **options: object) -> WordEncoder:
    """Return a random encoder with its tokenizer."""
    tokenizer, config = ENCODERS[family]
    torch.manual_seed(0)
    return WordEncoder(AutoModel.from_config(config), tokenizer(), name=family, **options)


def make_channel(folder, **options: object) -> WordEncoder:
    """Return a random CharBERT on the backbone in a folder."""
    from transformers import AutoTokenizer

    torch.manual_seed(0)
    model = CharBertModel.from_backbone(folder, **options)
    return WordEncoder(model, AutoTokenizer.from_pretrained(folder), name="charbert")


class Lookup(torch.nn.Module):
    """An encoder whose states are a token's vector, whatever stands around it."""

    device = torch.device("cpu")

    def __init__(self, *tables: torch.Tensor) -> None:
        super().__init__()
        self.config = SimpleNamespace(is_encoder_decoder=False, max_position_embeddings=64)
        self.tables = tables

    def forward(self, input_ids, attention_mask, output_hidden_states=False):
        layers = tuple(table[input_ids] for table in self.tables)
        return BaseModelOutput(last_hidden_state=layers[-1], hidden_states=layers if output_hidden_states else None)


def lookup_encoder() -> WordEncoder:
    """Return an encoder of two layers with states at known angles."""
    tokens = ["[PAD]", "[UNK]", *ANGLES]
    tokenizer = Tokenizer(models.WordPiece({token: number for number, token in enumerate(tokens)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]")
    tables = []
    for angles in (OTHER_ANGLES, ANGLES):
        turned = torch.deg2rad(torch.tensor([30.0, 60.0, *map(float, angles.values())]))
        tables.append(torch.stack([turned.cos(), turned.sin()], 1) * torch.arange(1, len(turned) + 1).unsqueeze(1))
    return WordEncoder(Lookup(*tables), fast, name="lookup")
