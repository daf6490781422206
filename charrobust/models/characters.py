"""The characters of tokens: a table by token id, and character sequences built from it on the device."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

BLANK = 0
BEGINS, CONTINUES, ALONE = 0, 1, 2


def token_pieces(tokenizer: Any) -> list[str]:
    """Return the characters of each token of a tokenizer, by id; nothing for special tokens.

    WordPiece continuation marks are left out. Byte-level tokens are turned from byte symbols into the characters
    that their bytes spell (none where they spell only part of one); marks of a leading blank are no characters.

    Args:
        tokenizer: A tokenizer of the transformers library with a fast backend.

    Raises:
        ValueError: The tokenizer has no fast backend.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ValueError(f"{type(tokenizer).__name__} has no fast backend; characters cannot be read off its tokens")
    kinds = _kinds(backend)
    special = set(tokenizer.all_special_ids)
    vocabulary = tokenizer.get_vocab()
    pieces = [""] * (max(vocabulary.values()) + 1)
    for token, number in vocabulary.items():
        if number not in special:
            pieces[number] = _piece(token, kinds)
    return pieces


def _kinds(backend: Any) -> set[str]:
    """Return the types of a tokenizer's decoders and pre-tokenizers."""
    content = json.loads(backend.to_str())
    return {part["type"] for name in ("decoder", "pre_tokenizer") for part in _parts(content[name])}


def token_roles(tokenizer: Any, pieces: Sequence[str]) -> Tensor:
    """Return what each token is to a word: it begins one, continues one, or stands alone (marks, special tokens).

    Args:
        tokenizer: As for :func:`token_pieces`.
        pieces: What that returned.

    Returns:
        ``BEGINS``, ``CONTINUES`` or ``ALONE`` by token id, shape (tokens,), 8-bit integers.
    """
    kinds = _kinds(tokenizer.backend_tokenizer)
    special = set(tokenizer.all_special_ids)
    roles = torch.full((len(pieces),), ALONE, dtype=torch.int8)
    for token, number in tokenizer.get_vocab().items():
        if number in special or (pieces[number] and not any(map(str.isalnum, pieces[number]))):
            continue
        marked = bool(kinds & {"ByteLevel", "Metaspace"})
        begins = token.startswith(("\u0120", "\u2581")) if marked else token == pieces[number]
        roles[number] = BEGINS if begins else CONTINUES
    return roles


def lexicon(pieces: Sequence[str], roles: Tensor) -> Tensor:
    """Return the ids of the tokens that are whole words of two letters or more.

    Args:
        pieces: The characters of each token, by id.
        roles: What each token is to a word.
    """
    words = [number for number, piece in enumerate(pieces) if len(piece) > 1 and piece.isalpha()]
    return torch.tensor([number for number in words if roles[number] == BEGINS], dtype=torch.int32)


def _parts(content: dict[str, Any] | None) -> list[dict[str, Any]]:
    if content is None:
        return []
    nested = content.get("decoders") or content.get("pretokenizers") or []
    return [content, *(inner for part in nested for inner in _parts(part))]


def _piece(token: str, kinds: set[str]) -> str:
    if "ByteLevel" in kinds:
        symbols = _byte_symbols()
        if all(symbol in symbols for symbol in token):
            return bytes(symbols[symbol] for symbol in token).decode("utf-8", errors="ignore").strip(" ")
        return token
    if "Metaspace" in kinds:
        return token.replace("\u2581", "")
    return token.removeprefix("##") if len(token) > 2 else token


