"""The characters of tokens: a table by token id, and character sequences built from it on the device."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .recording import is_recorded
from .shapes import Bool, Int

BLANK = 0
BEGINS, CONTINUES, ALONE = 0, 1, 2
# A place behind all sequences and words.
_BEYOND = torch.iinfo(torch.int64).max
# A blank in front of a token, as byte-level tokenizers and as Unigram tokenizers write it.
_BEGINNING_MARKS = ("\u0120", "\u2581")

# How names of letters begin in Unicode whose scripts write no blanks between words.
_WITHOUT_BLANKS = (
    "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR",
    "TIBETAN",
)  # fmt: skip


def token_pieces(tokenizer: Any) -> list[str]:
    """Return the characters of each token of a tokenizer, by id; nothing for special tokens.

    WordPiece continuation marks are left out. Byte-level tokens are turned from byte symbols into the characters
    that their bytes spell (none where they spell only part of one); marks of a leading blank are no characters.

    Args:
        tokenizer: A tokenizer of the transformers library with a fast backend.

    Returns:
        A string for each token id.

    Raises:
        ValueError: The tokenizer has no fast backend.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ValueError(f"{type(tokenizer).__name__} has no fast backend; characters cannot be read off its tokens")
    # Which marks a piece carries is told by the kind of tokenizer, and not by the piece: "##" may be text.
    component_types = _component_types(backend)
    special = set(tokenizer.all_special_ids)
    vocabulary = tokenizer.get_vocab()
    # Ids may have gaps, so that the highest one and not their number tells the size.
    pieces = [""] * (max(vocabulary.values()) + 1)
    for token, number in vocabulary.items():
        if number not in special:
            pieces[number] = _piece(token, component_types)
    return pieces


def _component_types(backend: Any) -> set[str]:
    """Return the types of a tokenizer's decoders and pre-tokenizers, those inside sequences of them too."""
    types: set[str] = set()
    # As they are pickled: the text of the whole tokenizer would hold its vocabulary.
    parts = [part for part in (backend.decoder, backend.pre_tokenizer) if part is not None]
    pending = [json.loads(part.__getstate__()) for part in parts]
    while pending:
        component = pending.pop()
        types.add(component["type"])
        # A sequence keeps its components under one of two names, whichever it is a sequence of.
        pending += component.get("decoders") or component.get("pretokenizers") or []
    return types


def token_roles(tokenizer: Any, pieces: Sequence[str]) -> Int[Tensor, " tokens"]:
    """Return what each token is to a word: it begins one, continues one, or stands alone (marks, special tokens).

    Where blanks are marks in front of words, pieces of scripts that write no blanks between words stand alone, too.

    Args:
        tokenizer: As for :func:`token_pieces`.
        pieces: What that returned.

    Returns:
        ``BEGINS``, ``CONTINUES`` or ``ALONE`` by token id, shape (tokens,), 8-bit integers.
    """
    component_types = _component_types(tokenizer.backend_tokenizer)
    marks_beginnings = bool(component_types & {"ByteLevel", "Metaspace"})
    alone = set(tokenizer.all_special_ids) | _marks(pieces)
    if "Metaspace" in component_types:
        alone |= _pieces_without_blanks(pieces)
    roles = [ALONE] * len(pieces)
    for token, number in tokenizer.get_vocab().items():
        if number in alone:
            continue
        piece = pieces[number]
        # Byte-level and Unigram tokenizers mark what begins a word, WordPiece what continues one: there the piece
        # has lost the mark, and differs from its token.
        begins = token.startswith(_BEGINNING_MARKS) if marks_beginnings else token == piece
        roles[number] = BEGINS if begins else CONTINUES
    return torch.tensor(roles, dtype=torch.int8)


def _marks(pieces: Sequence[str]) -> set[int]:
    """Return the numbers of pieces without letters and digits; vowel signs and accents belong to words."""
    in_words = {letter for letter in set().union(*pieces) if letter.isalnum() or unicodedata.category(letter)[0] == "M"}
    return {number for number, piece in enumerate(pieces) if piece and in_words.isdisjoint(piece)}


