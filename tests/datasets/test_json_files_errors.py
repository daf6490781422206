"""Broken JSON files: the message quotes what stands where the value breaks."""

import pytest

from charrobust.datasets.formats import format_of
from charrobust.errors import DataError
from tests.datasets.reading import records_of


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize(("content", "near"), [
    ('[{"text": "a", "label": nothing}, {"text": "b"}]', 'nothing}, {"text": "b"}]'),
    ('[{"text": "a"}, {"text": "b", "label": oops}]', "oops}]"),
    ('[{"text": "a"}, {"text": "b" "c"}]', '"c"}]'),
    ('[{"text": "a"}, {"tex', '"tex'),
])  # fmt: skip
def test_the_place_is_quoted(tmp_path, monkeypatch, content, near, size):
    monkeypatch.setattr("charrobust.datasets.formats.json_stream.BLOCK_BYTES", size)
    path = tmp_path / "in.json"
    path.write_text(content)
    with pytest.raises(DataError) as caught:
        records_of(format_of(path, "records"))
    assert str(caught.value).endswith(f"near {near!r}")


@pytest.mark.parametrize(("name", "content", "place"), [
    ("in.jsonl", '{"text": "a"}\n{"text": "b", "text": "c"}\n', "line 2"),
    ("in.jsonl", '{"text": "a", "more": [{"x": 1, "y": 2, "x": 1}]}\n', "line 1"),
    ("in.json", '[{"text": "a"}, {"text": "b", "text": "c"}]', "record 2"),
])  # fmt: skip
def test_an_object_with_a_key_twice(tmp_path, name, content, place):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(DataError, match=rf"{place}: JSON that cannot be read: the key '(text|x)' stands twice"):
        records_of(format_of(path))
