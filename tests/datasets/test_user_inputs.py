"""Inputs as users of other tools bring them: each is understood rightly, or refused with one clear message."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from charrobust import load_data
from charrobust.cli import main
from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.options import DataOptions
from charrobust.datasets.revert_file import revert_file
from charrobust.datasets.source import open_source
from charrobust.errors import DataError, UserError
from charrobust.perturb import Attack

ATTACK = Attack.load("charbert")
TEXT = "Annika visited Stockholm yesterday"
CONTEXT = "Astrid Lindgren wrote about Pippi in Stockholm."
START = CONTEXT.index("Stockholm")
ANSWER = {"text": "Stockholm", "answer_start": START}
TOKENS = ["Annika", "visited", "Stockholm"]


def lines(*records):
    """Return records as JSON Lines."""
    return "".join(json.dumps(record) + "\n" for record in records)


def labels(*values):
    """Return texts with labels as JSON Lines."""
    return lines(*({"text": f"a wonderful film {number}", "label": value} for number, value in enumerate(values)))


def asked(**fields):
    """Return a question with its context as JSON Lines."""
    return lines({"id": "1", "question": "Where did she write?", "context": CONTEXT, **fields})


def spans(**fields):
    """Return a text with other columns as JSON Lines."""
    return lines({"text": TEXT, **fields})


def written(folder, name, content):
    """Write a file."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def attacked(path, **options):
    """Attack a file; return what was written, and what undoing it gives."""
    chosen = DataOptions.of(**options)
    source = open_source(path, chosen)
    out, log, back = (path.with_name(f"{name}{path.suffix}") for name in ("out", "log", "back"))
    log = log.with_suffix(".jsonl")
    attack_file(source.format, source.task, ATTACK, output=out, edits=log, bad_records=chosen.bad_records)
    restored = open_source(out, DataOptions.of(**{**options, "bad_records": "refuse"}))
    revert_file(restored.format, source.task, EditLog(log), output=back)
    return out.read_bytes(), back.read_bytes()


CONLL = "annika _ _ B-PER\nvisited _ _ O\n\n"
UNDERSTOOD = [
    # name, content, options, targets, classes
    ("a.conll", f"\n# id 0\tdomain=en\n{CONLL}# id 1\tdomain=en\n{CONLL}", {}, [("B-PER", "O")] * 2, ("B-PER", "O")),
    ("a.conll", "# columns: token tag\nAnna B-PER\nvisited O\n\n", {}, [("B-PER", "O")], None),
    ("a.conll", "#throwback O\nannika B-PER\n# O\n\n", {}, [("O", "B-PER", "O")], None),
    ("a.conll", "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\n", {}, [("I-ORG", "O")], None),
    ("a.conll", "New York\tB-LOC\nsleeps\tO\n\n", {}, [("B-LOC", "O")], None),
    ("a.conllu", "1\tWonder\tgo\tVERB\t_\t_\t0\t_\t_\t_\n2\tx\tx\t_\t_\t_\t1\t_\t_\t_\n\n", {}, [("VERB", None)], ("VERB",)),
    ("a.jsonl", labels(-1, 1, 2, 0), {"task": "classification"}, ["1", "2", "0"], ("0", "1", "2")),
    ("a.jsonl", labels(None, 1.0, 0.0), {"task": "classification"}, ["1", "0"], ("0", "1")),
    ("a.jsonl", labels("-", "nan", "x"), {"task": "classification"}, ["x"], ("x",)),
    ("a.jsonl", labels("none", "x"), {"task": "classification", "class_names": ["none", "x"]}, ["none", "x"], None),
    ("a.jsonl", labels("none", "x"), {"task": "classification", "label_map": {"none": "0"}}, ["0", "x"], None),
    ("a.jsonl", '{"text": "a", "label": NaN}\n' + labels(0.0), {"task": "classification"}, ["0"], None),
    ("a.jsonl", lines({"text": "a"}) + labels(1), {"task": "classification"}, ["1"], None),
    ("a.jsonl", labels(1) + lines({"text": "a"}), {"task": "classification"}, ["1"], None),
    ("a.csv", "text,label\nwonderful,1.0\nb,\nc,0.0\n", {"task": "classification", "class_names": ["n", "p"]}, ["p", "n"], None),
    ("a.csv", "text,label\nwonderful,1\nb,<NA>\nc,\\N\n", {"task": "classification"}, ["1"], None),
    ("a.csv", "text,label\nWonderful,5\nDull,unrated\n", {"task": "classification"}, ["5", "unrated"], None),
    ("a.csv", "text;label\nWonderful, truly;pos\n", {"task": "classification"}, ["pos"], None),
    ("a.json", '[{"text": "Wonderful", "label": 1}]', {"task": "classification"}, ["1"], None),
    ("a.jsonl", labels([], ["joy", "trust"]), {"task": "classification"}, [(), ("joy", "trust")], None),
    ("a.jsonl", labels([27], [3, 10]), {"task": "multilabel"}, [("27",), ("3", "10")], None),
    ("a.jsonl", spans(label=[]) + spans(label=[[0, 6, "PER"]]), {"task": "classification"}, [(), ((0, 6, "PER"),)], None),
    ("a.jsonl", spans(label=None) + spans(label=[[0, 6, "PER"]]), {"task": "spans"}, [((0, 6, "PER"),)], None),
    (
        "a.jsonl",
        spans(aspectTerms={"aspectTerm": [{"@term": "Annika", "@polarity": "pos", "@from": "0", "@to": "6"}]}),
        {"task": "spans"}, [((0, 6, "pos"),)], None,
    ),
    ("a.jsonl", spans(entities=[{"start_char": 0, "end_char": 6, "label_": "PER"}]), {"task": "spans"},
     [((0, 6, "PER"),)], None),
    ("a.jsonl", lines({"tokens": TOKENS, "ner_tags": None}, {"tokens": TOKENS, "ner_tags": ["O", None, -100]}),
     {"task": "tagging"}, [("O", None, None)], None),
    ("a.jsonl", asked(answers={"text": [""], "answer_start": [-1]}), {"task": "qa"}, [()], None),
    ("a.jsonl", asked(is_impossible=True), {"task": "qa"}, [()], None),
    ("a.jsonl", asked(answers={"text": ["Stockholm"], "start": [START]}), {"task": "qa"}, [("Stockholm",)], None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "options", "targets", "classes"), UNDERSTOOD)
