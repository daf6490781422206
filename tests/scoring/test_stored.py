"""Results as files: tables as CSV, which spreadsheets open, and the paths of all."""

import pandas as pd
import pytest

from charrobust.report import write_report
from charrobust.scoring import Fragility, Sensitivity, read_results, write_results
from charrobust.scoring.stored import save_csv
from tests.report import sample_results


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


def test_paths_may_be_texts(tmp_path):
    results, sensitivity = sample_results.regression(), sample_results.sensitivity()
    fragility = Fragility("text.txt", "drop", "full", None, 0.95, tokenizers=(), versions={})
    write_results(results, str(tmp_path))
    assert read_results(str(tmp_path)) == read_results(str(tmp_path / "results.json"))
    sensitivity.save(str(tmp_path / "sensitivity.json"))
    assert Sensitivity.load(str(tmp_path)) == sensitivity
    fragility.save(str(tmp_path / "fragility.json"))
    assert Fragility.load(str(tmp_path)) == fragility
    assert write_report(results, str(tmp_path / "page")).is_file()
