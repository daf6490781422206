"""Characters of tokens, for every kind of tokenizer."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from charrobust.models.characters import build_sequences, character_table, character_vocabulary, token_pieces
from tests.models.tokenizers import KINDS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["wonderful weather", "typing errors", "naïve café", "unbelievable"])
def test_the_pieces_of_a_text_spell_it(kind, text):
    tokenizer = KINDS[kind]()
    pieces = token_pieces(tokenizer)
    spelled = "".join(pieces[number] for number in tokenizer(text)["input_ids"])
    expected = text.replace(" ", "")
    if kind == "wordpiece":
        assert spelled == expected.replace("ï", "i").replace("é", "e")
    elif text == "naïve café" and kind == "byte-level":
        # where a letter is cut between its bytes, no token spells it
        assert spelled.replace("ï", "").replace("é", "") == "navecaf"
    else:
        assert spelled == expected


@pytest.mark.parametrize("kind", KINDS)
def test_special_tokens_and_marks_have_no_characters(kind):
    tokenizer = KINDS[kind]()
    pieces = token_pieces(tokenizer)
    assert all(pieces[number] == "" for number in tokenizer.all_special_ids)
    assert not any(mark in "".join(pieces) for mark in ("\u2581", "##", "\u0120"))
    assert len(pieces) == len(tokenizer)


def test_the_vocabulary_is_by_frequency_behind_the_blank():
    assert character_vocabulary(["ab", "a", ""]) == ["", "a", "b"]
    assert character_vocabulary(["aab", "bc"], 3) == ["", "a", "b"]


def test_the_table_cuts_long_tokens_and_skips_unknown_characters():
    table = character_table(["ab", "", "xbacb"], ["", "a", "b", "c"], 4, 3)
    assert table.tolist() == [[1, 2, 0], [0, 0, 0], [2, 1, 3], [0, 0, 0]]


@given(st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=1, max_size=4))
def test_sequences_hold_each_token_at_its_place(texts):
    table = torch.tensor([[0, 0, 0], [0, 0, 0], [3, 0, 0], [4, 5, 0], [6, 7, 8], [9, 0, 0]], dtype=torch.int32)
    length = max(1, *map(len, texts))
    ids = torch.tensor([text + [0] * (length - len(text)) for text in texts])
    mask = torch.tensor([[1] * len(text) + [0] * (length - len(text)) for text in texts]).bool()
    made = build_sequences(table[ids].long(), mask, None)
    for row, text in enumerate(texts):
        written = []
        for place, token in enumerate(text):
            letters = [letter for letter in table[token].tolist() if letter] or [0]
            start, end = int(made.start[row, place]), int(made.end[row, place])
            assert made.characters[row, start : end + 1].tolist() == letters
            assert start == len(written)
            written += [*letters, 0]
        behind = written[:-1]
        assert made.characters[row, : len(behind)].tolist() == behind
        assert not made.characters[row, len(behind) :].any()
        assert int(made.lengths[row]) == max(1, len(written) - 1)


def test_what_is_beyond_the_limit_is_cut():
    table = torch.tensor([[0, 0], [1, 2]], dtype=torch.int32)
    made = build_sequences(table[torch.ones(1, 5, dtype=torch.long)].long(), torch.ones(1, 5).bool(), 7)
    assert made.characters.tolist() == [[1, 2, 0, 1, 2, 0, 1]]
    assert made.start.tolist() == [[0, 3, 6, 6, 6]]
    assert made.end.tolist() == [[1, 4, 6, 6, 6]]
