"""What searches found, on the page; cards, and the leaderboard that they make."""

from dataclasses import replace

import pytest

from charrobust.errors import DataError, UserError
from charrobust.report.cards import cards_of, read_cards, write_cards
from charrobust.report.leaderboard import boards_of, leaderboard, write_leaderboard
from charrobust.report.search_tables import search_table, transfer_tables
from charrobust.scoring.stored import save
from tests.report import sample_results
from tests.report.drawn import page_of
from tests.report.parsing import Parsed

RESULTS = sample_results.searched()
FIRST = "worst:charbert:exhaustive:1"


def test_every_search_says_what_it_is():
    table = search_table(RESULTS)
    assert {row[0].text for row in table.rows} == {"attack charbert"}
    assert [row[0].note for row in table.rows] == ["exhaustive search, 1 edit", "greedy search, 2 edits"] * 3
    by_head = [dict(zip(table.heads, row, strict=True)) for row in table.rows]
    assert by_head[0]["certified"].text == by_head[0]["robust"].text == "43.0"
    assert by_head[1]["certified"].text == "–"
    assert by_head[0]["queries, mean"].text == "340.2"
    assert by_head[0]["queries, mean"].note == "median 331"


def test_a_seed_names_a_search_of_several_systems_once():
    text = page_of("searched")
    assert text.partition("<dt>Seeds</dt>")[2].partition("</dd>")[0].count(FIRST) == 1


def test_what_carries_over_is_a_square():
    first, second = transfer_tables(RESULTS)
    assert first.caption.startswith("attack charbert, exhaustive search, 1 edit:")
    assert second.caption.startswith("attack charbert, greedy search, 2 edits:")
    assert first.heads[1:] == tuple(row[0].text for row in first.rows)
    assert first.heads[1:] == tuple(f"model {name}" for name in sample_results.SYSTEMS)
    lowest = [min(row[1:], key=lambda cell: cell.value) for row in first.rows]
    assert lowest == [row[1 + number] for number, row in enumerate(first.rows)]


def test_the_page_has_a_section_of_searches_only_where_there_are_some():
    parsed = Parsed(page_of("searched"))
    ids = {value for _, name, value in parsed.attributes if name == "id"}
    assert "searches" in ids
    text = page_of("classification")
    assert 'id="searches"' not in text
    assert "Found against one model" not in text


def test_a_card_holds_what_results_say_of_a_system():
    cards = list(cards_of(RESULTS, "Ada"))
    assert [card.system for card in cards] == list(RESULTS.systems)
    card = cards[0]
    scores = {
        score.attack: score.value for score in RESULTS.scores if (score.system, score.metric) == ("MiniLM", "accuracy")
    }
    assert card.clean == scores["clean"]
    assert card.worst == scores["worst case"]
    of_card = {score.attack: score for score in card.attacks}
    assert list(of_card) == [name for name in scores if name not in ("clean", "worst case")]
    assert all(score.value == scores[name] for name, score in of_card.items())
    assert of_card[FIRST].label == f"{FIRST} (worst case of exhaustive)"
    assert of_card[FIRST].certified == RESULTS.searches[0].certified
    assert of_card["charbert"].label == "charbert (average case)"
    assert card.lowest == min(value.value for value in scores.values())


def test_a_budget_is_a_label_of_its_own():
    attacks = tuple(replace(attack, budget=50 if attack.search else None) for attack in RESULTS.attacks)
    card = next(cards_of(replace(RESULTS, attacks=attacks), "Ada"))
    assert f"{FIRST} (worst case of exhaustive, at most 50 queries)" in {score.label for score in card.attacks}


def test_cards_are_read_as_they_were_written(tmp_path):
    folder = write_cards(RESULTS, tmp_path / "out", measured_by="Ada")
    names = ["MiniLM", "charbert-minilm-l6", "spelling-+-MiniLM"]
    # as JSON, and as a model card's entries
    written = sorted([f"{name}.json" for name in names] + [f"{name}.md" for name in names])
    assert sorted(path.name for path in folder.iterdir()) == written
    read = {card.system.name: card for card in read_cards(folder)}
    assert read == {card.system.name: card for card in cards_of(RESULTS, "Ada")}
    assert read_cards(tmp_path / "out") == read_cards(folder), "the output of an evaluation holds its cards"


