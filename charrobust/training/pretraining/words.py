"""Words as a tokenizer sees them: its pre-tokens, cut from documents, encoded, and encoded again once they changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders

Pieces = tuple[NDArray[np.int32], NDArray[np.int64]]


class WordCodec:
    """Cuts documents into words, and encodes words as the tokenizer does in running text.

    A word is one pre-token: what the pre-tokenizer leaves whole and the tokenizer's model encodes apart from the rest.
    The pieces of a document's words, one behind the other, are those of the document. Special and added tokens are
    not looked for: text is text.
    """

    def __init__(self, tokenizer: Any) -> None:
        """Take what is needed of a tokenizer.

        Args:
            tokenizer: A tokenizer of the transformers library with a fast backend and a pre-tokenizer.

        Raises:
            ValueError: It lacks one of them.
        """
        content, backend = _content(tokenizer), tokenizer.backend_tokenizer
        steps, normalizer = _steps(content["pre_tokenizer"]), backend.normalizer
        self._normalise: Callable[[str], str] = normalizer.normalize_str if normalizer else str
        self._cut = backend.pre_tokenizer.pre_tokenize_str
        self._spelled: Callable[[list[str]], str] = decoders.ByteLevel().decode if _has_bytes(steps) else "".join
        # SentencePiece writes the blank before a word as a mark of its own, as a rule U+2581.
        self._mark = next((step["replacement"] for step in steps if step["type"] == "Metaspace"), " ")
        self._marks_all = any(step.get("prepend_scheme") == "always" for step in steps)
        # The model alone: it is given pre-tokens, which must not be normalised and cut once more.
        self._bare = Tokenizer(backend.model)
        self._amid = _amid_text(content)
        self._amid.model = backend.model  # given here, not as JSON, for a vocabulary is large

    def cut(self, document: str) -> list[str]:
        """Return the pre-tokens of a document, as the tokenizer's model takes them."""
        return [pre_token for pre_token, _ in self._cut(self._normalise(document))]

    def word(self, pre_token: str) -> tuple[str, bool]:
        """Return the text of a pre-token, and whether it carries a blank before it, which is not in the text."""
        spelled = self._spelled([pre_token])
        return spelled.removeprefix(self._mark), spelled.startswith(self._mark)

    def pieces(self, pre_tokens: Sequence[str]) -> Pieces:
        """Return the token ids of pre-tokens, one behind the other, and how many each has."""
        return _joined(self._bare, pre_tokens)

    def encode(self, texts: Sequence[str], spaced: NDArray[np.bool_]) -> Pieces:
        """Encode words, changed ones too, as they would be encoded in running text.

        Args:
            texts: The words' texts.
            spaced: Which of them carry a blank before them, shape (texts,).

        Returns:
            The token ids, one word behind the other, and how many each word has.
        """
        running = []
        for text, has_blank in zip(texts, spaced.tolist(), strict=True):
            # Where each pre-token gets a mark of its own, a blank would be one more; a lone blank is still one.
            gets_mark = text and self._marks_all
            running.append(f" {text}" if has_blank and not gets_mark else text)
        return _joined(self._amid, running)


def fingerprint(tokenizer: Any) -> str:
    """Return a hash of all in a tokenizer that words and their ids depend on; truncation and padding are not.

    Args:
        tokenizer: A tokenizer of the transformers library.

    Returns:
        The hash, in hexadecimal digits.

    Raises:
        ValueError: The tokenizer has no fast backend or no pre-tokenizer.
    """
    content = _content(tokenizer)
    parts = [content[name] for name in ("normalizer", "pre_tokenizer", "model")]
    return xxhash.xxh3_128_hexdigest(json.dumps(parts).encode())


def _content(tokenizer: Any) -> dict[str, Any]:
    """Return the parts of a tokenizer, once it is known to have those that are needed."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    name = f"{type(tokenizer).__name__} {getattr(tokenizer, 'name_or_path', '')!r}"
    if backend is None:
        raise ValueError(f"{name} has no fast backend; expected one of the tokenizers library")
    if backend.pre_tokenizer is None:
        raise ValueError(f"{name} has no pre-tokenizer, and so no words; expected one such as that of BERT or RoBERTa")
    content: dict[str, Any] = json.loads(backend.to_str())
    return content


def _steps(pre_tokenizer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the pre-tokenizers that one consists of."""
    if "pretokenizers" not in pre_tokenizer:
        return [pre_tokenizer]
    return list(chain.from_iterable(map(_steps, pre_tokenizer["pretokenizers"])))


def _has_bytes(steps: list[dict[str, Any]]) -> bool:
    """Return whether pre-tokens spell bytes, not characters."""
    return any(step["type"] == "ByteLevel" for step in steps)


def _amid_text(content: dict[str, Any]) -> Tokenizer:
    """Return a tokenizer, still without a model, that sees a word by itself as it would be amid a document."""
    # A word by itself stands first in its text, where some pre-tokenizers would put a blank that was not there.
    for step in _steps(content["pre_tokenizer"]):
        if step["type"] == "ByteLevel":
            step["add_prefix_space"] = False
        elif step.get("prepend_scheme") == "first":
            step["prepend_scheme"] = "never"
    # A post-processor puts special tokens around; without a model in the JSON, parsing does not read a vocabulary.
    left_out = dict.fromkeys(("truncation", "padding", "post_processor"))
    model = {"type": "WordLevel", "vocab": {}, "unk_token": ""}
    return Tokenizer.from_str(json.dumps({**content, **left_out, "added_tokens": [], "model": model}))


def _joined(tokenizer: Tokenizer, texts: Sequence[str]) -> Pieces:
    """Return the token ids of texts, one behind the other, and how many each has."""
    # The fast variant computes no offsets, which nobody asks for here.
    encoded = [encoding.ids for encoding in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
    lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
    return np.fromiter(chain.from_iterable(encoded), np.int32, int(lengths.sum())), lengths
