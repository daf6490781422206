"""Running text on disk: the words that a tokenizer sees, numbered, in blocks that cut none of them.

A *word* is one pre-token: what the pre-tokenizer leaves whole and the tokenizer's model encodes apart from the rest.
Memory grows with the distinct words alone while a corpus is packed, and hardly at all while it is read.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from charrobust.errors import DataError, UserError
from charrobust.files import replacing
from charrobust.json_text import parse_json
from charrobust.perturb.code_points import ranges
from charrobust.progress import Progress, no_progress
from charrobust.training.pretraining.words import Pieces, WordCodec, fingerprint

Numbers = NDArray[np.integer[Any]]

PACKING = "packing"  # the stage that progress is told of
_VERSION = 1
_HEADER = "header.json"
_STRETCH = 1 << 20  # words that are encoded and written at a time
_ARRAYS: dict[str, type[np.generic]] = {
    "running": np.int32,
    "bounds": np.int64,
    "text_bytes": np.uint8,
    "text_bounds": np.int64,
    "spaced": np.bool_,
    "ids": np.int32,
    "id_bounds": np.int64,
    "counts": np.int64,
}


class WordTable:
    """The distinct words of a corpus, by number, in the order in which they first occur."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the arrays of a packed corpus, by name."""
        # All texts are one stretch of bytes on disk, with bounds: strings of their own would fill the memory.
        self._bytes = memoryview(arrays["text_bytes"].data)
        self._text_bounds, self._id_bounds = arrays["text_bounds"], arrays["id_bounds"]
        self._spaced, self._ids, self._counts = arrays["spaced"], arrays["ids"], arrays["counts"]

    def __len__(self) -> int:
        return len(self._counts)

    def texts(self, numbers: Numbers) -> list[str]:
        """Return the texts of some words, without the blank before them."""
        # As lists: a Python loop over numbers of NumPy is several times slower.
        starts, ends = self._text_bounds[numbers].tolist(), self._text_bounds[numbers + 1].tolist()
        return [str(self._bytes[start:end], "utf-8") for start, end in zip(starts, ends, strict=True)]

    def spaced(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Return which of some words carry a blank before them, same shape.

        Those are the words whose encoding the blank takes part in; for WordPiece, none.
        """
        return self._spaced[numbers]

    def pieces(self, numbers: Numbers) -> Pieces:
        """Return the token ids of some words, shape (words,), one behind the other, and how many each has."""
        starts = self._id_bounds[numbers]
        lengths = self._id_bounds[numbers + 1] - starts
        return self._ids[ranges(starts, lengths)], lengths

    def counts(self) -> NDArray[np.int64]:
        """Return how often each word stands in the blocks, shape (words,); 0 for one that fits in none."""
        return self._counts

    def text_counts(self) -> Counter[str]:
        """Return how often each text stands in the blocks, with and without a blank before it."""
        # A word with and one without a blank before it are two numbers of one text.
        totals = Counter[str]()
        for text, count in zip(self.texts(np.arange(len(self))), self._counts.tolist(), strict=True):
            totals[text] += count
        return totals


@dataclass(frozen=True, eq=False)
class PackedCorpus:
    """Running text as numbers of words, in blocks of whole words.

    Attributes:
        directory: Where it lies.
        words: The distinct words.
        running: Number of the word at each place, shape (places,), on disk.
        bounds: Block b holds the places from ``bounds[b]`` to ``bounds[b + 1]``, shape (blocks + 1,).
        block_size: Tokens that a block takes at most, with the special tokens around it.
        tokenizer: Fingerprint of the tokenizer.
    """

    directory: Path
    words: WordTable
    running: NDArray[np.int32]
    bounds: NDArray[np.int64]
    block_size: int
    tokenizer: str

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __reduce__(self) -> tuple[Any, ...]:
        """Send the place of a corpus to another process, which opens it there."""
        # Pickled as they are, the mapped arrays would be copied whole to each worker.
        return open_packed, (self.directory,)

    def block(self, number: int) -> NDArray[np.int32]:
        """Return the numbers of a block's words, shape (words,).

        Args:
            number: Number of the block.

        Returns:
            The numbers, in the order of the text.

        Raises:
            IndexError: There is no such block.
        """
        if not 0 <= number < len(self):
            raise IndexError(f"block {number} is out of range; the corpus has {len(self)} blocks")
        return self.running[self.bounds[number] : self.bounds[number + 1]]


def pack(
    documents: Iterable[str],
    tokenizer: Any,
    directory: Path,
    *,
    block_size: int,
    progress: Progress = no_progress,
) -> PackedCorpus:
    """Write the words of running text to a directory, in blocks that each hold as many as fit.

    Documents follow one another in a block; the last block may be short. Words with more tokens than a block takes
    are left out.

    Args:
        documents: The text.
        tokenizer: A tokenizer of the transformers library; see :class:`WordCodec`.
        directory: Where to; must not exist. It appears once it is complete, and not at all after an error.
        block_size: Tokens that a block takes at most, with the special tokens that the tokenizer puts around it.
        progress: Called with the words read so far, now and then.

    Returns:
        What was written, opened.

    Raises:
        DataError: The text does not fill a block.
        UserError: The directory cannot be written, or the block size leaves no room beside special tokens.
        ValueError: The tokenizer has no fast backend or no pre-tokenizer.
    """
    room = block_size - tokenizer.num_special_tokens_to_add()
    if room < 1:
        raise UserError(
            f"the block size must be larger than the {block_size - room} special tokens of the tokenizer, "
            f"got {block_size}"
        )
    packer = _Packer(WordCodec(tokenizer), room)
    with replacing(directory) as part:
        part.mkdir()
        with (part / "running").open("wb") as handle:
            packer.run(documents, handle, progress)
        packer.check_filled(block_size)
        _write(part, packer.arrays(), {"block_size": block_size, "tokenizer": fingerprint(tokenizer)})
    return open_packed(directory)


class _Packer:
    """Numbers words, counts and encodes them, and finds where blocks end."""

    def __init__(self, codec: WordCodec, room: int) -> None:
        self._codec, self._room = codec, room
        self._numbers: dict[str, int] = {}  # by pre-token
        self._texts: list[str] = []
        self._spaced: list[bool] = []
        self._ids: list[NDArray[np.int32]] = []
        self._lengths = np.zeros(0, np.int64)
        self._counts = np.zeros(0, np.int64)
        self._bounds = [0]
        self._places = self._tokens = self._open = 0  # the last: tokens of the block that is being filled

    def run(self, documents: Iterable[str], running: IO[bytes], progress: Progress) -> None:
        """Take all documents, and write the numbers of their words."""
        # An `array` holds four bytes a number, where a list holds a pointer to an object.
        stretch, read = array("i"), 0
        for document in documents:
            self._number(document, stretch)
            if len(stretch) >= _STRETCH:
                read += len(stretch)
                self._take(np.array(stretch, np.int32), running)
                del stretch[:]
                progress(PACKING, read, 0, {})
        self._take(np.array(stretch, np.int32), running)
        progress(PACKING, read + len(stretch), 0, {})

    def _number(self, document: str, stretch: array[int]) -> None:
        """Append the numbers of a document's words."""
        known = self._numbers
        for pre_token in self._codec.cut(document):
            number = known.setdefault(pre_token, len(known))
            # A new word has just got the next number.
            if number == len(self._texts):
                word, spaced = self._codec.word(pre_token)
                self._texts.append(word)
                self._spaced.append(spaced)
            stretch.append(number)

    def _take(self, stretch: NDArray[np.int32], running: IO[bytes]) -> None:
        """Encode the words that are new, and write a stretch of running text without those too long for a block."""
        self._encode_new()
        lengths = self._lengths[stretch]
        fits = lengths <= self._room
        stretch, lengths = stretch[fits], lengths[fits]
        self._counts += np.bincount(stretch, minlength=len(self._counts))
        self._fill(lengths)
        running.write(stretch.tobytes())

    def _encode_new(self) -> None:
        """Encode the words that have come since the last time."""
        # A dict keeps the order of its keys, so that those behind the known ones are new.
        known = len(self._lengths)
        ids, lengths = self._codec.pieces(list(self._numbers)[known:])
        self._ids.append(ids)
        self._lengths = np.concatenate([self._lengths, lengths])
        self._counts = np.concatenate([self._counts, np.zeros(len(lengths), np.int64)])

    def _fill(self, lengths: NDArray[np.int64]) -> None:
        """Go on filling blocks with words of some lengths in tokens."""
        # Tokens before each word, and behind the last, since the block that is open began. Blocks are few beside words,
        # so that each end is looked up by bisection.
        behind = np.cumsum(np.concatenate([[self._open], lengths]))
        base = 0
        while behind[-1] - base > self._room:
            # The last place up to which tokens fit: the next block begins there. Every word alone fits, so this ends.
            first = int(np.searchsorted(behind, base + self._room, side="right")) - 1
            self._bounds.append(self._places + first)
            base = int(behind[first])
        self._open = int(behind[-1]) - base
        self._places += len(lengths)
        self._tokens += int(lengths.sum())

    def check_filled(self, block_size: int) -> None:
        """Raise a DataError if the text does not fill a block."""
        if not self._numbers:
            raise DataError("the corpus holds no words; expected running text, one document a line or record")
        if self._tokens < self._room:
            left_out = int((self._lengths > self._room).sum())
            without = ""
            if left_out:
                without = f", without {left_out} distinct words that are longer than a block"
            raise DataError(
                f"the corpus has {self._tokens} tokens{without}; one block takes {self._room} "
                f"(`data.block_size` {block_size} less the special tokens); give more text or a smaller one"
            )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that is to be written beside the running text."""
        encoded = [text.encode() for text in self._texts]
        return {
            "bounds": np.array([*self._bounds, self._places]),
            "text_bytes": np.frombuffer(b"".join(encoded), np.uint8),
            "text_bounds": np.cumsum([0, *map(len, encoded)]),
            "spaced": np.array(self._spaced),
            "ids": np.concatenate(self._ids),
            "id_bounds": np.cumsum([0, *self._lengths]),
            "counts": self._counts,
        }


def _write(folder: Path, arrays: Mapping[str, NDArray[Any]], header: dict[str, Any]) -> None:
    # `running` is not among them: it was written while the text was read, and never lay in memory.
    for name, values in arrays.items():
        values.astype(_ARRAYS[name]).tofile(folder / name)
    # Raw arrays say nothing of themselves: with the sizes, a file that was cut short is noticed.
    sizes = {name: (folder / name).stat().st_size for name in _ARRAYS}
    (folder / _HEADER).write_text(json.dumps({"version": _VERSION, **header, "sizes": sizes}), encoding="utf-8")


def open_packed(directory: Path, tokenizer: Any = None) -> PackedCorpus:
    """Open what :func:`pack` wrote.

    Args:
        directory: Where it lies.
        tokenizer: The tokenizer that its tokens are meant for, to be checked; None for no check.

    Returns:
        The corpus, mapped into memory rather than read.

    Raises:
        UserError: There is no packed corpus, only part of one, one of another version, or one of another tokenizer.
    """
    header = _header(directory)
    if tokenizer is not None and header["tokenizer"] != fingerprint(tokenizer):
        raise UserError(f"{directory} was packed with another tokenizer; pack the text with this one, elsewhere")
    arrays = {name: _mapped(directory / name, header["sizes"][name]) for name in _ARRAYS}
    return PackedCorpus(
        directory,
        WordTable(arrays),
        running=arrays["running"],
        bounds=arrays["bounds"],
        block_size=header["block_size"],
        tokenizer=header["tokenizer"],
    )


def _header(directory: Path) -> dict[str, Any]:
    """Read and check the header of a packed corpus."""
    try:
        header = parse_json((directory / _HEADER).read_bytes())
    except OSError as error:
        raise UserError(
            f"{directory} is not a packed corpus: {_HEADER}: {error.strerror}; pack the text first"
        ) from error
    except ValueError as error:
        raise _broken(directory, f"{_HEADER} is not valid JSON ({error})") from error
    if not isinstance(header, dict):
        raise _broken(directory, f"expected version {_VERSION} of the layout, got {header!r}")
    if header.get("version") != _VERSION:
        raise _broken(directory, f"expected version {_VERSION} of the layout, got {header.get('version')!r}")
    entries = {"block_size": int, "tokenizer": str, "sizes": dict}
    wrong = [name for name, entry in entries.items() if not isinstance(header.get(name), entry)]
    if wrong or header["sizes"].keys() != _ARRAYS.keys():
        raise _broken(directory, f"{_HEADER} lacks {', '.join(wrong or ['the sizes of files'])}")
    return header


def _mapped(path: Path, size: int) -> NDArray[Any]:
    """Map a file of a packed corpus into memory."""
    present = path.stat().st_size if path.is_file() else 0
    if present != size:
        raise _broken(path.parent, f"{path.name} has {present} bytes, expected {size}")
    if not size:  # an empty file cannot be mapped
        return np.zeros(0, _ARRAYS[path.name])
    # A plain view of it: slices of a `memmap` are of its class, and making each of them is slower.
    return np.asarray(np.memmap(path, _ARRAYS[path.name], mode="r"))


def _broken(directory: Path, problem: str) -> UserError:
    return UserError(f"{directory} is not a whole packed corpus: {problem}; remove it and pack the text again")
