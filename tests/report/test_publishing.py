"""What goes to the hub: files and cards of models, attacked data and results."""

import base64
import gzip
import json
import re
from dataclasses import replace

import huggingface_hub
import pytest

from charrobust.cli.evaluate import write_scores
from charrobust.report import write_report
from charrobust.report.cards import write_cards
from charrobust.report.published_results import published_results
from charrobust.report.publishing.push import publication, push_to_hub
from charrobust.scoring.evaluation.results import LanguageScore
from charrobust.scoring.evaluation.results_file import read_results, write_results
from charrobust.training.pretraining.manifest import PRETRAINING, VOCABULARY
from tests.cli.running import Runner
from tests.report import sample_results

pytestmark = pytest.mark.needs("huggingface_hub")


class Hub:
    """Takes what a client of the hub would send."""

    def __init__(self, error=None):
        self.error, self.made, self.commits = error, [], []

    def __call__(self, **_):
        return self

    def create_repo(self, name, **options):
        if self.error:
            raise self.error
        self.made.append((name, options))
        return f"https://hub/{name}"

    def create_commit(self, name, operations, **options):
        contents = {}
        for operation in operations:
            with operation.as_file() as handle:
                contents[operation.path_in_repo] = handle.read()
        self.commits.append((name, contents, options))


@pytest.fixture
def hub(monkeypatch):
    made = Hub()
    monkeypatch.setattr(huggingface_hub, "HfApi", made)
    return made


@pytest.fixture
def run(monkeypatch, capsys):
    return Runner(monkeypatch, capsys)