def test_cards_of_an_earlier_evaluation_go(tmp_path):
    folder = write_cards(RESULTS, tmp_path, measured_by="Ada")
    for name in ("notes.json", "notes.md", "README.md"):
        (folder / name).write_text("{}")
    write_cards(replace(RESULTS, systems=RESULTS.systems[:1]), tmp_path, measured_by="Ada")
    kept = {"MiniLM.json", "MiniLM.md", "notes.json", "notes.md", "README.md"}
    assert {path.name for path in folder.iterdir()} == kept


def test_names_that_no_file_tells_apart(tmp_path):
    systems = tuple(
        replace(system, name=name) for system, name in zip(RESULTS.systems, ("a b", "a/b", "A:b"), strict=True)
    )
    names = {old.name: new.name for old, new in zip(RESULTS.systems, systems, strict=True)}
    scores = tuple(replace(score, system=names[score.system]) for score in RESULTS.scores)
    folder = write_cards(replace(RESULTS, systems=systems, scores=scores, searches=()), tmp_path, measured_by="Ada")
    assert {card.system.name for card in read_cards(folder)} == {"a b", "a/b", "A:b"}


def test_systems_stand_by_their_lowest_score():
    (board,) = boards_of(list(cards_of(RESULTS, "Ada")))
    assert board.data == "sst2: 872 examples"
    lowest = {card.system.name: card.lowest for card in cards_of(RESULTS, "Ada")}
    assert [row[0].text for row in board.table.rows] == sorted(lowest, key=lowest.__getitem__, reverse=True)
    heads = board.table.heads
    assert heads[:4] == ("system", "defences", "measured by", "clean")
    assert heads[5] == "charbert (average case)"
    assert f"certified: {FIRST} (worst case of exhaustive)" in heads
    assert all(len(row) == len(heads) for row in board.table.rows)


def test_other_data_are_another_board_and_what_was_not_measured_is_a_dash():
    first, second, third = cards_of(RESULTS, "Ada")
    cards = [first, replace(second, attacks=()), replace(third, data="imdb")]
    one, other = boards_of(cards)
    assert (one.data, other.data) == ("sst2: 872 examples", "imdb: 872 examples")
    cells = {row[0].text: dict(zip(one.table.heads, row, strict=True)) for row in one.table.rows}
    assert cells["spelling + MiniLM"]["charbert (average case)"].text == "–"
    assert cells["MiniLM"]["charbert (average case)"].text == "57.0"


def test_the_page_of_cards_is_self_contained_and_text_stays_text(tmp_path):
    cards = [replace(card, measured_by=sample_results.HOSTILE) for card in cards_of(RESULTS, "Ada")]
    parsed = Parsed(leaderboard(cards))
    assert parsed.tags.count("script") == 1
    assert "img" not in parsed.tags
    for _, name, value in parsed.attributes:
        assert not name.startswith("on")
        if name in ("src", "href"):
            assert value.startswith(("#", "data:,"))
    path = write_leaderboard(cards, tmp_path / "page.html")
    assert path.read_text(encoding="utf-8") == leaderboard(cards)


def test_cards_as_markdown(tmp_path):
    cards = [replace(card, measured_by="Ada | <b>") for card in cards_of(RESULTS, "Ada")]
    text = write_leaderboard(cards, tmp_path / "page.md").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert lines[0] == "## sst2: 872 examples"
    rows = [line for line in lines if line.startswith("| ")]
    assert [row.split(" (")[0] for row in rows[2:]] == [f"| {row[0].text}" for row in boards_of(cards)[0].table.rows]
    assert all(r"Ada \| &lt;b>" in row for row in rows[2:])


def test_nobody_measured():
    with pytest.raises(UserError, match="a `card` says who measured"):
        list(cards_of(RESULTS, "  "))


@pytest.mark.parametrize("change", [{"examples": -1}, {"confidence": 2.0}])
def test_cards_with_numbers_that_nobody_measured(tmp_path, change):
    card = next(cards_of(RESULTS, "Ada"))
    save(replace(card, **change), tmp_path / "card.json")
    with pytest.raises(DataError, match=r"card\.json"):
        read_cards(tmp_path)


def test_a_leaderboard_is_no_other_kind_of_file(tmp_path):
    with pytest.raises(UserError, match=r"end its name with \.html or \.md, got"):
        write_leaderboard(cards_of(RESULTS, measured_by="Ada"), tmp_path / "page.txt")
    assert not list(tmp_path.iterdir())
