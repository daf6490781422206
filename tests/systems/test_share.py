"""The share of a process, as its environment names it."""

import pytest

from charrobust.errors import UserError
from charrobust.systems.share import ALL, Share


def test_one_process_does_all():
    assert Share.of_environment({}) == ALL
    assert Share.of_environment({"RANK": "0", "WORLD_SIZE": "1"}) == ALL
    assert all(map(ALL.takes, range(5)))


def test_ranks_share_all_parts_once():
    shares = [Share.of_environment({"RANK": str(rank), "WORLD_SIZE": "3"}) for rank in range(3)]
    taken = [[number for number in range(10) if share.takes(number)] for share in shares]
    assert taken == [[0, 3, 6, 9], [1, 4, 7], [2, 5, 8]]
    assert [share.is_first for share in shares] == [True, False, False]


@pytest.mark.parametrize(
    "environment",
    [
        {"RANK": "1"},
        {"WORLD_SIZE": "2"},
        {"RANK": "2", "WORLD_SIZE": "2"},
        {"RANK": "-1", "WORLD_SIZE": "2"},
        {"RANK": "one", "WORLD_SIZE": "2"},
    ],
    ids=str,
)
def test_environments_that_name_no_share(environment):
    with pytest.raises(UserError, match=r"the environment says .*; expected RANK from 0 and WORLD_SIZE above it"):
        Share.of_environment(environment)
