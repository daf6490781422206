"""Sentence vectors: the mean of a transformer's last layer over the tokens of a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class SentenceEncoder:
    """A frozen encoder that turns texts into vectors.

    Attributes:
        size: Dimension of the vectors.
    """

    def __init__(self, model: Any, tokenizer: Any, max_length: int = 256) -> None:
        """Wrap a model and its tokenizer.

        Args:
            model: An encoder of the transformers library.
            tokenizer: Its tokenizer.
            max_length: Texts are cut to this many tokens.
        """
        self._model, self._tokenizer, self._max_length = model.eval(), tokenizer, max_length
        self.size: int = model.config.hidden_size

    @classmethod
    def from_pretrained(cls, name: str | Path) -> SentenceEncoder:
        """Load an encoder by hub id or from a directory; safetensors only, and no code that comes with it.

        Args:
            name: The hub id or directory.

        Returns:
            The encoder.

        Raises:
            ValueError: Weights are missing, of another shape, or not finite, or it needs code of its own.
        """
        from transformers import AutoModel, AutoTokenizer

        from charrobust.models.weights import a_pooler, load_whole

        model, _ = load_whole(AutoModel, name, may_lack=a_pooler, use_safetensors=True)
        return cls(model, AutoTokenizer.from_pretrained(name, trust_remote_code=False))

    def encode(
        self, texts: Sequence[str], *, batch_size: int = 32, progress: Callable[[int], object] = lambda _: None
    ) -> NDArray[np.float32]:
        """Return the vectors of some texts.

        Args:
            texts: The texts.
            batch_size: Texts a batch; batches hold texts of like length.
            progress: Called with the number of texts done.

        Returns:
            Shape (texts, size), each of length 1.
        """
        import torch

        vectors = np.zeros((len(texts), self.size), np.float32)
        # By characters, which go with tokens closely enough to pad little; results go back to their places by number.
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        with torch.inference_mode():
            for first in range(0, len(order), batch_size):
                numbers = order[first : first + batch_size]
                encoded = self._tokenizer(
                    [texts[number] for number in numbers],
                    padding=True,
                    truncation=True,
                    max_length=self._max_length,
                    return_tensors="pt",
                )
                states = self._model(**encoded).last_hidden_state
                mask = encoded["attention_mask"].unsqueeze(-1)
                # Padding counts neither in the sum nor in the number of tokens; at least 1, for a text without any.
                means = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
                vectors[numbers] = torch.nn.functional.normalize(means, dim=-1).numpy()
                progress(first + len(numbers))
        return vectors
