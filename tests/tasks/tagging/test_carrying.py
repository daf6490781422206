"""Tags follow tokens that are split, joined, dropped, doubled, exchanged; and are undone with them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.batches import AttackBatch
from charrobust.datasets import load_data
from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.options import DataOptions
from charrobust.datasets.revert_file import revert_file
from charrobust.datasets.source import open_source
from charrobust.errors import DataError, RecipeError
from charrobust.perturb import Attack, Edit, load_recipe, recipe_names
from charrobust.perturb.recipe_files import parse_recipe
from charrobust.tasks.records import Batch, LoggedEdit, Place
from charrobust.tasks.tagging.carrying import carried, letters_of, sources_of
from charrobust.tasks.tagging.metrics import find_spans
from charrobust.tasks.tagging.record import Tagging
from charrobust.tasks.tagging.schemes import reading_of

CARRIED = Tagging("tokens", "tags", carry_tags=True)
ACROSS = [name for name in recipe_names() if load_recipe(name).breaks_tokens and name != "mixed-noise"]
SENTENCE = ["Peter", "Baker", "went", "to", "Greater", "London", "yesterday", "."]
TAGS = ["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC", "O", "O"]


def batch_of(*records):
    """Return a batch of records."""
    return Batch(0, list(records), [Place("test", f"line {number}") for number in range(len(records))])


def attack_of(operator, seed=3, **words):
    """Return an attack with one operator."""
    content = {"summary": "s", "source": "s", "seed": seed, "operators": [{"name": operator}], "words": words}
    return Attack.load(parse_recipe(operator, content))


def attacked(operator, tokens, tags, **words):
    """Return an attacked record."""
    return CARRIED.perturb(batch_of({"tokens": tokens, "tags": tags}), attack_of(operator, **words)).records[0]


def entities(tokens, tags):
    """Return the texts of the spans that tags mark."""
    kinds = {}
    spans = find_spans([tags], kinds, reading=reading_of(set(tags)))
    return [" ".join(tokens[first:last]) for first, last, _ in spans.triples()]


def test_a_token_that_is_split_has_two_tags():
    made = attacked("split", ["in", "London"], ["O", "B-LOC"])
    assert made["tags"] == ["O", "B-LOC", "I-LOC"]
    assert "".join(made["tokens"][1:]) == "London"


def test_words_said_again_and_left_out():
    made = attacked("double-word", ["in", "London"], ["O", "B-LOC"])
    assert made == {"tokens": ["in", "in", "London", "London"], "tags": ["O", "O", "B-LOC", "I-LOC"]}
    made = attacked("drop-word", ["so", "in", "London"], ["O", "O", "B-LOC"])
    assert entities(made["tokens"], made["tags"]) == ["London"]


def test_exchanged_words_take_their_tags_along():
    made = attacked("swap-words", ["the", "house", "is"], ["DET", "NOUN", "VERB"], edited_words=1)
    assert sorted(zip(made["tokens"], made["tags"], strict=True)) == [("house", "NOUN"), ("is", "VERB"), ("the", "DET")]


def test_joined_tokens_have_the_tag_of_the_first():
    made = attacked("join", ["Greater", "London"], ["B-LOC", "I-LOC"])
    assert made == {"tokens": ["GreaterLondon"], "tags": ["B-LOC"]}


def test_numbers_of_classes():
    names = ("O", "B-LOC", "I-LOC")
    task = Tagging("tokens", "tags", carry_tags=True, class_names=names)
    made = task.perturb(batch_of({"tokens": ["in", "London"], "tags": [0, 1]}), attack_of("split")).records[0]
    assert made["tags"] == [0, 1, 2]


@pytest.mark.parametrize("names", [(), ("O", "B-LOC", "I-LOC")])
@pytest.mark.parametrize("operator", ["split", "swap-words", "distractor"])
def test_a_sentence_without_tokens_stays_so(operator, names):
    task = Tagging("tokens", "tags", carry_tags=True, class_names=names)
    empty = {"tokens": [], "tags": []}
    records = [empty, {"tokens": ["in", "London"], "tags": [0, 1] if names else ["O", "B-LOC"]}]
    made = task.perturb(batch_of(*records), attack_of(operator))
    assert made.records[0] == empty
    assert task.restore(empty, [], Place("test", "line 0")) == empty
    data = load_data(records, task="tagging", carry_tags=True)
    example = task.perturb_examples(data.examples, attack_of(operator), ["0", "1"])[0]
    assert (example.texts, example.target) == ((), ())


def test_a_sentence_that_was_empty_is_empty_again():
    made = {"tokens": ["so"], "tags": ["O"]}
    edit = Edit(word=0, operator="distractor", old=(0, 0), new=(0, 2), old_text="", new_text="so")
    undone = CARRIED.restore(made, [LoggedEdit(0, "0", "tokens", edit)], Place("test", "line 0"))
    assert undone["tokens"] == []


def test_tags_of_one_name_stay_apart():
    task = Tagging("tokens", "tags", carry_tags=True, label_map=(("NNS", "N"), ("NN", "N")))
    record = {"tokens": ["houses", "of", "considerable", "size"], "tags": ["NNS", "IN", "JJ", "NN"]}
    made = task.perturb(batch_of(record), attack_of("split", edited_words=1, min_length=8)).records[0]
    assert len(made["tokens"]) == 5
    assert made["tags"] == ["NNS", "IN", "JJ", "JJ", "NN"]


def test_marks_that_are_tokens_go_with_their_tags():
    made = attacked("drop-marks", ["So", ",", "Yahoo", "!", "rose", "."], ["O", "O", "B-ORG", "I-ORG", "O", "O"])
    assert made == {"tokens": ["So", "Yahoo", "!", "rose"], "tags": ["O", "B-ORG", "I-ORG", "O"]}


@pytest.mark.parametrize(
    ("old", "count", "wanted"),
    [
        ("B", 2, "BI"), ("BI", 1, "B"), ("I", 2, "II"), ("S", 2, "BE"), ("S", 3, "BIE"), ("BE", 1, "S"), ("BIE", 2, "BE"),
        ("U", 2, "BL"), ("BL", 1, "U"), ("BILL", 3, "BIL"), ("W", 2, "BE"), ("BME", 2, "BE"), ("BME", 4, "BMME"), ("IE", 3, "IIE"),
        ("E", 2, "IE"),
    ],
)  # fmt: skip
def test_letters_of_every_scheme(old, count, wanted):
    assert "".join(letters_of(old, count)) == wanted


@pytest.mark.parametrize("recipe", ACROSS)
@given(seed=st.integers(0, 200))
def test_entities_stay_whole_and_all_is_undone(recipe, seed):
    attack = Attack(load_recipe(recipe).at("1"), seed)
    record = {"tokens": SENTENCE, "tags": TAGS}
    made = CARRIED.perturb(batch_of(record), attack)
    new = made.records[0]
    assert len(new["tokens"]) == len(new["tags"])
    assert all(new["tokens"])
    if attack.recipe.moves_words:
        assert entities(new["tokens"], new["tags"]) == ["Peter Baker", "Greater London"]
    assert CARRIED.restore(new, made.edits(), Place("test", "line 0")) == record


@pytest.mark.parametrize("recipe", ["charbert", "typing@1"])
def test_edits_inside_words_are_those_without_carried_tags(recipe):
    records = batch_of({"tokens": SENTENCE, "tags": TAGS})
    plain = Tagging("tokens", "tags").perturb(records, Attack.load(recipe)).records
    assert CARRIED.perturb(records, Attack.load(recipe)).records == plain


def test_examples_are_attacked_as_records_are():
    data = load_data([{"tokens": SENTENCE, "tags": TAGS}], task="tagging", carry_tags=True)
    attack = Attack.load("split-words@1")
    example = data.task.perturb_examples(data.examples, attack, data.task.identities(data.examples))[0]
    record = data.task.perturb(data.batches[0], attack).records[0]
    assert list(example.texts) == record["tokens"]
    assert list(example.target) == record["tags"]


def test_a_file_comes_back(tmp_path):
    path, made, log, back = (tmp_path / name for name in ("in.conll", "out.conll", "log.parquet", "back.conll"))
    path.write_text(
        "".join(f"{token} {tag}\n" for token, tag in zip(SENTENCE, TAGS, strict=True)) + "\n", encoding="utf-8"
    )
    source = open_source(path, DataOptions(carry_tags=True))
    attack_file(source.format, source.task, Attack.load("split-words@1"), output=made, edits=log)
    assert "I-LOC" in made.read_text("utf-8")
    assert len(made.read_text("utf-8").splitlines()) > len(SENTENCE) + 1
    revert_file(open_source(made).format, source.task, EditLog(log), output=back)
    assert back.read_bytes() == path.read_bytes()


def test_other_columns_cannot_follow(tmp_path):
    path = tmp_path / "in.conll"
    path.write_text("considerable ADJ B-X\nthings NOUN O\n\n", encoding="utf-8")
    source = open_source(path, DataOptions(carry_tags=True))
    for recipe in ("split-words@1", "swap-words@1"):
        with pytest.raises(DataError, match=r"in\.conll, line 1: .* columns beside token and tag, of 3 in all; leave"):
            attack_file(source.format, source.task, Attack.load(recipe), output=tmp_path / "out.conll")
        assert not (tmp_path / "out.conll").exists()
    attack_file(source.format, source.task, Attack.load("drop@1"), output=tmp_path / "out.conll")


def test_other_lists_cannot_follow(tmp_path):
    path = tmp_path / "in.jsonl"
    record = {"tokens": SENTENCE, "tags": TAGS, "pos": list("NNVPNNN.")}
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    source = open_source(path, DataOptions(carry_tags=True))
    with pytest.raises(DataError, match=r"in\.jsonl, line 1: column 'pos' holds a value for each of the 8 tokens"):
        attack_file(source.format, source.task, Attack.load("swap-words@1"), output=tmp_path / "out.jsonl")
    attack_file(source.format, source.task, Attack.load("drop@1"), output=tmp_path / "out.jsonl")
    columns = {"tokens": "tokens", "tags": "tags", "carry_tags": True}
    attack_batch = AttackBatch("split-words@1", columns, task="tagging")
    with pytest.raises(DataError, match="column 'pos' holds a value for each of the 8 tokens"):
        attack_batch({name: [value] for name, value in record.items()})


def test_without_being_asked_for_a_recipe_that_breaks_tokens_is_refused():
    with pytest.raises(RecipeError, match="carry_tags"):
        Tagging("tokens", "tags").doubts(Attack.load("split-words"))


def test_new_words_have_no_part_of_speech():
    with pytest.raises(DataError, match="nothing says what their tags are"):
        attacked("distractor", ["so"], ["ADV"])


def test_a_token_with_a_blank_is_refused_with_its_place():
    with pytest.raises(DataError, match=r"test, line 0: the token 'New York' is empty or holds a blank"):
        attacked("split", ["New York"], ["B-LOC"])


def test_sources_of_tokens_that_stay():
    pair = Attack.load("drop@0").joined([SENTENCE])[0]
    assert sources_of(SENTENCE, pair) == list(range(len(SENTENCE)))
    assert carried(TAGS, list(range(len(SENTENCE))), reading_of(set(TAGS))) == TAGS
