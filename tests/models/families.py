"""Tiny random configurations of every supported family."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
import torch
from transformers import (
    AlbertConfig,
    BertConfig,
    BigBirdConfig,
    DebertaConfig,
    DebertaV2Config,
    DistilBertConfig,
    ElectraConfig,
    ErnieConfig,
    LongformerConfig,
    MobileBertConfig,
    ModernBertConfig,
    MPNetConfig,
    PreTrainedConfig,
    RobertaConfig,
    T5Config,
    UMT5Config,
    XLNetConfig,
)

from charrobust.models import CharBertConfig, CharBertModel

SIZES = {
    "vocab_size": 99,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 37,
    "max_position_embeddings": 64,
}

_T5_SIZES = {"vocab_size": 99, "d_model": 32, "num_layers": 3, "num_heads": 4, "d_kv": 8, "d_ff": 37}

BACKBONES: dict[str, PreTrainedConfig] = {
    "bert": BertConfig(**SIZES),
    "roberta": RobertaConfig(**SIZES, pad_token_id=1),
    "mpnet": MPNetConfig(**SIZES, pad_token_id=1),
    "electra": ElectraConfig(**SIZES, embedding_size=16),
    "distilbert": DistilBertConfig(
        vocab_size=99, dim=32, n_layers=3, n_heads=4, hidden_dim=37, max_position_embeddings=64
    ),
    "albert": AlbertConfig(**SIZES, embedding_size=16),
    "xlnet": XLNetConfig(vocab_size=99, d_model=32, n_layer=3, n_head=4, d_inner=37),
    "deberta": DebertaConfig(**SIZES),
    "deberta-v2": DebertaV2Config(
        **SIZES, relative_attention=True, pos_att_type=["c2p", "p2c"], conv_kernel_size=3, position_buckets=8
    ),
    "modernbert": ModernBertConfig(**SIZES, pad_token_id=0, global_attn_every_n_layers=2, local_attention=8),
    "ernie": ErnieConfig(**SIZES, use_task_id=True),
    "mobilebert": MobileBertConfig(**SIZES, embedding_size=16, intra_bottleneck_size=16, num_feedforward_networks=2),
    "longformer": LongformerConfig(**SIZES, attention_window=8),
    "big_bird": BigBirdConfig(**SIZES, block_size=16, num_random_blocks=1),
    "t5": T5Config(**_T5_SIZES),
    "umt5": UMT5Config(**_T5_SIZES),
}


def make_config(name: str, **options: object) -> CharBertConfig:
    """Return a configuration with a small character vocabulary."""
    characters = ["", *"abcdefgh"]
    return CharBertConfig(
        **{
            "backbone_config": BACKBONES[name].to_dict(),
            "character_vocabulary": characters,
            "character_rnn": "sequence",  # what padding and order can spoil most
            "max_token_characters": 5,
            "word_vocabulary_size": 20,
            **options,
        },
    )


def fill_table(model: torch.nn.Module) -> None:
    """Give tokens random characters, 0 to 5 each."""
    body = getattr(model, "charbert", model)
    generator = torch.Generator().manual_seed(1)
    table = torch.randint(1, 9, body.token_characters.shape, generator=generator, dtype=torch.int32)
    widths = torch.randint(0, 6, (len(table), 1), generator=generator)
    body.token_characters.copy_(table * (torch.arange(table.size(1)) < widths))


def make_model(name: str, kind: type = CharBertModel, **options: object) -> torch.nn.Module:
    """Return a model with random weights, in evaluation mode."""
    torch.manual_seed(0)
    model = kind(make_config(name, **options))
    fill_table(model)
    return model.eval()


def rest_at_night(values: Iterable[object]) -> list[object]:
    """Return parameters of a test: the first runs by default, the others are marked as nightly."""
    first, *others = values
    return [first, *(pytest.param(value, marks=pytest.mark.nightly) for value in others)]


def make_batch(name: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids and mask of four texts, the second with four paddings."""
    torch.manual_seed(2)
    ids = torch.randint(5, 99, (4, 11))
    mask = torch.ones_like(ids)
    mask[1, 7:] = 0
    ids[1, 7:] = BACKBONES[name].pad_token_id or 0
    return ids, mask


def further_inputs(name: str, ids: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return what a family takes besides, so that all of its weights are used."""
    if name != "longformer":
        return {}
    first = torch.zeros_like(ids)
    first[:, 0] = 1
    return {"global_attention_mask": first}