def test_understood(tmp_path, name, content, options, targets, classes):
    path = written(tmp_path, name, content)
    data = load_data(path, **options)
    assert [example.target for example in data.examples] == targets
    if classes is not None:
        assert data.classes == classes
    out, back = attacked(path, **options)
    assert out != path.read_bytes()
    assert back.decode() == content


def context_of(**fields):
    return asked(**fields), {"task": "qa", "field": "context"}


def plain(**fields):
    return spans(label=1, **fields), {"task": "classification"}


def guarded(tags, **options):
    return lines({"tokens": TOKENS, "tags": tags}), {"task": "tagging", "protect": "entities", **options}


REFUSED = [
    (*context_of(answer="Stockholm", answer_start=START), "has no 'answers'"),
    (*context_of(detected_answers=[{"text": "Stockholm"}]), "has no 'answers'"),
    (*context_of(answers=None), "it is null"),
    (*context_of(answers=[ANSWER], is_impossible="false"), "is_impossible must be true or false"),
    (*context_of(answers=[{**ANSWER, "char_spans": [[START, START + 8]]}]), "'char_spans' seems to hold an offset"),
    (*context_of(answers=[{**ANSWER, "span": [START, START + 9]}]), "'span'"),
    (*context_of(answers=[{**ANSWER, "answer_start_byte": START}]), "'answer_start_byte'"),
    (*context_of(answers=[{**ANSWER, "answer_idx": [START]}]), "'answer_idx'"),
    (*context_of(answers={"text": ["Stockholm"], "answer_start": [START], "spans": [[37, 46]]}), "'spans'"),
    (*context_of(answers=[ANSWER], document_offset=1000), "'document_offset'"),
    (*context_of(answers=[ANSWER], context_tokens=[["Astrid", 0], ["Lindgren", 7]]), "'context_tokens'"),
    (*context_of(answers=[], entities=[[0, 6, "PER"]]), "'entities'"),
    (*plain(aspect="Stockholm", aspect_start=15, aspect_end=24), "column 'aspect_start' seems to hold offsets"),
    (*plain(target_begin="15", target_end="24"), "'target_begin'"),
    (*plain(term="Stockholm", offset=15), "'offset'"),
    (*plain(span="15:24"), "'span'"),
    (*plain(toxic_spans=[0, 1, 2]), "'toxic_spans'"),
    (*plain(entities="[(0, 6, 'PER')]"), "'entities'"),
    (*plain(aspectTerms={"aspectTerm": {"@term": "Annika", "@from": "0", "@to": "6"}}), "'aspectTerms'"),
    (spans(entities=[["0", "6", "PER"]]), {"task": "spans"}, r"must hold lists \[start, end, label\]"),
    (spans(entities=[["PER", 0, 6]]), {"task": "spans"}, r"must hold lists \[start, end, label\]"),
    (spans(entities=[{"charOffset": "0-5", "type": "PER"}]), {"task": "spans"}, "may be an offset"),
    (labels("[0 1 1]"), {"task": "classification"}, "must hold one label"),
    (labels(0, 1.5), {"task": "classification", "class_names": ["n", "p"]}, "neither a number nor one of the"),
    (labels("n", "q"), {"task": "classification", "class_names": ["n", "p"]}, "neither a number nor one of the"),
    (labels(1), {"task": "classification", "label_column": "lable"}, "label column 'lable' is missing; did you mean"),
    (
        labels(1) + lines({"text": "a", "lable": 1}),
        {"task": "classification"},
        "line 2: label column 'label' is missing",
    ),
    (labels("4,5"), {"task": "regression"}, "write a decimal point"),
    (*guarded([1, 0, 2]), "nothing says which of them is 'O'"),
    (*guarded(["1", "0", "2"]), "nothing says which of them is 'O'"),
    (*guarded([1.0, 0.0, 2.0]), "nothing says which of them is 'O'"),
    (*guarded(["PER", "OTHER", "LOC"]), "nothing says which of them is 'O'"),
    (
        *guarded([1, 0, 2], class_names=["OTHER", "B-PER", "B-LOC"]),
        "the tags are OTHER, B-PER, B-LOC, and nothing says",
    ),
    (*guarded(None), "protecting entities needs a tag column"),
]


