"""Model cards, in which names are anybody's."""

import json

from charrobust.training.cards import as_text, base_model, front_matter, settings_table, table

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


def test_the_base_model_is_one_of_the_hub(tmp_path):
    for encoder in ("minilm", "charbert-minilm-l6"):
        assert base_model(encoder) == "sentence-transformers/all-MiniLM-L6-v2"
    assert base_model("bert-base-cased") == "bert-base-cased"
    assert base_model(str(tmp_path)) is None
