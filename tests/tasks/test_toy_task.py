"""A task of another package: known by a call or an entry point, it runs the whole path without a change here."""

import json
import re
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import charrobust
from charrobust.datasets import load_data
from charrobust.datasets.cards import load_card
from charrobust.errors import UserError
from charrobust.scoring.evaluation.results_file import read_results
from charrobust.systems.models import load_predictor
from charrobust.tasks.base import Task
from charrobust.tasks.classification.head import ClassificationHead
from charrobust.tasks.classification.record import Classification
from charrobust.tasks.metrics import Metric, mean_of, with_ones
from charrobust.tasks.registry import register_task, task_class, task_names, unregister_task
from tests.cli.running import Runner
from tests.training.runs import make_backbone
from tests.training.tasks import examples, small

PACKAGE = Path(charrobust.__file__).parent


def half_right(targets, predictions):
    """Return a half for each right answer: a metric that no shipped task has."""
    pairs = zip(targets, predictions, strict=True)
    return with_ones([(target == prediction) / 2 for target, prediction in pairs])


HALF = Metric("half right", half_right, mean_of)


@dataclass(frozen=True)
class IntentHead(ClassificationHead):
    """Asks a classifier, and keeps an option of its own with the model."""

    politeness: int = 3


@dataclass(frozen=True)
class Intent(Classification):
    """What a text wants."""

    name = "intent"
    head = IntentHead
    pipeline = "text-classification"

    def metrics(self, targets, labels=()):
        """Return one metric of its own."""
        return (HALF,)


@pytest.fixture
def intent():
    yield register_task(Intent)
    unregister_task("intent")


@pytest.fixture
def plugin(monkeypatch):
    """An installed package with the task ``wish``."""
    wish = EntryPoint("wish", f"{__name__}:Wish", "charrobust.tasks")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [wish] if group == wish.group else [])


@dataclass(frozen=True)
class Wish(Intent):
    """The same by an entry point."""

    name = "wish"


@pytest.fixture
def run(monkeypatch, capsys):
    return Runner(monkeypatch, capsys)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return make_backbone(tmp_path_factory.mktemp("model") / "backbone")


