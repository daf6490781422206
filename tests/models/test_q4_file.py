"""Encoders in 4 bits: numbers of blocks, and whole files."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from charrobust.models import q4_file as module
from charrobust.models.q4_file import decode_q4, read_q4_file
from tests.models.q4_files import HIDDEN, POSITIONS, REPLACED, SPECIAL, VOCABULARY, WORDS, q4, q4_file, sizes

numbers = st.lists(st.integers(-8, 7), min_size=32, max_size=32)
scales = st.floats(-64, 64, width=16)


@given(st.lists(st.tuples(numbers, scales), max_size=9))
def test_blocks_hold_multiples_of_their_scales(blocks):
    stored = b"".join(q4(values, scale) for values, scale in blocks)
    expected = [np.float16(np.float32(value) * np.float32(scale)) for values, scale in blocks for value in values]
    assert decode_q4(stored).tolist() == expected


def test_blocks_are_decoded_a_part_at_a_time(monkeypatch):
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    stored = b"".join(q4([value] * 32, 1.0) for value in range(-2, 3))
    assert decode_q4(stored).tolist() == np.repeat(np.arange(-2.0, 3.0), 32).tolist()


def test_a_file_is_read(tmp_path):
    content = read_q4_file(q4_file(tmp_path / "small.bin"))
    assert (content.sizes.hidden, content.sizes.vocabulary, content.sizes.positions) == (HIDDEN, VOCABULARY, POSITIONS)
    assert [piece for piece, _ in content.vocabulary.pieces] == [*SPECIAL, *WORDS, "<mask>"]
    assert content.vocabulary.pieces[4] == ("▁the", -1.25)
    assert content.vocabulary.replaced == REPLACED
    special = content.vocabulary.begin, content.vocabulary.padding, content.vocabulary.end, content.vocabulary.unknown
    assert special == (0, 1, 2, 3)
    assert {name: tensor.size for name, tensor in content.tensors.items()} == {
        name: size for name, (size, _) in sizes().items()
    }
    assert content.tensors["emb.word"].dtype == np.float16
    assert content.tensors["emb.pos"].dtype == np.float32
