"""Fine-tuning an encoder for retrieval."""

import json
import shutil
from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional

from charrobust.datasets.load import load_data
from charrobust.models.sentence_files import read_sentence_files
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.tasks.retrieval.head import RetrievalHead
from tests.tasks.retrieval.collection import write_collection

SMALL = ("--epochs", "3", "--batch-size", "4", "--learning-rate", "1e-2")


def test_the_loss_is_the_cross_entropy_within_the_batch():
    torch.manual_seed(1)
    states, mask = torch.randn(6, 5, 8), torch.ones(6, 5, dtype=torch.long)
    mask[1, 3:] = mask[4, 2:] = 0
    vectors = [functional.normalize(states[row, : int(mask[row].sum())].mean(0), dim=0) for row in range(6)]
    queries, documents = vectors[:3], vectors[3:]
    # the first and the third query have the same document: it is no wrong answer to either
    wrong = {0: [1], 1: [0, 2], 2: [1]}
    losses = []
    for row in range(3):
        scores = [queries[row] @ documents[other] / 0.05 for other in (row, *wrong[row])]
        losses.append(-torch.stack(scores).log_softmax(0)[0])
    batch = {"attention_mask": mask, "labels": torch.tensor([7, 4, 7])}
    loss = RetrievalHead().loss(SimpleNamespace(last_hidden_state=states), batch)
    torch.testing.assert_close(loss, torch.stack(losses).mean())


def test_end_to_end(run, encoder, tmp_path):
    lines = [b"query-id\tcorpus-id\tscore\n", b"q1\td1\t1\n", b"q2\td2\t1\n", b"d3\t4\t1\n", b"q5\t4\t1\n"]
    collection = write_collection(tmp_path / "c", test=b"".join(lines))
    output = tmp_path / "out"
    result = run(
        "finetune", "--model", encoder, "--train", collection, "--eval", collection, "--output", output,
        "--noise", "charbert", *SMALL,
    )  # fmt: skip
    assert result.status == 0, result.err
    record = json.loads((output / "finetuning.json").read_text())
    assert (record["task"], record["pooling"], record["similarity"]) == ("retrieval", "mean", "cosine")
    assert set(record["measured"]) == {"nDCG@10", "MRR@10", "recall@10", "recall@100"}
    assert 'pipeline_tag: "sentence-similarity"' in (output / "README.md").read_text()
    data = load_data(collection)
    system = load_system(str(output), SystemOptions(device="cpu"))  # the folder tells its task
    metric = data.task.metrics([])[0]
    predictions = system.predict(data.examples)
    targets = [example.target for example in data.examples]
    value = metric.value(metric.statistics(targets, predictions).sum(0))
    assert float(value) == pytest.approx(record["measured"]["nDCG@10"])
    first = json.loads((output / "metrics.jsonl").read_text().splitlines()[0])
    assert first["task_loss"] > 0


def test_what_is_not_learnt(run, encoder, collection, tmp_path):
    given = ("--model", encoder, "--train", collection, "--eval", collection, "--output", tmp_path / "out", *SMALL)
    result = run("finetune", *given, "--use", "frozen")
    assert (result.status, "has no linear map to train" in result.err) == (2, True)
    result = run("finetune", *given, "--noise", "charbert", "--consistency", "1")
    assert (result.status, "has no consistency loss" in result.err) == (2, True)
    assert not (tmp_path / "out").exists()


def test_how_vectors_are_made_stays_with_the_model(run, encoder, collection, tmp_path):
    folder = tmp_path / "encoder"
    shutil.copytree(encoder, folder)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    modules = [{"path": "", "type": "a.Transformer"}, {"path": "1_Pooling", "type": "a.Pooling"}]
    (folder / "modules.json").write_text(json.dumps(modules))
    given = ("--model", folder, "--train", collection, "--eval", collection, "--output", tmp_path / "out")
    assert run("finetune", *given, *SMALL[2:], "--epochs", "1").status == 0
    assert read_sentence_files(tmp_path / "out") == read_sentence_files(folder)