def write(path):
    rows = [{"text": example.texts[0], "label": example.target} for example in examples("classification", 30)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def whole_path(run, model, folder, task):
    """Attack, revert, fine-tune, evaluate and report by the command line."""
    data, attacked, log = write(folder / "in.jsonl"), folder / "attacked.jsonl", folder / "log.parquet"
    done = run("attack", data, "--task", task, "-r", "drop", "-o", attacked, "--edits", log)
    assert done.status == 0, done.err
    assert attacked.read_bytes() != data.read_bytes()
    done = run("revert", attacked, "--edits", log, "-o", folder / "back.jsonl")
    assert done.status == 0, done.err
    assert (folder / "back.jsonl").read_bytes() == data.read_bytes()
    options = ("--epochs", "1", "--batch-size", "8", "--noise", "charbert", "--consistency", "0.5")
    trained = ("--model", model, "--task", task, "--train", data, "--output", folder / "model", *options)
    done = run("finetune", *trained)
    assert done.status == 0, done.err
    assert "half right" in done.out
    reading = ("--data", data, "--task", task, "-a", "drop", "-a", attacked)
    done = run("evaluate", "-m", folder / "model", *reading, "-o", folder / "scores")
    assert done.status == 0, done.err
    assert "half right" in done.out
    done = run("report", folder / "scores", "-o", folder / "page")
    assert done.status == 0, done.err


def check_outcome(folder, task):
    """Check that what was written is of the task, by its own metric and head."""
    manifest = json.loads((folder / "model" / "finetuning.json").read_text(encoding="utf-8"))
    assert (manifest["task"], manifest["politeness"], list(manifest["measured"])) == (task, 3, ["half right"])
    predictor = load_predictor(folder / "model")
    assert (predictor.task.name, type(predictor.settings.head)) == (task, IntentHead)
    results = read_results(folder / "scores")
    assert (results.task, results.metrics) == (task, ("half right",))
    clean = next(score for score in results.scores if score.attack == "clean")
    assert clean.value.value <= 0.5
    assert "half right" in (folder / "page" / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("intent")
def test_a_task_that_a_program_registers(run, model, tmp_path):
    whole_path(run, model, tmp_path, "intent")
    check_outcome(tmp_path, "intent")


@pytest.mark.usefixtures("plugin")
def test_a_task_of_an_installed_package(run, model, tmp_path):
    assert "wish" in task_names()
    whole_path(run, model, tmp_path, "wish")
    check_outcome(tmp_path, "wish")


@pytest.mark.usefixtures("intent")
def test_from_python(model, tmp_path):
    given = examples("classification", 20)
    inputs, targets = ([getattr(example, name) for example in given] for name in ("texts", "target"))
    data = load_data([texts[0] for texts in inputs], targets, task="intent")
    assert (type(data.task), data.classes) == (Intent, ("bad", "good"))
    from charrobust.scoring import evaluate
    from charrobust.training import finetune

    done = finetune(small(model, training__epochs=1), data, data, output=tmp_path / "out")
    results = evaluate([done.output], data, ["drop"])
    assert results.scores[0].value.value == pytest.approx(done.measured["half right"])
    path = tmp_path / "mine.toml"
    path.write_text(
        'summary = "s"\nsource = "s"\nlicence = "s"\ntask = "intent"\ndefault_split = "test"\n'
        '[files]\ntest = "in.jsonl"\n[columns]\ntexts = ["text"]\n'
    )
    write(tmp_path / "in.jsonl")
    assert load_data(path).task == load_card(str(path)).task == Intent(("text",))


@pytest.mark.usefixtures("intent", "plugin")
def test_an_unknown_task_is_hinted_at_everywhere(run, tmp_path):
    data, hint = write(tmp_path / "in.jsonl"), "unknown task 'intnt'; did you mean 'intent'?"
    for arguments in (
        ("attack", data, "--task", "intnt", "-r", "drop", "-o", tmp_path / "out.jsonl"),
        ("evaluate", "-m", "minilm", "--data", data, "--task", "intnt", "-o", tmp_path / "out"),
        ("evaluate", "-m", "minilm", "--data", "reviews", "--task", "intnt", "-o", tmp_path / "out"),
        ("finetune", "--train", data, "--task", "intnt", "-o", tmp_path / "out"),
        ("sensitivity", "-m", "minilm", "--data", data, "--task", "intnt", "-o", tmp_path / "out"),
    ):
        refused = run(*arguments)
        assert (refused.status, hint in refused.err) == (2, True), refused.err
        assert all(name in refused.err for name in ("classification", "wish"))
    for options in ({"data": ["a"], "targets": ["b"]}, {"data": str(data)}, {"data": [{"text": "a", "label": "b"}]}):
        with pytest.raises(UserError, match=re.escape(hint)):
            load_data(**options, task="intnt")
    card = tmp_path / "mine.toml"
    card.write_text(
        'summary = "s"\nsource = "s"\nlicence = "s"\ntask = "intnt"\ndefault_split = "a"\n[files]\na = "in.jsonl"\n'
    )
    with pytest.raises(UserError, match=re.escape(hint)):
        load_data(card)


@pytest.mark.usefixtures("intent")
def test_a_model_of_an_unknown_task(model, tmp_path):
    folder = make_backbone(tmp_path / "model")
    record = {"task": "intnt", "max_length": 64, "stride": 0}
    (folder / "finetuning.json").write_text(json.dumps(record))
    with pytest.raises(UserError, match=r"finetuning\.json .* got the task 'intnt', did you mean 'intent'\?"):
        load_predictor(folder)


def test_names_are_those_of_one_task(intent):
    assert task_class("intent") is intent
    assert register_task(Intent) is Intent
    with pytest.raises(UserError, match="a task 'intent' is registered already; give the new one another name"):
        register_task(type("Other", (Classification,), {"name": "intent"}))
    with pytest.raises(UserError, match="a task 'qa' is registered already"):
        register_task(type("Other", (Classification,), {"name": "qa"}))


def test_shipped_tasks_have_a_room_each():
    for name in task_names():
        task = task_class(name)
        assert task.name == name
        assert issubclass(task, Task)
        assert task.__module__ == f"charrobust.tasks.{name}.record"
        if task.head:  # plain text has nothing to learn
            assert task.head_class().__module__ == f"charrobust.tasks.{name}.head"


def outside_of_rooms():
    """Go through the modules of the package that are in no room of a task, nor the registry."""
    rooms = tuple(f"tasks/{name}/" for name in task_names())
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        in_a_room = place.startswith(rooms)
        if not in_a_room and place != "tasks/registry.py":
            yield place, path.read_text(encoding="utf-8")


# What is no task's name: a name of the transformers library, an extra of the package, a word in names of columns.
ALLOWED = {
    (
        "tasks/offsets.py",
        '_OFFSET_WORDS = frozenset({"start", "end", "begin", "stop", "offset", "offsets", "span", "spans", "indices"})',
    ),
    ("models/heads.py", 'if problem == "regression" or (problem is None and self.config.num_labels == 1):'),
}


def test_no_other_module_names_a_task():
    # "text" is what a column is called all over the package, and what plain text is called as a task.
    names = "|".join(re.escape(name) for name in task_names() if name != "text")
    literal = re.compile(rf"""(["'])({names})\1""")
    found = set()
    for place, source in outside_of_rooms():
        code = source.split('"""', 2)[2] if source.startswith('"""') else source
        for line in filter(literal.search, code.splitlines()):
            found.add((place, line.strip()))
    assert found == ALLOWED


def test_no_other_module_asks_for_the_class_of_a_task():
    classes = "|".join(task_class(name).__name__ for name in task_names())
    forbidden = re.compile(rf"(isinstance|issubclass)\([^)]*\b({classes})\b|\b(is|is not|case|==) ({classes})\b")
    for place, source in outside_of_rooms():
        assert not forbidden.search(source), place
