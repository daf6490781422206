"""What an attack on batches refuses."""

import pyarrow as pa
import pytest

from charrobust.batches import AttackBatch
from charrobust.errors import DataError, UserError


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"recipe": "charbrt"}, "unknown recipe 'charbrt'; did you mean 'charbert'"),
        ({"task": "taging"}, "unknown task 'taging'; did you mean 'tagging'"),
        ({"columns": {"text": "text"}}, "the task 'classification' has no text; it has: .*texts"),
        ({"task": "spans"}, "the columns of the task 'spans' cannot be told by text alone; name them as a mapping"),
        ({"task": "tagging", "columns": ["a", "b"]}, "tagging has one column of tokens, got a, b"),
        ({"severity": 2}, "severity 2"),
    ],
)
def test_arguments(arguments, message):
    with pytest.raises(UserError, match=message):
        AttackBatch(**{"recipe": "charbert", "columns": "text", **arguments})


@pytest.mark.parametrize(
    ("batch", "error", "message"),
    [
        ({"txt": ["a"]}, DataError, "the batch, row 1: column 'text' is missing; did you mean 'txt'"),
        (pa.table({"text": ["a", None]}), DataError, "the batch, row 2: column 'text' must be text, got None"),
        ({"text": [["a"]]}, DataError, "column 'text' must be text"),
        (
            {"text": ["a", "b"], "label": [1]},
            UserError,
            "the columns of a batch must be of one length, got 'text' 2, 'label' 1",
        ),
        (["a text"], UserError, "expected an Arrow record batch or table, .*, got list"),
        ("a text", UserError, "got str"),
    ],
)
def test_batches(batch, error, message):
    with pytest.raises(error, match=message):
        AttackBatch("charbert", "text")(batch)
