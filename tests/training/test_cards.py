"""Model cards, in which names are anybody's."""

import json

from charrobust.training.cards import as_text, front_matter, settings_table, table

HOSTILE = "a|b\n# x <script> ![](https://evil.example/x.png) \x1b[31m\u202e\ud83d"
SHOWN = r"a\|b # x &lt;script> !\[](https://evil.example/x.png) \x1b\[31m\u202e\ud83d"


def test_text_stays_in_its_place():
    assert as_text(HOSTILE) == SHOWN


def test_cells_are_one_each():
    for written in (table([("name", "value"), (HOSTILE, "1")]), settings_table({HOSTILE: "1"})):
        assert written.splitlines()[2] == f"| {SHOWN} | 1 |"


def test_front_matter_is_one_line_an_entry():
    key, _, value = front_matter({"language": HOSTILE}).partition(": ")
    assert (key, json.loads(value)) == (
        "language",
        "a|b\n# x <script> ![](https://evil.example/x.png) \\x1b[31m\\u202e\\ud83d",
    )
    assert value.isprintable()
