"""The page of a first look: what it counts, what it shows, and that nothing of the data becomes markup."""

from html.parser import HTMLParser

import pytest

from charrobust import Attack, load_data
from charrobust.report.look import look_at
from charrobust.report.look_page import look_page, write_look

TEXTS = ["A wonderful story, told with great care", "Dreadful acting and a boring plot", "of no kind"]
RECORDS = [{"text": text, "label": "good"} for text in TEXTS]


class Seen(HTMLParser):
    """Collects what a reader sees of edits, and which elements there are."""

    def __init__(self):
        super().__init__()
        self.texts = {"del": [], "ins": []}
        self.tags = set()
        self._open = ""

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self._open = tag

    def handle_endtag(self, tag):
        self._open = ""

    def handle_data(self, data):
        if self._open in self.texts:
            self.texts[self._open].append(data)


def seen(page):
    parser = Seen()
    parser.feed(page)
    return parser


def looked(records=RECORDS, recipe="keyboard@1", **options):
    return look_at(load_data(records, task="classification"), [Attack.load(recipe)], **options)


def test_what_is_counted_agrees_with_the_edits():
    (attack,) = looked().attacks
    edits = [edit for fields in attack.examples for field in fields for edit in field["attacked"] if edit[1]]
    assert sum(attack.tally.edited.values()) == len(edits) > 5
    assert attack.changed == pytest.approx(len(edits) / attack.tally.words)
    assert attack.touched == pytest.approx(len(attack.examples) / len(TEXTS))


def test_edits_are_marked_and_recipes_listed():
    page = look_page(looked())
    marked = seen(page).texts
    assert len(marked["del"]) == len(marked["ins"]) > 5
    for recipe in ("charbert", "homoglyphs", "split-words", "drop-sentences"):
        assert f">{recipe}<" in page
    assert "keyboard changes" in page


def test_the_page_names_options_and_shows_an_example_of_each_recipe(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("text,label\nA wonderful story,good\n", encoding="utf-8")
    page = look_page(look_at(load_data(path), [Attack.load("drop")]))
    assert "--task names another" in page
    assert "`task`" not in page
    assert "Noise of Unicode" in page
    assert '<span class="main"></span>' not in page


def test_tokens_are_shown_as_a_sentence():
    data = load_data([{"tokens": ["wonderful", "story"], "tags": ["O", "O"]}], task="tagging")
    look = look_at(data, [Attack.load("drop@1")])
    (field,) = look.attacks[0].examples[0]
    assert "".join(text for text, _ in field["clean"]) == "wonderful story"
    assert look.sentence == ""


def test_a_tokenizer_is_asked_about_on_request():
    pytest.importorskip("tokenizers")
    from tests.models.tokenizers import wordpiece

    assert "no sub-token left" not in look_page(looked())
    look = looked(tokenizers={"tiny": wordpiece()})
    assert look.fragility.tokenizers[0].tokenizer == "tiny"
    assert "no sub-token left" in look_page(look)


def test_nothing_of_the_data_becomes_markup(tmp_path):
    evil = "<script>alert(1)</script> <img src=x onerror=alert(2)> \x1b[31m\u202e wonderful"
    page = write_look(looked([{"text": evil, "label": "x"}]), tmp_path / "page.html").read_text(encoding="utf-8")
    assert "img" not in seen(page).tags
    assert page.count("<script>") == 1
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_no_edit_is_said():
    assert "No example changes" in look_page(looked([{"text": "a b", "label": "x"}]))