def _pieces_without_blanks(pieces: Sequence[str]) -> set[int]:
    """Return the numbers of pieces with letters of scripts that write no blanks between words."""
    letters = {letter for letter in set().union(*pieces) if unicodedata.name(letter, "").startswith(_WITHOUT_BLANKS)}
    return {number for number, piece in enumerate(pieces) if not letters.isdisjoint(piece)}


def lexicon(pieces: Sequence[str], roles: Int[Tensor, " tokens"]) -> Int[Tensor, " words"]:
    """Return the ids of the tokens that are whole words of two letters or more.

    Args:
        pieces: The characters of each token, by id.
        roles: What each token is to a word.

    Returns:
        Token ids in rising order, shape (words,).
    """
    words = [number for number, piece in enumerate(pieces) if len(piece) > 1 and piece.isalpha()]
    begins = (roles == BEGINS).tolist()
    return torch.tensor([number for number in words if begins[number]], dtype=torch.int32)


def _piece(token: str, component_types: set[str]) -> str:
    """Return the characters of a token, without the marks of its tokenizer."""
    if "ByteLevel" in component_types:
        symbols = _byte_symbols()
        if all(symbol in symbols for symbol in token):
            # A token may begin or end amid a character: bytes that spell none are left out.
            return bytes(symbols[symbol] for symbol in token).decode("utf-8", errors="ignore").strip(" ")
        # An added token, which is written in characters and not in byte symbols.
        return token
    if "Metaspace" in component_types:
        return token.replace("\u2581", "")
    # A token that is nothing but the mark is that text.
    return token.removeprefix("##") if len(token) > 2 else token


@cache
def _byte_symbols() -> dict[str, int]:
    """Map the printable symbols of byte-level tokenizers to bytes (Radford et al., 2019).

    Bytes that Latin-1 can show stand for themselves; the others take the places from 256 on, in order.
    """
    shown = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    symbols, free = {}, 256
    for byte in range(256):
        if byte in shown:
            symbols[chr(byte)] = byte
        else:
            symbols[chr(free)] = byte
            free += 1
    return symbols


def character_vocabulary(pieces: Iterable[str], size: int = 1000) -> list[str]:
    """Return the most frequent characters of some pieces, behind the blank.

    Args:
        pieces: Strings.
        size: How many at most, the blank included.

    Returns:
        The blank, then characters from the most to the least frequent.
    """
    counts = Counter(character for piece in pieces for character in piece)
    # By code point where characters are equally frequent, so that the order of the pieces does not matter.
    by_frequency = sorted(counts, key=lambda character: (-counts[character], character))
    return ["", *by_frequency][:size]


def character_table(
    pieces: Sequence[str], vocabulary: Sequence[str], rows: int, width: int
) -> Int[Tensor, "rows width"]:
    """Return the character ids of each token.

    Args:
        pieces: The characters of each token, by id.
        vocabulary: The characters, by id.
        rows: Number of rows, at least that of the pieces: the size of the embedding.
        width: Characters a token at most; more are cut.

    Returns:
        Shape (rows, width), filled with the blank.
    """
    # Empty entries are the blank and the rows that no character reads.
    ids = {character: number for number, character in enumerate(vocabulary) if character}
    lengths: list[int] = []
    flat: list[int] = []
    for piece in pieces[:rows]:
        known = [ids[character] for character in piece if character in ids][:width]
        lengths.append(len(known))
        flat += known
    # All rows are written at once: a tensor a row costs several times what it takes to find the ids.
    is_filled = torch.arange(width) < torch.tensor(lengths, dtype=torch.int64).unsqueeze(1)
    # Half of what int64 takes, as the table is saved with the weights; rows without a piece stay blank.
    table = torch.zeros(rows, width, dtype=torch.int32)
    # A mask is filled row by row, which is the order of `flat`.
    table[: len(lengths)][is_filled] = torch.tensor(flat, dtype=torch.int32)
    return table


