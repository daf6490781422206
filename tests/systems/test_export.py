"""Models written as ONNX say what they said."""

import pytest

from charrobust.models.channels import save_channel
from charrobust.systems import export as exporting
from charrobust.systems.export import TOLERANCE, export_onnx
from charrobust.systems.models import load_predictor
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.tasks.registry import task_class
from tests.cli.running import Runner
from tests.models.conftest import unchecked_shapes  # noqa: F401 - a fixture
from tests.systems.tiny import examples, save_model
from tests.tasks.retrieval.collection import write_collection

pytest.importorskip("onnxruntime", reason="needs the extra export")
pytest.importorskip("onnxscript", reason="needs the extra export")
pytestmark = [pytest.mark.usefixtures("unchecked_shapes"), pytest.mark.slow]

RECOGNISING = {
    "character_rnn": "word",
    "character_entry": "recognised",
    "interaction": "highway",
    "interaction_layers": [0],
}
KINDS = [("charbert", "classification", RECOGNISING), ("charbert", "qa", {}), ("bert", "tagging", {})]


@pytest.mark.nightly  # the exporter takes most of a minute
@pytest.mark.parametrize(("family", "task", "options"), KINDS)
def test_an_exported_model_says_what_the_model_says(tmp_path, family, task, options):
    folder = save_model(tmp_path / "model", family, task, **options)
    exported = export_onnx(str(folder), tmp_path / "out")
    assert exported.difference <= TOLERANCE
    some = examples(task)
    found = load_system(str(tmp_path / "out"), SystemOptions(batch_size=4, device="cpu"))
    assert found.predict(some) == load_predictor(folder, device="cpu").predict(some)


@pytest.mark.nightly
def test_a_channel_as_an_encoder(tmp_path, monkeypatch, capsys):
    from charrobust.datasets.load import load_data
    from charrobust.models import CharBertModel
    from tests.systems.encoders import save_sentence_transformer

    backbone = save_sentence_transformer(tmp_path / "backbone", normalised=True)
    save_channel(CharBertModel.from_backbone(backbone, **RECOGNISING), tmp_path / "channel", str(backbone))
    run = Runner(monkeypatch, capsys)
    result = run("export", tmp_path / "channel", "--task", "retrieval", "--output", tmp_path / "out")
    assert (result.status, "outputs within" in result.out) == (0, True), result.err
    data = load_data(write_collection(tmp_path / "collection"))
    options = SystemOptions(task=task_class("retrieval"), device="cpu")
    expected, found = (load_system(str(tmp_path / name), options) for name in ("channel", "out"))
    assert found.predict(data.examples) == expected.predict(data.examples)


def test_mistakes(tmp_path, monkeypatch, capsys):
    run = Runner(monkeypatch, capsys)
    folder = save_model(tmp_path / "model", "bert", "classification")
    (tmp_path / "there").mkdir()
    for arguments, message in (
        ((folder, "--output", tmp_path / "there"), "exists; give another name or remove it first"),
        ((tmp_path / "no", "--output", tmp_path / "out"), "no such directory"),
        (("reviews:test", "--output", tmp_path / "out"), "reviews:test is a data set, and --to onnx writes a model"),
        ((folder / "config.json", "--output", tmp_path / "out"), "is a data set, and --to onnx writes a model"),
        ((folder, "--task", "reading", "--output", tmp_path / "out"), "reading"),
    ):
        result = run("export", *arguments)
        assert (result.status, message in result.err, "Traceback" in result.err) == (2, True, False), result.err
        assert not (tmp_path / "out").exists()


def test_a_program_that_is_wrong_is_not_kept(tmp_path, monkeypatch, capsys):
    folder = save_model(tmp_path / "model", "bert", "classification")

    def record_another(predictor, name, file):
        from tests.systems.exported import export

        other = save_model(tmp_path / "other", "bert", "classification", initializer_range=1.0)
        export(other, file)

    monkeypatch.setattr(exporting, "_record", record_another)
    result = Runner(monkeypatch, capsys)("export", folder, "--output", tmp_path / "out")
    assert (result.status, "its outputs differ by up to" in result.err) == (2, True), result.err
    assert not (tmp_path / "out").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