@pytest.mark.parametrize(("content", "options", "message"), REFUSED)
def test_refused(tmp_path, content, options, message):
    path = written(tmp_path, "in.jsonl", content)
    with pytest.raises(UserError, match=message):
        attacked(path, **options)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("in.conll", "token tag\nannika B-PER\n\n", "names columns"),
        ("in.conll", "Sentence\tWord\tTag\n1\tannika\tB-PER\n\n", "names columns"),
        ("in.conll", "1\tAnnika\tB-PER\n2\tran\tO\n\n1\tOslo\tB-LOC\n\n", "counts the tokens"),
        ("in.conll", "% a comment here\nannika B-PER\n\n", "line 2: expected 4 columns .* line 1 told how many"),
        ("in.csv", "text^label\nWonderful^pos\n", "set `delimiter`"),
        ("in.tsv", "text,label\nWonderful,pos\n", "set `delimiter`"),
        ("in.csv", "text,label\rWonderful,1\r", "a carriage return outside of quotes"),
    ],
)
def test_refused_files(tmp_path, name, content, message):
    path = written(tmp_path, name, content)
    with pytest.raises(DataError, match=message):
        load_data(path, task=None if name.endswith("conll") else "classification")


@pytest.mark.parametrize("end", [START + 9, START + 8])
def test_ends_of_answers_move_along(tmp_path, end):
    path = written(tmp_path, "in.jsonl", asked(answers=[{**ANSWER, "answer_end": end}]))
    out, back = attacked(path, task="qa", field="context")
    record = json.loads(out)
    (answer,) = record["answers"]
    stop = answer["answer_end"] + START + 9 - end
    assert record["context"] != CONTEXT
    assert record["context"][answer["answer_start"] : stop] == answer["text"]
    assert back == path.read_bytes()


def test_keys_that_are_no_offsets_can_be_named(tmp_path):
    path = written(tmp_path, "in.jsonl", asked(answers=[ANSWER], document_offset=1000))
    out, back = attacked(path, task="qa", field="context", plain_columns="document_offset")
    assert json.loads(out)["document_offset"] == 1000
    assert back == path.read_bytes()


