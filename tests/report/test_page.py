"""The page: whole, self-contained, and nothing in the data becomes markup."""

import re
from dataclasses import replace

import pytest

from charrobust.report import write_report
from charrobust.report.headline import headline, main_example
from charrobust.report.page import page
from charrobust.visible import visible
from tests.report import sample_results
from tests.report.drawn import CASES, page_of
from tests.report.parsing import Parsed, unpacked


@pytest.fixture(scope="module", params=CASES)
def case(request):
    return CASES[request.param][0], Parsed(page_of(request.param))


def test_nothing_is_fetched_and_no_attribute_runs(case):
    _, parsed = case
    for tag, name, value in parsed.attributes:
        assert not name.startswith("on")
        assert name != "style"
        if name in ("src", "href", "action", "data", "poster", "srcset"):
            assert value.startswith("#") or (tag, value) == ("link", "data:,")
    assert "@import" not in parsed.raw["style0"]
    assert "url(" not in parsed.raw["style0"]
    assert not re.search(r"https?://", "".join(value for _, name, value in parsed.attributes if name != "aria-label"))


def test_only_the_page_s_own_elements_are_there(case):
    results, parsed = case
    assert parsed.tags.count("script") == 2
    assert parsed.tags.count("style") == 1
    assert not {"img", "iframe", "object", "embed", "foreignobject", "base"} & set(parsed.tags)
    assert ("examples" in {value for _, name, value in parsed.attributes if name == "id"}) == bool(results.shown)


def test_identifiers_are_unique_and_references_lead_somewhere(case):
    _, parsed = case
    ids = [value for _, name, value in parsed.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    links = {value[1:] for _, name, value in parsed.attributes if name == "href" and value.startswith("#")}
    used = {link.partition("?")[0] for link in links}  # what follows the mark filters the examples
    used |= set(re.findall(r"url\(#([^)]+)\)", " ".join(value for _, _, value in parsed.attributes)))
    assert used <= set(ids)


def test_the_policy_lets_in_only_the_page_s_own_script_and_style(case):
    _, parsed = case
    (policy,) = [value for _, name, value in parsed.attributes if name == "content" and "default-src" in value]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


@pytest.mark.needs("matplotlib")
def test_the_levels_are_those_of_the_results():
    results = replace(sample_results.regression(), confidence=0.999)
    text = page(results, replace(sample_results.sensitivity(), confidence=0.9))
    assert text.count("99.9 % interval") == 2  # above, and below the plot
    assert "90 % interval, over sentences" in text
    assert "95 %" not in text
    assert "100 %" not in text


def test_hostile_text_stays_text():
    results, text = CASES["hostile"][0], page_of("hostile")
    parsed = Parsed(text)
    for piece in ("<script>alert(1)</script>", '"><img src=x onerror=alert(2)>'):
        assert piece not in text
        assert piece in parsed.text
    assert "{{7*7}}" in parsed.text
    data = unpacked(parsed.raw["script1"])
    assert [system["name"] for system in data["systems"]] == [visible(system.name) for system in results.systems]
    assert "\u2028" not in str(data)


def test_tables_say_which_case_they_show():
    text = Parsed(page_of("classification")).text
    for word in (
        "Edits are drawn at random (average case) unless a row is marked: worst case is",
        "file published.jsonl",
        "swap only",
        "worst attack of each text",
        "86.0",
        "83.8 to 88.4",
        "−29.0",
        "< 0.001",
        "not told apart",
    ):
        assert word in text
    assert "charbert-minilm-l6 is better" in text


@pytest.mark.needs("matplotlib")
def test_figures_say_what_they_show():
    parsed = Parsed(page_of("classification"))
    assert parsed.tags.count("svg") == 5
    assert len([1 for tag, name, value in parsed.attributes if (tag, name, value) == ("svg", "role", "img")]) == 5
    assert "Accuracy as attack drop grows" in parsed.text


def test_the_story_needs_no_script():
    results, text = CASES["classification"][0], page_of("classification")
    story = Parsed(text[text.index('<section class="lead"') : text.index('<section id="examples"')])
    example = main_example(results)
    assert "".join(piece.text for piece in headline(results)) in story.text
    assert example.clean[0] in story.text
    assert example.attacked[0] in story.text
    assert "del" in story.tags


def test_every_example_is_in_the_page():
    parsed = Parsed(page_of("classification"))
    assert len(unpacked(parsed.raw["script1"])["examples"]) == len(CASES["classification"][0].shown)


def test_what_there_is_nothing_to_draw_of_is_said():
    results = sample_results.regression()
    attacks = tuple(replace(attack, edits=0.0) for attack in results.attacks)
    text = Parsed(page(replace(results, attacks=attacks))).text
    assert "attack charbert: changed no text, so there is nothing to draw." in text
    assert "Each attack was measured at one severity, so there is no curve" in text
    assert "changed no text" not in page_of("classification")


def test_seeds_versions_and_command_stand_at_the_foot():
    text = Parsed(page_of("classification")).text.partition("About this report")[2]
    assert "7 (drop@0.1, drop@0.25, drop@0.5, drop@1)" in text
    assert "torch 2.13.0, transformers 5.23.0" in text
    assert "charrobust report results.json" in text
    assert "0f0f" in text


@pytest.mark.needs("matplotlib")
def test_writing_is_repeatable_and_leaves_no_other_file(tmp_path):
    first = write_report(sample_results.regression(), tmp_path / "a")
    before = first.read_bytes()
    assert write_report(sample_results.regression(), tmp_path / "a").read_bytes() == before
    assert sorted(path.name for path in (tmp_path / "a").rglob("*")) == [
        "plots",
        "report.html",
        "scores.pdf",
        "scores.png",
        "scores.svg",
    ]


def test_halves_of_letters_are_written_as_escapes(tmp_path):
    path = write_report(replace(sample_results.regression(), data="half \ud800"), tmp_path)
    assert r"half \ud800" in path.read_text(encoding="utf-8")


def test_notes_stand_on_the_page():
    notes = ("2 bad records <b>are</b> left out", "texts are cut at `max_length` tokens")
    text = page(replace(sample_results.regression(), notes=notes))
    assert "2 bad records &lt;b&gt;are&lt;/b&gt; left out" in text
    assert "Note: texts are cut at --max-length tokens." in text
