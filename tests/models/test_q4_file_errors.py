"""Files that are no encoders in 4 bits."""

import pytest

from charrobust.models.q4_file import read_q4_file
from tests.models.q4_files import q4_file


def test_another_format_is_refused(tmp_path):
    path = tmp_path / "other.bin"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(
        ValueError, match=r"other\.bin is no 4-bit encoder that can be read: expected b'E5S1' .* got b'GGUF'"
    ):
        read_q4_file(path)


def test_another_version_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"expected b'E5S1' and version 1, got b'E5S1' and 2"):
        read_q4_file(q4_file(tmp_path / "newer.bin", version=2))


@pytest.mark.parametrize("kept", [0, 3, 30, 60, 200, 900, 5000])
def test_a_file_that_is_cut_short_is_refused(tmp_path, kept):
    path = q4_file(tmp_path / "cut.bin")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"expected \d+ bytes at byte \d+, got \d+: the file is cut short"):
        read_q4_file(path)


def test_another_kind_of_numbers_is_refused(tmp_path):
    path = q4_file(tmp_path / "kind.bin")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"emb.word\x01", b"emb.word\x07"))
    with pytest.raises(ValueError, match=r"stored as 0 \(float32\) or 1 \(4 bits\), got 7"):
        read_q4_file(path)


def test_a_tensor_of_another_size_is_refused(tmp_path):
    path = q4_file(tmp_path / "size.bin")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"emb.word\x01\x00", b"emb.word\x01\x01"))
    with pytest.raises(ValueError, match=r"tensor emb\.word: expected 1281 numbers, got 1280"):
        read_q4_file(path)