@dataclass(frozen=True)
class CharacterSequences:
    """Characters of a batch of texts.

    Attributes:
        characters: Ids, shape (batch, characters).
        start: Place of each token's first character, shape (batch, tokens).
        end: Place of its last, same shape.
        lengths: Number of characters of each text, padding not counted, shape (batch,).
    """

    characters: Int[Tensor, "batch characters"]
    start: Int[Tensor, "batch tokens"]
    end: Int[Tensor, "batch tokens"]
    lengths: Int[Tensor, " batch"]

    def lengthened(self, gap: int) -> CharacterSequences:
        """Return the same characters for texts with as many tokens of padding behind them."""
        start, end = (functional.pad(places, (0, gap)) for places in (self.start, self.end))
        return replace(self, start=start, end=end)


def build_sequences(
    letters: Int[Tensor, "batch tokens width"], mask: Bool[Tensor, "batch tokens"], limit: int | None
) -> CharacterSequences:
    """Write the characters of tokens one behind the other, a blank between tokens, a blank for a token without any.

    Args:
        letters: Character ids of tokens, shape (batch, tokens, characters a token).
        mask: True where there is a token, shape (batch, tokens); others take no room.
        limit: Length of the sequences; what is beyond is cut, and tokens there point at the last place. None for
            as long as needed.

    Returns:
        The sequences, with the place of each token's first and last character.
    """
    # Characters of each token, shape (batch, tokens). Blanks stand behind a token's characters, never among them.
    widths = (letters != BLANK).sum(-1).clamp(min=1) * mask
    room = (widths + 1) * mask  # a blank follows each token
    # Places that are taken up to the end of each token; less its own room, the place where it starts.
    behind = room.cumsum(1)
    lengths = (behind[:, -1] - 1).clamp(min=1)  # no blank follows the last one
    length = _sequence_length(letters, lengths) if limit is None else limit
    start = behind - room
    # Padding has a width of 0: in front of all tokens, its end would be -1.
    end = (start + widths - 1).clamp(min=0)
    # The place of each character, shape (batch, tokens, characters a token).
    places = start.unsqueeze(-1) + torch.arange(letters.size(2), device=letters.device)
    # One scatter writes all characters. It cannot leave any out: blanks, and what is cut, go to a place of their own
    # behind the sequence, which is dropped.
    written = (letters != BLANK) & mask.unsqueeze(-1)
    places = places.masked_fill(~written, _BEYOND).clamp(max=length)
    # Zeros are blanks: what no character is written to is a gap or padding already.
    characters = letters.new_zeros(letters.size(0), length + 1)
    characters = characters.scatter(1, places.flatten(1), letters.flatten(1))[:, :length]
    return CharacterSequences(
        characters,
        start=start.clamp(max=length - 1),
        end=end.clamp(max=length - 1),
        lengths=lengths.clamp(max=length),
    )


def _sequence_length(letters: Int[Tensor, "batch tokens width"], lengths: Int[Tensor, " batch"]) -> int:
    """Return the length that sequences need, or the most that they may need where the call is recorded."""
    if is_recorded():
        # Every token full, and a blank behind each: a size that follows from shapes alone.
        return letters.size(1) * (letters.size(2) + 1)
    return max(1, int(lengths.max()))


@dataclass(frozen=True)
class WordCharacters:
    """The words of a batch of texts, and their characters.

    Attributes:
        letters: Character ids of each distinct word, the blank behind them, shape (distinct words, characters).
        single: Whether a distinct word is one token, shape (distinct words,).
        place: Which distinct word each token belongs to, shape (batch, tokens).
        continues: Whether a token continues the word of the one before it, shape (batch, tokens).
    """

    letters: Int[Tensor, "words characters"]
    single: Bool[Tensor, " words"]
    place: Int[Tensor, "batch tokens"]
    continues: Bool[Tensor, "batch tokens"]


