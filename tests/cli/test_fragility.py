"""``charrobust fragility``."""

import pytest

import charrobust.cli.shared as console_of
from charrobust.cli.terminal import Terminal
from charrobust.files import claimed
from charrobust.scoring.fragility.results import Fragility
from tests.models.tokenizers import byte_level, wordpiece
from tests.tasks.data import CONLL, json_lines, write
from tests.training.runs import SENTENCES

TAGGED = json_lines(
    {"tokens": sentence.split(), "tags": ["NN" if len(word) > 6 else "O" for word in sentence.split()]}
    for sentence in SENTENCES
)


@pytest.fixture
def tokenizer(tmp_path):
    wordpiece().save_pretrained(tmp_path / "pieces")
    return tmp_path / "pieces"


def test_two_tokenizers_and_groups(run, tokenizer, tmp_path):
    byte_level().save_pretrained(tmp_path / "bytes")
    path = write(tmp_path / "tagged.jsonl", TAGGED)
    output = tmp_path / "out"
    options = ("--task", "tagging", "--group", "N*", "--group", "entities", "--attack", "drop", "-o", output)
    result = run("fragility", "-t", tokenizer, "-t", f"other={tmp_path / 'bytes'}", "--data", path, *options)
    assert (result.status, result.err) == (0, "")
    for phrase in ("pieces", "other", "split, %", "left, %", "drop", "entities", "fragility.json"):
        assert phrase in result.out
    found = Fragility.load(output)
    assert [each.tokenizer for each in found.tokenizers] == ["pieces", "other"]
    assert [group.group for group in found.tokenizers[0].groups] == ["all", "N*", "entities"]
    assert str(tmp_path) not in (output / "fragility.json").read_text()
    assert len((output / "fragility.csv").read_text().splitlines()) == len(found.to_frame()) + 1


def test_text_and_conll(run, tokenizer, tmp_path):
    text = write(tmp_path / "text.txt", "".join(sentence + "\n" for sentence in SENTENCES))
    conll = write(tmp_path / "a.conll", CONLL)
    for arguments in (
        ("--data", text),
        ("--data", conll, "--tag-column", "1", "--group", "NN*"),
        ("--data", "reviews"),
    ):
        result = run("fragility", "-t", tokenizer, *arguments, "--confidence", "0.9", "--json")
        assert (result.status, result.out.count("\n")) == (0, 1), result.err
        assert "sub-tokens" in result.err
        assert "90 % interval" in result.err
        assert "95 %" not in result.err
        assert result.told["figures"]["confidence"] == 0.9
        group = result.told["figures"]["tokenizers"][0]["groups"][0]
        assert (group["group"], group["split"].keys()) == ("all", {"value", "low", "high"})
    assert {path.name for path in tmp_path.iterdir()} == {"text.txt", "a.conll", "pieces"}


def test_the_folder_is_claimed_until_all_is_written(run, tokenizer, tmp_path, monkeypatch):
    def save(self, path):
        with claimed(path.parent):
            pass

    monkeypatch.setattr(Fragility, "save", save)
    output = tmp_path / "out"
    result = run("fragility", "-t", tokenizer, "--data", write(tmp_path / "a.txt", "one text\n"), "-o", output)
    assert (result.status, output.exists()) == (2, False)
    assert "is in use by another run" in result.err


@pytest.mark.parametrize(("arguments", "message"), [
    (("--group", "NM*"), "no tag matches 'NM*'; "),
    (("--task", "classification"), "no text column found among tokens, tags"),
    (("--attack", "no-such"), "unknown recipe 'no-such'"),
    (("--confidence", "1"), "--confidence must lie between 0 and 1, such as 0.95, got 1"),
    (("--tag-column", "pos"), "column 'pos' is missing"),
])  # fmt: skip
def test_mistakes(run, tokenizer, tmp_path, arguments, message):
    path = write(tmp_path / "tagged.jsonl", TAGGED)
    result = run("fragility", "-t", tokenizer, "--data", path, "--task", "tagging", *arguments)
    assert (result.status, message in result.err) == (2, True), result.err
    assert "Traceback" not in result.err


def test_groups_need_tags(run, tokenizer, tmp_path):
    path = write(tmp_path / "text.txt", "wonderful storms\n")
    result = run("fragility", "-t", tokenizer, "--data", path, "--group", "NN*")
    assert (result.status, "--group needs tags" in result.err) == (2, True)
    result = run("fragility", "-t", tmp_path / "no", "--data", path)
    assert (result.status, "no such directory" in result.err) == (2, True)


def test_long_names_are_whole_at_80_columns(run, tokenizer, tmp_path, monkeypatch):
    monkeypatch.setattr(console_of, "console", lambda: Terminal(width=80))
    path = write(tmp_path / "tagged.jsonl", TAGGED)
    name = "minilm-finetuned-on-sst2-augmented-2026"
    result = run("fragility", "-t", f"{name}={tokenizer}", "--data", path, "--task", "tagging", "--group", "N*")
    assert result.status == 0, result.err
    lines = [line.strip() for line in result.out.splitlines()]
    assert lines.count("minilm-finetuned-on-") == lines.count("sst2-augmented-2026") == 2
    assert max(map(len, result.out.splitlines())) <= 80
