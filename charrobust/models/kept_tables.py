"""What is made of many known words when a channel is loaded, kept in the user's cache: their tokens and keys.

The tables of tokens are kept with them, so that the tokenizer need not be loaded. A published copy of these modules
stands without charrobust, and keeps nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch
import transformers
from torch import Tensor

from .configuration import CharBertConfig

try:
    from charrobust import cache
    from charrobust.errors import UserError
except ImportError:  # a published copy
    cache = None  # type: ignore[assignment]

KEYS = "recogniser.keys.weight"
_FORM = 1  # of what is kept: raised where the tables, or what makes them, change
_WORTH = 10_000  # known words; of fewer all is made in no time
_MOST = 4  # lexicons that are kept, of some 60 megabytes each
_NAME, _FILE = "lexicon-", "tables.safetensors"
# What tables and keys are made of.
_SETTINGS = ("character_", "lexicon_", "max_")
_WEIGHTS = ("character_encoder.", "recogniser.query.")
_TOKENIZER = (".json", ".txt", ".model")


@dataclass(frozen=True)
class KeptTables:
    """The place in the cache of what is made of known words.

    Attributes:
        folder: Its folder, whose name is a digest of all that it is made of.
    """

    folder: Path

    @classmethod
    def of(
        cls, config: CharBertConfig, words: Sequence[str] | None, *, backbone: str | Path, weights: Mapping[str, Tensor]
    ) -> KeptTables | None:
        """Return the place of a channel's tables.

        Args:
            config: The configuration.
            words: The known words; None where keys are stored.
            backbone: Where the tokenizer lies.
            weights: The weights of the channel.

        Returns:
            The place; None of few words, of a tokenizer that lies in no folder, or where there is no cache.
        """
        if cache is None or words is None or len(words) < _WORTH or not Path(backbone).is_dir():
            return None
        try:
            return cls(cache.cache_directory() / f"{_NAME}{_digest(config, words, Path(backbone), weights)}")
        except (OSError, RuntimeError):  # of a tokenizer that cannot be read; of a user without a home
            return None

    def load(self) -> dict[str, Tensor] | None:
        """Return the tables, with the keys; None where they are not kept, or damaged."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            tables = load_file(self.folder / _FILE) if cache.is_whole(self.folder) else None
        except (OSError, SafetensorError):  # removed by another process since
            return None
        with suppress(OSError):
            os.utime(self.folder)
        return tables

    def keep(self, tables: Mapping[str, Tensor]) -> None:
        """Keep tables, if the cache can be written; the oldest others go.

        Args:
            tables: The tables, with the keys that were made.
        """
        from safetensors.torch import save

        content = save({name: table.contiguous() for name, table in tables.items()})
        # Without a place to keep them, they are made anew each time.
        with suppress(UserError, OSError):
            cache.keep(self.folder, lambda folder: _write(content, folder / _FILE))
            _forget_oldest(self.folder.parent)


def _write(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _forget_oldest(cache: Path) -> None:
    """Remove what was used longest ago, of more than are kept."""
    folders = sorted(cache.glob(f"{_NAME}*"), key=lambda folder: folder.stat().st_mtime)
    for folder in folders[:-_MOST]:
        shutil.rmtree(folder, ignore_errors=True)


def _digest(config: CharBertConfig, words: Sequence[str], backbone: Path, weights: Mapping[str, Tensor]) -> str:
    """Return a digest of all that tables and keys are made of."""
    settings = {name: value for name, value in config.to_dict().items() if name.startswith(_SETTINGS)}
    libraries = [torch.__version__, transformers.__version__]
    told = [_FORM, libraries, config.vocab_size, settings, list(words)]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for name in sorted(weights):
        if name.startswith(_WEIGHTS):
            _add(digest, name, weights[name].contiguous().numpy().tobytes())
    for path in sorted(backbone.iterdir()):
        if path.suffix in _TOKENIZER:
            _add(digest, path.name, path.read_bytes())
    return digest.hexdigest()[:32]


def _add(digest: hashlib._Hash, name: str, content: bytes) -> None:
    """Add what has a name to a digest, with its length, so that nothing can pass for something else."""
    digest.update(f"{name}\n{len(content)}\n".encode())
    digest.update(content)