@pytest.fixture
def attacked(run, tmp_path):
    folder = tmp_path / "attacked"
    result = run("attack", "reviews", "-r", "charbert", "-r", "drop@0.5", "-o", f"{folder}/")
    assert result.status == 0, result.err
    return folder


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    for name in (
        "config.json",
        "README.md",
        "checkpoint-3/model.safetensors",
        "runs/events",
        ".lock",
        "1_Pooling/x.json",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_attacked_data_with_a_card_and_all_files(hub, attacked):
    assert push_to_hub(attacked, "me/reviews", private=True) == "https://hub/me/reviews"
    assert hub.made == [("me/reviews", {"repo_type": "dataset", "private": True, "exist_ok": True})]
    ((name, contents, options),) = hub.commits
    assert (name, options["repo_type"]) == ("me/reviews", "dataset")
    assert set(contents) == {path.name for path in attacked.iterdir()} | {"README.md"}
    assert contents["charbert.jsonl"] == (attacked / "charbert.jsonl").read_bytes()
    card = contents["README.md"].decode()
    assert "| drop@0.5 | drop | 0.5 |" in card
    assert not (attacked / "README.md").exists()


@pytest.mark.needs("datasets")
def test_the_hub_s_loader_tells_the_versions_by_the_card(attacked, tmp_path):
    import datasets

    (attacked / "README.md").write_text(publication(attacked).card)
    for name in ("clean", "charbert", "drop@0.5"):
        loaded = datasets.load_dataset(str(attacked), name, split="test", cache_dir=str(tmp_path / "cache"))
        lines = (attacked / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        assert loaded["text"] == [json.loads(line)["text"] for line in lines]


def test_results_without_predictions(hub, run, tmp_path):
    write_results(sample_results.classification(), tmp_path / "results.json")
    (tmp_path / "predictions").mkdir()
    (tmp_path / "predictions" / "secret.parquet").write_text("")
    result = run("push", tmp_path, "me/scores", "--json")
    assert result.status == 0, result.err
    assert result.told["figures"] == {"kind": "dataset", "files": ["results.json"]}
    ((_, contents, _),) = hub.commits
    assert set(contents) == {"README.md", "results.json"}
    card = contents["README.md"].decode()
    assert "Accuracy of model MiniLM falls from 86.0" in card
    assert "| clean text | 86.0 (83.8 to 88.4) |" in card


def found_in(place):
    """Return results of models, data and attacks that are named by their paths."""
    paths = {
        "MiniLM": f"{place}/models/mini",
        "charbert": f"{place}/one/mine.jsonl",
        "published.jsonl": f"{place}/two/mine.jsonl",
        "sst2": f"{place}/sst2.tsv",
    }
    results = sample_results.with_strings(sample_results.classification(4), lambda text: paths.get(text, text))
    recipes = [replace(attack, recipe=attack.recipe and f"{place}/{attack.recipe}.toml") for attack in results.attacks]
    systems = [replace(system, model=f"{place}/runs/{system.name}") for system in results.systems]
    languages = [
        LanguageScore(score.system, score.attack, language, score.metric, score.value, score.lost, 436)
        for score in results.scores
        for language in ("de", "ru")
    ]
    notes = (f"bad records are left out: {place}/sst2.tsv, line 3: no label", f"read as '{place}/sst2.tsv'")
    return replace(results, systems=tuple(systems), attacks=tuple(recipes), languages=tuple(languages), notes=notes)


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    """A folder with all that evaluate writes of such results."""
    folder = tmp_path_factory.mktemp("machine") / "scores"
    folder.mkdir()
    found = found_in(folder.parent)
    write_scores(found, folder)
    write_cards(found, folder, measured_by="Ada")
    return folder


def uploaded(hub):
    """Return what was written to the hub as texts: of a page with its examples, of a figure none."""
    ((_, contents, _),) = hub.commits
    texts = {name: content.decode(errors="replace") for name, content in contents.items()}
    packed = re.search('id="data">(.+?)<', texts["report.html"])[1]
    return texts | {"examples": gzip.decompress(base64.b64decode(packed)).decode()}


def test_results_without_paths_of_the_machine(hub, run, moved):
    before = {path: path.read_bytes() for path in moved.rglob("*") if path.is_file()}
    result = run("push", moved, "me/scores", "--json")
    assert result.status == 0, result.err
    texts = uploaded(hub)
    assert not [name for name, text in texts.items() if str(moved.parent) in text or moved.parent.name in text]
    assert {"README.md", "results.json", "scores.csv", "report.html", "plots/scores.svg"} < set(texts)
    assert set(result.told["figures"]["files"]) == set(texts) - {"README.md", "examples"}
    assert {path: path.read_bytes() for path in moved.rglob("*") if path.is_file()} == before


def test_pushed_results_tell_attacks_apart_and_can_be_read(hub, moved, tmp_path):
    local = read_results(moved)
    push_to_hub(moved, "me/scores")
    again = tmp_path / "again"
    again.mkdir()
    (again / "results.json").write_text(uploaded(hub)["results.json"], encoding="utf-8")
    read = read_results(again)
    names = [attack.name for attack in read.attacks]
    assert {"mine.jsonl", "mine.jsonl (2)"} < set(names)
    assert len(set(names)) == len(local.attacks)
    assert (read.data, read.systems[0].name, read.systems[0].model) == ("sst2.tsv", "mini", "mini")
    assert read.notes == ("bad records are left out: sst2.tsv, line 3: no label", "read as 'sst2.tsv'")
    assert [score.value for score in read.scores] == [score.value for score in local.scores]
    assert [example.attacked for example in read.shown] == [example.attacked for example in local.shown]
    assert {score.system for score in read.languages} == {system.name for system in read.systems}


def test_a_page_with_what_noise_does_inside(hub, run, monkeypatch, tmp_path):
    monkeypatch.setattr("charrobust.report.page.can_draw", lambda: False)
    results = found_in(tmp_path)
    inside = replace(sample_results.sensitivity(), data=f"{tmp_path}/sst2.tsv")
    write_results(results, tmp_path)
    write_report(results, tmp_path, sensitivity=inside)
    result = run("push", tmp_path, "me/scores")
    assert result.status == 2
    assert "shows what is not beside it; expected sensitivity.json in" in " ".join(result.err.split())
    assert not hub.commits
    inside.save(tmp_path / "sensitivity.json")
    assert run("push", tmp_path, "me/scores").status == 0
    texts = uploaded(hub)
    assert set(texts) == {"README.md", "results.json", "report.html", "examples"}
    assert '<section id="inside">' in texts["report.html"]
    assert not [name for name, text in texts.items() if str(tmp_path) in text]


def test_results_that_name_no_path_go_as_they_are(hub, tmp_path):
    results = sample_results.classification(2)
    write_results(results, tmp_path)
    (tmp_path / "report.html").write_text("the page")
    push_to_hub(tmp_path, "me/scores")
    ((_, contents, _),) = hub.commits
    assert published_results(results) == results
    assert contents["report.html"] == b"the page"
    assert contents["results.json"] == (tmp_path / "results.json").read_bytes()


def test_a_model_with_its_own_card(hub, run, model):
    result = run("push", model, "me/model")
    assert result.status == 0, result.err
    ((_, contents, options),) = hub.commits
    assert options["repo_type"] == "model"
    assert set(contents) == {"config.json", "README.md", "1_Pooling/x.json"}
    assert contents["README.md"] == b"README.md"


def test_a_model_without_folders_of_the_machine(hub, run, model):
    kept = {"prompt": "Say yes / no: ", "columns": {"class_names": ["/person/artist"]}}  # which are no paths
    configuration = {"behind": ["/home/me/words", "spelling"], "seed": 1, "noise": {"recipe": "/home/me/mine.toml"}}
    told = kept | {"encoder": "/home/me/encoder", "data": {"train": "/home/a.csv"}, "configuration": configuration}
    (model / "finetuning.json").write_text(json.dumps(told))
    (model / "pretraining.json").write_text('{"backbone": "minilm"}')
    assert run("push", model, "me/model").status == 0
    ((_, contents, _),) = hub.commits
    assert json.loads(contents["finetuning.json"]) == kept | {
        "encoder": "encoder",
        "data": {"train": "a.csv"},
        "configuration": {"behind": ["words", "spelling"], "seed": 1, "noise": {"recipe": "mine.toml"}},
    }
    assert contents["pretraining.json"] == b'{"backbone": "minilm"}'
    assert json.loads((model / "finetuning.json").read_text()) == told


def test_a_pre_trained_model_without_the_text_that_it_was_trained_on(model):
    kept = {VOCABULARY, "corpus.md"}
    for name in (*PRETRAINING.early, *kept):
        (model / name).mkdir(exist_ok=True)
        (model / name / "part").write_text(name)
    assert {name.partition("/")[0] for name in publication(model).contents} == {
        "config.json",
        "README.md",
        "1_Pooling",
        *kept,
    }


def test_what_is_nothing_of_the_kind(hub, run, tmp_path, model):
    (tmp_path / "empty").mkdir()
    result = run("push", tmp_path / "empty", "me/x")
    assert (result.status, "holds no config.json, versions.json or results.json" in result.err) == (2, True)
    (model / "README.md").unlink()
    result = run("push", model, "me/x")
    assert (result.status, "holds no README.md" in result.err) == (2, True), result.err
    assert not hub.made


def test_a_hub_that_refuses(hub, run, model):
    hub.error = OSError("401 Client Error\nmore of it")
    result = run("push", model, "me/x")
    assert result.status == 2
    assert "the hub did not take me/x: 401 Client Error; log in with `hf auth login`" in result.err
    assert "more of it" not in result.err
    assert not hub.commits