def build_words(
    letters: Int[Tensor, "batch tokens width"], roles: Int[Tensor, "batch tokens"], width: int
) -> WordCharacters:
    """Put the characters of each word's tokens together, each distinct word once.

    Args:
        letters: Character ids of tokens, shape (batch, tokens, characters a token).
        roles: What each token is to a word, shape (batch, tokens).
        width: Characters of a word at most; more are cut.

    Returns:
        The distinct words, and which of them each token belongs to.
    """
    batch, length, _ = letters.shape
    # The first token of a text always begins a word, so that the numbers below are never negative.
    begins = _word_beginnings(roles)
    # Words are numbered through the batch; each text has room for as many as it has tokens, so that no count is
    # waited for. Numbers that no word has stay empty.
    # As numbers: ONNX Runtime adds up no truth values.
    number = (begins.long().cumsum(1) - 1) + torch.arange(batch, device=letters.device).unsqueeze(1) * length
    inside = _places_in_words(letters, begins)
    # As in build_sequences: one scatter, and a place behind each word for blanks and what is cut.
    inside = inside.masked_fill(letters == BLANK, _BEYOND).clamp(max=width)
    # As if words were the rows of a matrix of width + 1 columns, written flat; the last column is the place to drop.
    places = number.unsqueeze(-1) * (width + 1) + inside
    # Tokens of one word have one number and different places, and so fill one row.
    words = letters.new_zeros(batch * length * (width + 1)).scatter(0, places.flatten(), letters.flatten())
    words = words.view(-1, width + 1)[:, :width]
    token_counts = torch.zeros_like(words[:, 0]).scatter_add(0, number.flatten(), torch.ones_like(number.flatten()))
    # Whether a word is one token goes in a last column: words of the same characters are distinct if it differs.
    single = (token_counts[number.flatten()] == 1).to(words.dtype)
    # A row a token, and not a word: rows of numbers that no word has are left out thereby.
    rows = torch.cat([words[number.flatten()], single.unsqueeze(1)], dim=1)
    distinct, place = distinct_rows(rows)
    letters, single = distinct[:, :-1], distinct[:, -1].bool()
    if not is_recorded():
        # The GRU takes a step a column: none for those in which all words are blank.
        letters = letters[:, : max(1, int((letters != BLANK).sum(1).max()))]
    return WordCharacters(letters, single=single, place=place.view(batch, length), continues=~begins)


def _word_beginnings(roles: Int[Tensor, "batch tokens"]) -> Bool[Tensor, "batch tokens"]:
    """Return where words begin: a token that continues nothing begins one, too."""
    # The role of the token before; in front of the first one stands something that no word goes on from.
    before = functional.pad(roles, (1, 0), value=ALONE)[:, :-1]
    return (roles != CONTINUES) | (before == ALONE)


def _places_in_words(
    letters: Int[Tensor, "batch tokens width"], begins: Bool[Tensor, "batch tokens"]
) -> Int[Tensor, "batch tokens width"]:
    """Return the place of each character in its word."""
    widths = (letters != BLANK).sum(-1)
    before = widths.cumsum(1) - widths  # characters of the text in front of each token
    word = begins.long().cumsum(1) - 1
    # The same count at the word's first token; a word has one such token, so that nothing is summed in truth.
    before_word = torch.zeros_like(before).scatter_add(1, word, before * begins)
    before_in_word = before - before_word.gather(1, word)
    return before_in_word.unsqueeze(-1) + torch.arange(letters.size(2), device=letters.device)


def distinct_rows(
    rows: Int[Tensor, "rows columns"],
) -> tuple[Int[Tensor, "distinct columns"], Int[Tensor, " rows"]]:
    """Return each distinct row once, and which of them each row is: what depends on a row is computed once.

    Where the call is recorded, rows stay as they are, since how many are distinct is not known.

    Args:
        rows: Shape (rows, columns).

    Returns:
        The distinct rows, shape (distinct, columns), and the number of one for each row, shape (rows,).
    """
    if is_recorded():
        return rows, torch.arange(rows.size(0), device=rows.device)
    distinct, place = torch.unique(rows, dim=0, return_inverse=True)
    return distinct, place