def _byte_symbols() -> dict[str, int]:
    """Map the printable symbols of byte-level tokenizers to bytes (Radford et al., 2019)."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + number): byte for number, byte in enumerate(others)}


def character_vocabulary(pieces: Iterable[str], size: int = 1000) -> list[str]:
    """Return the most frequent characters of some pieces, behind the blank.

    Args:
        pieces: Strings.
        size: How many at most, the blank included.
    """
    counts = Counter(character for piece in pieces for character in piece)
    return ["", *(character for character, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])))][:size]


def character_table(pieces: Sequence[str], vocabulary: Sequence[str], rows: int, width: int) -> Tensor:
    """Return the character ids of each token.

    Args:
        pieces: The characters of each token, by id.
        vocabulary: The characters, by id.
        rows: Number of rows, at least that of the pieces: the size of the embedding.
        width: Characters a token at most; more are cut.

    Returns:
        Shape (rows, width), filled with the blank.
    """
    ids = {character: number for number, character in enumerate(vocabulary) if character}
    table = torch.zeros(rows, width, dtype=torch.int32)
    for number, piece in enumerate(pieces[:rows]):
        known = [ids[character] for character in piece if character in ids][:width]
        table[number, : len(known)] = torch.tensor(known, dtype=torch.int32)
    return table


@dataclass(frozen=True)
class CharacterSequences:
    """Characters of a batch of texts.

    Attributes:
        characters: Ids, shape (batch, characters).
        start: Place of each token's first character, shape (batch, tokens).
        end: Place of its last.
        lengths: Number of characters of each text, shape (batch,).
    """

    characters: Tensor
    start: Tensor
    end: Tensor
    lengths: Tensor


def build_sequences(letters: Tensor, mask: Tensor, limit: int | None) -> CharacterSequences:
    """Write the characters of tokens one behind the other, a blank between tokens, a blank for a token without any.

    Args:
        letters: Character ids of tokens, shape (batch, tokens, characters a token).
        mask: True where there is a token, shape (batch, tokens); others take no room.
        limit: Length of the sequences; what is beyond is cut, and tokens there point at the last place. None for
            as long as needed.
    """
    widths = (letters != BLANK).sum(-1).clamp(min=1) * mask
    room = (widths + 1) * mask
    behind = room.cumsum(1)
    lengths = (behind[:, -1] - 1).clamp(min=1)
    length = limit if limit is not None else max(1, int(lengths.max()))
    start = behind - room
    places = start.unsqueeze(-1) + torch.arange(letters.size(2), device=letters.device)
    # Blanks and what is cut go to a place of their own behind the sequence.
    places = torch.where((letters != BLANK) & mask.unsqueeze(-1), places, length).clamp(max=length)
    characters = letters.new_zeros(letters.size(0), length + 1)
    characters = characters.scatter(1, places.flatten(1), letters.flatten(1))[:, :length]
    end = (start + widths - 1).clamp(min=0)
    return CharacterSequences(
        characters, start.clamp(max=length - 1), end.clamp(max=length - 1), lengths.clamp(max=length)
    )


@dataclass(frozen=True)
class WordCharacters:
    """The words of a batch of texts, and their characters.

    Attributes:
        letters: Character ids of each distinct word, the blank behind them, shape (distinct words, characters).
        single: Whether a distinct word is one token, shape (distinct words,).
        place: Which distinct word each token belongs to, shape (batch, tokens).
        continues: Whether a token continues the word of the one before it, shape (batch, tokens).
    """

    letters: Tensor
    single: Tensor
    place: Tensor
    continues: Tensor


def build_words(letters: Tensor, roles: Tensor, width: int) -> WordCharacters:
    """Put the characters of each word's tokens together, each distinct word once.

    Args:
        letters: Character ids of tokens, shape (batch, tokens, characters a token).
        roles: What each token is to a word, shape (batch, tokens).
        width: Characters of a word at most; more are cut.
    """
    batch, length, _ = letters.shape
    before_alone = functional.pad(roles, (1, 0), value=ALONE)[:, :-1] == ALONE
    begins = (roles != CONTINUES) | before_alone
    number = (begins.cumsum(1) - 1) + torch.arange(batch, device=letters.device).unsqueeze(1) * length
    widths = (letters != BLANK).sum(-1)
    before = widths.cumsum(1) - widths
    steps = torch.arange(length, device=letters.device).expand(batch, -1)
    first = torch.where(begins, steps, 0).cummax(1).values
    inside = (before - before.gather(1, first)).unsqueeze(-1) + torch.arange(letters.size(2), device=letters.device)
    # Blanks and what is cut go to a place of their own behind each word.
    inside = torch.where(letters != BLANK, inside, width).clamp(max=width)
    places = number.unsqueeze(-1) * (width + 1) + inside
    words = letters.new_zeros(batch * length * (width + 1)).scatter(0, places.flatten(), letters.flatten())
    words = words.view(-1, width + 1)[:, :width]
    tokens = torch.zeros_like(words[:, 0]).scatter_add(0, number.flatten(), torch.ones_like(number.flatten()))
    rows = torch.cat([words[number.flatten()], (tokens[number.flatten()] == 1).unsqueeze(1).to(words.dtype)], dim=1)
    distinct, place = torch.unique(rows, dim=0, return_inverse=True)
    longest = max(1, int((distinct[:, :-1] != BLANK).sum(1).max()))
    return WordCharacters(distinct[:, :longest], distinct[:, -1].bool(), place.view(batch, length), ~begins)
