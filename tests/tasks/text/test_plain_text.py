"""Plain text: any bytes of lines come back, nothing can be scored."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.revert_file import revert_file
from charrobust.datasets.source import open_source
from charrobust.errors import UserError
from charrobust.perturb import Attack
from charrobust.tasks.registry import task_class

_LINES = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\0\ufeff"), max_size=20),
    min_size=1,
    max_size=5,
)


@settings(max_examples=15)
@given(
    lines=_LINES,
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
    recipe=st.sampled_from(["charbert", "double-words"]),
)
def test_the_same_bytes_come_back(tmp_path_factory, lines, end, last, recipe):
    folder = tmp_path_factory.mktemp("text")
    path, attacked, log, back = (folder / name for name in ("in.txt", "out.txt", "log.jsonl", "back.txt"))
    path.write_bytes((end.join(lines) + (end if last else "\nend")).encode())
    source = open_source(path)
    attack_file(source.format, source.task, Attack.load(recipe), output=attacked, edits=log)
    assert attacked.read_bytes().count(b"\n") == path.read_bytes().count(b"\n")
    revert_file(open_source(attacked).format, source.task, EditLog(log), output=back)
    assert back.read_bytes() == path.read_bytes()


def test_the_name_of_a_file_tells_the_task(tmp_path):
    path = tmp_path / "some.txt"
    path.write_text("one line\nanother\n", encoding="utf-8")
    source = open_source(path)
    assert source.task == task_class("text")(("text",), None)
    records = [record for block in source.format.blocks() for record in source.format.parse(block).records]
    assert records == [{"text": "one line"}, {"text": "another"}]


def test_nothing_can_be_scored_or_learnt():
    task = task_class("text")(("text",), None)
    for ask in (task.head_class, lambda: task.metrics([])):
        with pytest.raises(UserError, match="nothing to learn or to score"):
            ask()


def test_any_noise_is_safe_without_labels():
    assert task_class("text")(("text",), None).doubts(Attack.load("drop-words")) == []
