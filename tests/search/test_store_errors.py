"""A damaged store is refused, with the file and the remedy."""

import json

import pytest

from charrobust.errors import DataError
from charrobust.search import search
from tests.search.systems import Hashed, attack_of, data_of


def run(folder):
    system = Hashed()
    return search(system, data_of(system), attack_of(), search="pruthi", store=folder)


@pytest.fixture
def path(tmp_path):
    run(tmp_path)
    (path,) = tmp_path.iterdir()
    return path


@pytest.mark.parametrize("line", ["{", "[]", '{"key": "a"}', "null"])
def test_a_line_that_is_no_outcome(path, line):
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(DataError, match="line 7: no outcome of a search; remove the file, to search anew"):
        run(path.parent)


@pytest.mark.parametrize("change", [{"queries": "many"}, {"success": 1}, {"state": ["a"]}, {"more": 1}])
def test_a_field_that_is_none(path, change):
    first, *others = path.read_text().splitlines()
    path.write_text("\n".join([json.dumps(json.loads(first) | change), *others]) + "\n")
    with pytest.raises(DataError, match="line 1: no outcome of a search"):
        run(path.parent)


def test_a_move_that_is_not_there(path):
    lines = [json.dumps(json.loads(line) | {"state": [9999]}) for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError, match=r"moves, and \[9999\] were found; remove the files"):
        run(path.parent)


def test_a_line_that_a_kill_cut_off_is_searched_again(path):
    content = path.read_text()
    path.write_text(content[:-9])
    run(path.parent)
