"""Known words of several tokens, in lower case and with a capital: which tokens stand for them, and where.

A known word that is put in the place of another has its own tokens, and the place has those of the other. The first
token of the place gets the first of the word, and so on; places that are left over get the last one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .characters import token_pieces
from .configuration import CharBertConfig
from .shapes import Bool, Int

LEXICON = "lexicon.txt"
SMALL, CAPITAL, OTHERWISE = 0, 1, 2
# What does not hang on the words that a channel knows; but for the characters, whose numbers are others.
_TAKEN = ("character_encoder.", "recogniser.query.", "context.", "interactions.", "continuation")
_LETTERS = "character_encoder.embedding.weight"
_CASES = 2  # of known words: small, and with a capital


def read_lexicon(folder: Path) -> list[str]:
    """Return the known words of a channel that is kept apart.

    Args:
        folder: Its folder.

    Returns:
        The words, in order.

    Raises:
        ValueError: There is no such file, or it holds no text.
    """
    path = folder / LEXICON
    try:
        return path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}, the words that the channel knows, cannot be read: {error}; save it again") from error


def write_lexicon(words: Sequence[str], folder: Path) -> None:
    """Write known words, one a line.

    Args:
        words: The words.
        folder: Where to.
    """
    (folder / LEXICON).write_text("".join(f"{word}\n" for word in words), encoding="utf-8")


def known_tables(
    words: Sequence[str], tokenizer: Any, pieces: Sequence[str], config: CharBertConfig
) -> dict[str, Tensor]:
    """Return which tokens stand for known words.

    Args:
        words: The words, in lower case.
        tokenizer: A fast tokenizer.
        pieces: The characters of each of its tokens, by id.
        config: The configuration.

    Returns:
        ``lexicon``, token ids of shape (words, 2, tokens), small and with a capital, the last repeated; and
        ``lexicon_counts``, how many there are, shape (words, 2). A tokenizer that cannot write a word with a capital
        writes it small.

    Raises:
        ValueError: The tokens of a word do not spell it, or there are more than there is room for.
    """
    tokens = _tokens_of([*words, *_capitals(words)], tokenizer)
    small, capital = tokens[: len(words)], tokens[len(words) :]
    width = config.lexicon_tokens
    limits = {"width": width, "letters": config.max_token_characters}
    rows = []
    for word, own, with_capital in zip(words, small, capital, strict=True):
        if not _spell(own, word, pieces, **limits):
            raise ValueError(
                f"known word {word!r}: expected 1 to {width} tokens of the tokenizer that spell it, of "
                f"{config.max_token_characters} characters at most, got "
                f"{tokenizer.convert_ids_to_tokens(own)}; leave it out"
            )
        rows += [own, with_capital if _spell(with_capital, word, pieces, **limits) else own]
    counts = torch.tensor([len(tokens) for tokens in rows], dtype=torch.int8)
    lexicon = torch.tensor([tokens + tokens[-1:] * (width - len(tokens)) for tokens in rows], dtype=torch.int32)
    return {"lexicon": lexicon.view(len(words), _CASES, width), "lexicon_counts": counts.view(len(words), _CASES)}


def _tokens_of(words: Sequence[str], tokenizer: Any) -> list[list[int]]:
    """Return the token ids of each word; by the backend, as nothing else of an encoding is wanted."""
    backend = deepcopy(tokenizer.backend_tokenizer)
    # Whatever the tokenizer does to texts: MiniLM's pads them all.
    backend.no_padding()
    backend.no_truncation()
    return [encoding.ids for encoding in backend.encode_batch_fast(words, add_special_tokens=False)]


def _capitals(words: Sequence[str]) -> list[str]:
    return [word[:1].upper() + word[1:] for word in words]


def _spell(tokens: Sequence[int], word: str, pieces: Sequence[str], *, width: int, letters: int) -> bool:
    """Tell whether tokens spell a word, small or with a capital, and are neither too many nor too long."""
    spelled = [pieces[token] for token in tokens]
    return len(tokens) <= width and max(map(len, spelled), default=0) <= letters and "".join(spelled).lower() == word


def that_fit(words: Sequence[str], tokenizer: Any, *, width: int, letters: int) -> list[bool]:
    """Tell which words can be known ones.

    Args:
        words: The words, in lower case.
        tokenizer: A fast tokenizer.
        width: Most tokens of a word.
        letters: Most characters of a token.

    Returns:
        Whether each can.
    """
    pieces = token_pieces(tokenizer)
    encoded = zip(_tokens_of(words, tokenizer), words, strict=True)
    return [_spell(tokens, word, pieces, width=width, letters=letters) for tokens, word in encoded]


def token_cases(pieces: Sequence[str]) -> Int[Tensor, " tokens"]:
    """Return how each token is written: small, with a capital in front, or otherwise.

    Args:
        pieces: The characters of each token, by id.

    Returns:
        ``SMALL``, ``CAPITAL`` or ``OTHERWISE`` by token id, shape (tokens,), 8-bit integers.
    """
    cases = []
    for piece in pieces:
        rest_is_small = piece[1:] == piece[1:].lower()
        first = CAPITAL if piece[:1] != piece[:1].lower() else SMALL
        cases.append(first if rest_is_small else OTHERWISE)
    return torch.tensor(cases, dtype=torch.int8)


def places_in_words(continues: Bool[Tensor, "batch length"]) -> Int[Tensor, "batch length"]:
    """Return the how manieth of its word each token is, from 0 on.

    Args:
        continues: Whether a token continues the word of the one before it, shape (batch, length).

    Returns:
        Shape (batch, length).
    """
    numbers = torch.arange(continues.size(1), device=continues.device).expand_as(continues)
    first = numbers.masked_fill(continues, 0).cummax(1).values
    return numbers - first


def known_words(body: Any, pieces: Sequence[str]) -> list[str]:
    """Return the known words of a model, in order.

    Args:
        body: A CharBERT model that recognises words.
        pieces: The characters of each token of its tokenizer, by id.

    Returns:
        The words.
    """
    if body.config.lexicon_keys == "stored":
        return [pieces[token] for token in body.lexicon.tolist()]
    rows = zip(body.lexicon[:, SMALL].tolist(), body.lexicon_counts[:, SMALL].tolist(), strict=True)
    spell = pieces.__getitem__
    return ["".join(map(spell, tokens[:count])) for tokens, count in rows]


@torch.no_grad()
def take_spelling(body: Any, stored: Any) -> None:
    """Let a model with spelled keys begin with what another with stored ones knows of spelling, and how it enters.

    Args:
        body: The model, whose keys are made anew.
        stored: The other, of the same sizes.
    """
    numbers = {character: number for number, character in enumerate(stored.config.characters)}
    letters, others = body.character_encoder.embedding.weight, stored.character_encoder.embedding.weight
    for number, character in enumerate(body.config.characters):
        if character in numbers:
            letters[number] = others[numbers[character]]
    weights = body.state_dict()
    for name, weight in stored.state_dict().items():
        if name.startswith(_TAKEN) and name != _LETTERS:
            weights[name].copy_(weight)
    body.make_keys()


def letters_of_words(
    lexicon: Int[Tensor, "words cases width"],
    counts: Int[Tensor, "words cases"],
    characters: Int[Tensor, "vocabulary letters"],
    width: int,
) -> Int[Tensor, "words characters"]:
    """Return the characters of known words, by those of their tokens.

    Args:
        lexicon: Tokens of the words, shape (words, 2, tokens).
        counts: How many they are, shape (words, 2).
        characters: Character ids of tokens, the blank behind them, shape (vocabulary, characters a token).
        width: Characters of a word at most; more are cut.

    Returns:
        Character ids, the blank behind them, shape (words, characters).
    """
    tokens, number = lexicon[:, SMALL].long(), counts[:, SMALL].long()
    is_own = torch.arange(tokens.size(1), device=tokens.device) < number.unsqueeze(1)
    letters = (characters[tokens].long() * is_own.unsqueeze(-1)).flatten(1)
    # Blanks go behind all others, which keep their order.
    order = torch.argsort((letters == 0).to(torch.int8), dim=1, stable=True)
    return functional.pad(letters.gather(1, order), (0, max(0, width - letters.size(1))))[:, :width]


def check_lexicon(words: Sequence[str], config: CharBertConfig) -> None:
    """Refuse known words that a configuration is not made for.

    Args:
        words: The words.
        config: The configuration.

    Raises:
        ValueError: They are more or fewer than it says, one stands twice, or one cannot be read to its end.
    """
    if len(words) != config.lexicon_size:
        raise ValueError(f"expected {config.lexicon_size} known words, as lexicon_size says, got {len(words)}")
    if len(set(words)) < len(words):
        twice = next(word for word, count in Counter(words).items() if count > 1)
        raise ValueError(f"known word {twice!r} stands twice; each must be there once")
    characters, longest = set(config.characters), config.max_word_characters
    for word in words:
        read = word.casefold()
        if len(read) > longest or not characters.issuperset(read) or word != word.lower():
            raise ValueError(
                f"known word {word!r}: expected {longest} characters in lower case at most, all of the channel's; "
                "leave it out"
            )
