"""Backbones that read a text in windows or blocks, and want its length to be a multiple of theirs.

They would pad texts by themselves, behind the back of the character channel.
"""

from __future__ import annotations

from typing import Any

import torch

from .recording import is_recorded

SPARSE, FULL = "block_sparse", "original_full"


def fit_windows(model: Any, length: int) -> int:
    """Return the length that a Longformer reads a text at.

    Args:
        model: The Longformer.
        length: Length of the text.

    Returns:
        The next multiple of its window.

    Raises:
        ValueError: The call is recorded.
    """
    if is_recorded():
        raise ValueError(
            "a Longformer cannot be recorded (torch.export, ONNX, torch.jit.trace): its windows become numbers of the "
            "program, which then fails at other lengths; run the model in Python, or take a BigBird"
        )
    return _next_multiple(length, max(model.config.attention_window))


def fit_blocks(model: Any, length: int) -> int:
    """Make a BigBird ready for texts of a length: attention is full where they are too short for sparse attention.

    Args:
        model: The BigBird.
        length: Length of the texts.

    Returns:
        The next multiple of its blocks, or the length itself if attention is full.
    """
    config = model.config
    # The library's own rule: first and last block, three around a token, and the random ones twice.
    longest_full = (5 + 2 * config.num_random_blocks) * config.block_size
    if config.attention_type == FULL or length <= longest_full:
        _set_attention(model, FULL)
        return length
    _set_attention(model, SPARSE)
    return _next_multiple(length, config.block_size)


def _set_attention(model: Any, kind: str) -> None:
    """Set the kind of attention of a BigBird.

    Left to itself it goes over to full attention at the first short text, and never back: what it says of a text would
    depend on those before it.
    """
    if model.attention_type == kind:
        return
    attentions = [layer.attention for layer in model.encoder.layer]
    replaced = [attention.self for attention in attentions]
    # New modules take over the weights. Those that they are made with are dropped, and should draw no random numbers.
    with torch.device("meta"):
        model.set_attention_type(kind)
    for attention, before in zip(attentions, replaced, strict=True):
        # The library hears of attention weights by hooks, which it attaches once.
        attention.self._forward_hooks.update(before._forward_hooks)


def _next_multiple(length: int, size: int) -> int:
    """Return the smallest multiple of a size that is not below a length."""
    return -(-length // size) * size