def test_numbers_of_times_are_no_offsets(tmp_path):
    path = written(tmp_path, "in.jsonl", spans(label=1, start_time=3, end_time=9, start_date="2020-01", year_end=4))
    out, _ = attacked(path, task="classification")
    assert json.loads(out)["text"] != TEXT


@pytest.mark.parametrize(
    ("name", "content", "options", "good"),
    [
        ("in.csv", "text,label,note\na,1\nbeautiful film,0,x\n", {"task": "classification"}, "beautiful film,0,x"),
        ("in.jsonl", "xx\n" + labels(1), {"task": "classification"}, "a wonderful film 0"),
        ("in.json", '[{"text": null}, {"text": "a wonderful film"}]', {"task": "classification"}, "a wonderful film"),
        ("in.conll", "Annika B-PER\nran O\n\nwonderful\n\nMaria B-PER\n\n", {}, "Maria B-PER"),
    ],
)
def test_bad_records_that_cannot_be_read_are_left_out(tmp_path, name, content, options, good):
    path = written(tmp_path, name, content)
    _, back = attacked(path, bad_records="skip", **options)
    assert good in back.decode()
    assert back != path.read_bytes()


def test_entities_stay_where_the_names_say_what_they_are(tmp_path):
    content, options = guarded([0, 2, 1], class_names=["B-PER", "B-LOC", "O"])
    out, _ = attacked(written(tmp_path, "in.jsonl", content), **options)
    first, second, third = json.loads(out)["tokens"]
    assert (first, third) == ("Annika", "Stockholm")
    assert second != "visited"


def test_a_format_that_was_named_is_known_when_an_attack_is_undone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "in.txt", "text,label\na wonderful film,1\n")
    command = "attack in.txt --format csv --task classification -r charbert -o out.txt --edits log.jsonl"
    for arguments in (command, "revert out.txt --edits log.jsonl -o back.txt"):
        monkeypatch.setattr("sys.argv", ["charrobust", *arguments.split()])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
    assert (tmp_path / "back.txt").read_text() == (tmp_path / "in.txt").read_text()


def test_arrays_of_data_frames():
    frame = pd.DataFrame({"tokens": [np.array(["EU", "rejects"])], "ner_tags": [np.array([1, -100])]})
    assert load_data(frame, task="tagging").examples[0].target == ("1", None)
    answers = {"text": np.array(["Oslo"]), "answer_start": np.array([3])}
    frame = pd.DataFrame({"question": ["where?"], "context": ["in Oslo"], "answers": [answers]})
    assert load_data(frame, task="qa").examples[0].target == ("Oslo",)
    with pytest.raises(DataError, match="several columns of one name: 'label'"):
        load_data(pd.DataFrame([["a", 1, 2]], columns=["text", "label", "label"]), task="classification")


@pytest.mark.parametrize(
    ("inputs", "targets", "task"),
    [
        ([("where?", "in Oslo")], ["Oslo"], "qa"),
        ([("where?", "in Oslo")], [[None]], "qa"),
        ([("where?", "in Oslo")], [[{"text": "Oslo"}]], "qa"),
        ([None], [[]], "qa"),
        (["Annika sees"], [(0, 6, "PER")], "spans"),
        (["EU rejects"], [["O", "O"]], "tagging"),
        ([["EU", None]], [["O", "O"]], "tagging"),
        (["a", None], [0, 1], "classification"),
    ],
)
def test_lists_of_other_things(inputs, targets, task):
    with pytest.raises(DataError, match="example"):
        load_data(inputs, targets, task=task)


def test_generators_are_lists():
    assert len(load_data((text for text in ("a", "b")), iter([0, 1]))) == 2


@pytest.mark.parametrize(
    ("call", "value"),
    [
        (ATTACK.texts, "a wonderful day"),
        (ATTACK.texts, ["good", None]),
        (ATTACK.tokens, "EU"),
        (ATTACK.tokens, ["EU", "rejects"]),
        (ATTACK.tokens, [["EU", None]]),
        (ATTACK.text, None),
    ],
)
def test_a_text_is_no_list(call, value):
    with pytest.raises(UserError, match=r"expected a (list of|text)"):
        call(value)
