"""Tables of glyphs that are refused, with the line."""

import pytest

from charrobust.errors import RecipeError
from charrobust.perturb.operators.ocr import OcrGlyphs


@pytest.mark.parametrize(("content", "message"), [
    (b"# head\nrn\n", r"mine\.txt, line 2: expected what is printed, a blank, and what is read instead.*got 'rn'"),
    (b"rn m n\n", r"line 1: expected what is printed"),
    (b"rn rn\n", r"line 1: 'rn' is read as itself; remove the line"),
    (b"rn m\n\nrn m\n", r"line 3: this confusion stands already in .*mine\.txt, line 1; remove one"),
    (b"# nothing\n", r"mine\.txt: the table is empty; write a line for each confusion, such as 'rn m'"),
    (b"\xff m\n", r"mine\.txt is not UTF-8 \(byte 0\); save it as UTF-8"),
])  # fmt: skip
def test_broken_tables(tmp_path, content, message):
    path = tmp_path / "mine.txt"
    path.write_bytes(content)
    with pytest.raises(RecipeError, match=message):
        OcrGlyphs(glyphs=str(path))


def test_unknown_tables():
    with pytest.raises(RecipeError, match=r"unknown table of glyphs 'latni'; did you mean 'latin'\?"):
        OcrGlyphs(glyphs="latni")
    with pytest.raises(RecipeError, match=r"table of glyphs file not found: no/such\.txt"):
        OcrGlyphs(glyphs="no/such.txt")


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_rates_out_of_range(rate):
    with pytest.raises(RecipeError, match="operator 'ocr-glyphs': rate must be between 0 and 1, got"):
        OcrGlyphs(rate=rate)
