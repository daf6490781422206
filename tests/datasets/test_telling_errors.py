"""Columns that tell no task, or several."""

import pytest

from charrobust import load_data
from charrobust.errors import UserError


@pytest.mark.parametrize(
    ("record", "tasks"),
    [
        ({"text": "a fine day", "label": 4.0}, "classification or regression"),
        ({"text": "a fine day", "tokens": ["a", "day"]}, "tagging or text"),
    ],
)
def test_several_tasks_are_refused(record, tasks):
    with pytest.raises(UserError, match=rf"the task may be {tasks}; say which with `task`"):
        load_data([record])


def test_unusual_columns_are_refused():
    with pytest.raises(UserError, match=r"its columns \(review, stars\) do not tell what it is; name the column"):
        load_data([{"review": "a fine day", "stars": 5}])
