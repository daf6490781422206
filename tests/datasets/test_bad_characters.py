"""Invisible and control characters go through every format, there and back."""

import pyarrow.parquet as pq
import pytest

from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.formats import format_of
from charrobust.datasets.revert_file import revert_file
from charrobust.perturb import Attack, Recipe
from charrobust.perturb.operators.controls import Backspace, Reorder
from charrobust.perturb.operators.forms import FullWidth, NormalForm
from charrobust.perturb.operators.homoglyphs import Homoglyph
from charrobust.perturb.operators.invisible import Invisible
from tests.datasets.test_formats import CASES, FLAT
from tests.tasks.data import read, task_of, write

OPERATORS = (
    Invisible(positions="all"), Reorder(positions="all"), Backspace(positions="all"), Homoglyph(positions="all"),
    FullWidth(positions="all", scope="word"), NormalForm(positions="all"),
)  # fmt: skip
ATTACK = Attack(Recipe(name="test", summary="", source="", seed=0, operators=OPERATORS, edits_per_word=2), 0)


@pytest.mark.parametrize("case", CASES)
def test_there_and_back(tmp_path, case):
    name, content, (task_name, columns) = CASES[case]
    source, task = format_of(write(tmp_path / name, content)), task_of(task_name, columns)
    attacked, log, back = tmp_path / f"attacked.{name}", tmp_path / "log.jsonl", tmp_path / f"back.{name}"
    attack_file(source, task, ATTACK, output=attacked, sink=source, edits=log)
    assert read(attacked) != content
    count = revert_file(format_of(attacked), task_of(task_name, columns), EditLog(log), output=back)
    assert read(back) == content
    assert count


def test_parquet_there_and_back(tmp_path):
    import pyarrow as pa

    pq.write_table(pa.Table.from_pylist(FLAT), tmp_path / "in.parquet")
    source, task = format_of(tmp_path / "in.parquet"), task_of("classification", {"texts": ["sentence"]})
    attacked, log, back = (tmp_path / name for name in ("attacked.parquet", "log.parquet", "back.parquet"))
    attack_file(source, task, ATTACK, output=attacked, sink=source, edits=log)
    assert pq.read_table(attacked).to_pylist() != FLAT
    revert_file(format_of(attacked), task, EditLog(log), output=back)
    assert pq.read_table(back).to_pylist() == FLAT
