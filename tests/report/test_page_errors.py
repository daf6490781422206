"""What the report refuses."""

from dataclasses import replace

import pytest

from charrobust.errors import UserError
from charrobust.report import write_plots, write_report
from tests.report import sample_results


@pytest.mark.parametrize("nothing", [{"scores": ()}, {"systems": ()}, {"examples": 0}, {"metrics": ()}], ids=str)
def test_a_report_of_an_empty_result(nothing, tmp_path):
    with pytest.raises(UserError, match="report of an empty result"):
        write_report(replace(sample_results.regression(), **nothing), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("write", [write_plots, write_report])
def test_a_folder_that_is_a_file(write, tmp_path):
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(UserError, match="cannot write"):
        write(sample_results.regression(), path / "folder")


def test_a_page_that_is_a_folder(tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(UserError, match="existing folder"):
        write_report(sample_results.regression(), tmp_path)
