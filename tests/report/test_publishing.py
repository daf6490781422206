"""What goes to the hub: files and cards of models, attacked data and results."""

import json

import huggingface_hub
import pytest

from charrobust.report.publishing.push import publication, push_to_hub
from charrobust.scoring.evaluation.results_file import write_results
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


def test_a_model_with_its_own_card(hub, run, model):
    result = run("push", model, "me/model")
    assert result.status == 0, result.err
    ((_, contents, options),) = hub.commits
    assert options["repo_type"] == "model"
    assert set(contents) == {"config.json", "README.md", "1_Pooling/x.json"}
    assert contents["README.md"] == b"README.md"


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
