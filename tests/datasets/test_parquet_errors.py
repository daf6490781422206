"""Arrow columns whose types hold less than what is to be read or written."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from charrobust import load_data
from charrobust.datasets.formats import format_of
from charrobust.datasets.formats.parquet import with_columns
from charrobust.errors import DataError
from tests.datasets.reading import attacked


@pytest.mark.parametrize(
    "array",
    [
        pa.array([0, 2**60], pa.timestamp("us")),
        pa.array([0, 2**40], pa.timestamp("s")),
        pa.array([0, 2**62], pa.duration("s")),
        pa.array([{"at": 0}, {"at": 2**60}], pa.struct({"at": pa.timestamp("us")})),
    ],
    ids=lambda array: str(array.type),
)
def test_times_beyond_those_of_python(array, tmp_path):
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"text": ["so", "good"], "label": ["a", "b"], "when": array}), path)
    with pytest.raises(DataError, match=r"data\.parquet, row 2: column 'when' holds a value beyond"):
        load_data(path, task="classification")


@pytest.mark.parametrize("value", [256, -1, "letter"])
def test_a_value_that_a_column_does_not_hold(value):
    rows = pa.table({"text": ["so"], "end": pa.array([255], pa.uint8())})
    with pytest.raises(DataError, match="column 'end' is of the type uint8, which does not hold"):
        with_columns(rows, {"end": [value]})


def test_a_dictionary_has_room_for_new_texts(tmp_path):
    texts = [f"the weather of the north in the year {1000 + number % 100}" for number in range(300)]
    few = pa.array(texts, pa.dictionary(pa.int8(), pa.string()))
    table = pa.table({"text": few, "label": ["good"] * 300, "id": range(300)})
    pq.write_table(table.replace_schema_metadata({"kept": "yes"}), tmp_path / "data.parquet")
    attacked(format_of(tmp_path / "data.parquet"), tmp_path, id_column="id")
    written = pq.read_table(tmp_path / "out.data.parquet")
    assert pa.types.is_dictionary(written.schema.field("text").type)
    assert written.schema.metadata[b"kept"] == b"yes"
    assert len(set(written["text"].to_pylist())) > 128
