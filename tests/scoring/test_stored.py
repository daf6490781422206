"""Tables of results as CSV, which spreadsheets open."""

import pandas as pd
import pytest

from charrobust.scoring.stored import save_csv


@pytest.mark.parametrize(("name", "cell"), [
    ("=HYPERLINK(\"https://evil.example\")", "'=HYPERLINK(\"https://evil.example\")"),
    ("+1", "'+1"), ("-1+2", "'-1+2"), ("@SUM(A1)", "'@SUM(A1)"), (" =1", "' =1"), ("\n=1", "'\n=1"),
    ("plain = name", "plain = name"), ("\x1b[31m\ud83d", r"\x1b[31m\ud83d"), ("\t=1", r"\t=1"),
])  # fmt: skip
def test_no_name_is_a_formula(tmp_path, name, cell):
    names = pd.Series([name, None], dtype=object)  # that of texts takes no half a surrogate pair
    save_csv(pd.DataFrame({"system": names, "value": [-0.5, 1.0], "draws": [3, -3]}), tmp_path / "scores.csv")
    read = pd.read_csv(tmp_path / "scores.csv")
    assert read["system"][0] == cell
    assert pd.isna(read["system"][1])
    assert (list(read["value"]), list(read["draws"])) == ([-0.5, 1.0], [3, -3])
