"""Pre-training runs end to end, on tiny encoders."""

import json
import math
import os
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoModelForMaskedLM, AutoTokenizer, BertConfig

from charrobust.models import CharBertForPreTraining, CharBertModel
from charrobust.training.interruptions import Interrupted
from charrobust.training.pretraining.pretrain import pretrain
from tests.models.families import SIZES, rest_at_night
from tests.models.tokenizers import save_backbone, wordpiece
from tests.training.runs import FAMILIES, OF_TWO, SMALL, interrupting, make_backbone, same_weights, small


def entries(output, key="loss"):
    lines = (output / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [entry for entry in map(json.loads, lines) if key in entry]


@pytest.mark.slow
def test_the_loss_falls(backbone, corpus, tmp_path):
    rarely = {"training__evaluate_every": 40, "training__save_every": 40}
    configuration = small(backbone, training__steps=40, training__learning_rate=3e-3, training__log_every=5, **rarely)
    done = pretrain(configuration, [corpus], tmp_path / "out")
    logged = entries(tmp_path / "out")
    assert logged[-1]["loss"] < 0.8 * logged[0]["loss"]
    assert [entry["step"] for entry in logged] == [*range(5, 41, 5)]
    assert done.evaluation.nlm_accuracy >= 0
    assert done.evaluation.nlm_outside == 0
    assert 0 <= logged[-1]["data_wait_share"] <= 1
    assert logged[-1]["tokens_per_second"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_families(family, corpus, tmp_path):
    folder = make_backbone(tmp_path / "backbone", family)
    configuration = small(folder, training__steps=2, objective__distillation=1.0, data__noise_share="uniform")
    done = pretrain(configuration, [corpus], tmp_path / "out")
    assert {"mlm_loss", "nlm_loss", "distillation_loss"} <= set(done.metrics)
    assert all(math.isfinite(value) for value in done.metrics.values())
    assert math.isfinite(done.evaluation.shift)
    assert isinstance(AutoModel.from_pretrained(tmp_path / "out"), CharBertModel)


@pytest.mark.slow
def test_the_encoder_of_an_encoder_decoder(corpus, tmp_path):
    tokenizer, config = OF_TWO
    folder = save_backbone(tmp_path / "backbone", tokenizer(), config)
    configuration = small(folder, training__steps=2, objective__distillation=1.0)
    done = pretrain(configuration, [corpus], tmp_path / "out")
    assert {"mlm_loss", "nlm_loss", "distillation_loss"} <= set(done.metrics)
    assert all(math.isfinite(value) for value in done.metrics.values())
    assert isinstance(AutoModel.from_pretrained(tmp_path / "out"), CharBertModel)


@pytest.mark.slow
@pytest.mark.parametrize("accumulation", rest_at_night([2, 1]))
def test_a_run_resumes_exactly(accumulation, backbone, corpus, tmp_path):
    def run(name, **options):
        changes = options.pop("changes", {})
        configuration = small(
            backbone,
            training__accumulation=accumulation,
            objective__distillation=0.5,
            training__save_every=2,
            **changes,
        )
        return pretrain(configuration, [corpus], tmp_path / name, **options)

    run("straight")
    with pytest.raises(Interrupted, match=r"after step 3 of 6; a checkpoint is written. Go on with `resume`"):
        run("stopped", progress=interrupting(3))
    assert (tmp_path / "stopped" / "checkpoint-3").is_dir()
    assert not (tmp_path / "stopped" / "model.safetensors").exists()
    done = run("stopped", resume=True, changes={"training__workers": 1, "training__evaluate_every": 4})
    assert done.steps == 6
    assert same_weights(tmp_path / "straight", tmp_path / "stopped")
    logged = [entries(tmp_path / name) for name in ("straight", "stopped")]
    for straight, resumed in zip(*logged, strict=True):
        timeless = {"tokens_per_second", "data_wait_share"}
        assert {k: v for k, v in straight.items() if k not in timeless} == {
            k: v for k, v in resumed.items() if k not in timeless
        }


@pytest.mark.slow
def test_a_broken_checkpoint_is_passed_over(backbone, corpus, tmp_path, caplog):
    configuration = small(backbone, training__save_every=2)
    with pytest.raises(Interrupted):
        pretrain(configuration, [corpus], tmp_path / "out", progress=interrupting(5))
    weights = tmp_path / "out" / "checkpoint-5" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    done = pretrain(configuration, [corpus], tmp_path / "out", resume=True)
    assert "checkpoint-5 is not whole (model.safetensors is broken), and is passed over" in caplog.text
    assert done.steps == 6
    assert [entry["step"] for entry in entries(tmp_path / "out")] == [1, 2, 3, 4, 5, 6]


@pytest.mark.slow
def test_a_run_can_be_made_longer(backbone, corpus, tmp_path):
    pretrain(small(backbone, training__steps=2), [corpus], tmp_path / "out")
    done = pretrain(small(backbone, training__steps=4), [], tmp_path / "out", resume=True)
    assert done.steps == 4
    assert pretrain(small(backbone, training__steps=4), [], tmp_path / "out", resume=True).steps == 4
    assert [entry["step"] for entry in entries(tmp_path / "out")] == [1, 2, 3, 4]


def test_what_is_written(backbone, corpus, tmp_path):
    output = tmp_path / "out"
    pretrain(small(backbone, training__steps=3), [corpus], output, language="en")
    names = {path.name for path in output.iterdir()}
    assert names >= {
        "README.md", "config.json", "corpus", "metrics.jsonl", "model.safetensors", "pretraining.json",
        "tokenizer.json", "word_vocabulary.json", "checkpoint-3",
    }  # fmt: skip
    assert not [name for name in names if name.endswith((".bin", ".pt")) or name.startswith(".charrobust-")]
    record = json.loads((output / "pretraining.json").read_text(encoding="utf-8"))
    assert record["configuration"]["training"]["seed"] == 2020
    assert record["corpus"] == ["text.txt"]
    assert {"python", "torch", "transformers", "charrobust"} <= set(record["versions"])
    assert record["measured"]["shift"] >= 0
    card = (output / "README.md").read_text(encoding="utf-8")
    assert card.startswith('---\nlibrary_name: "transformers"\n')
    assert 'language: "en"' in card
    assert str(tmp_path) not in card
    words = len(json.loads((output / "word_vocabulary.json").read_text(encoding="utf-8"))["words"])
    assert CharBertForPreTraining.from_pretrained(output).config.word_vocabulary_size == words
    assert AutoTokenizer.from_pretrained(output)("the north")["input_ids"]
    assert entries(output, "eval_shift")[-1]["step"] == 3


def test_adv_bert(backbone, corpus, tmp_path):
    configuration = small(backbone, model="plain", objective__nlm=0.0, training__steps=2)
    done = pretrain(configuration, [corpus], tmp_path / "out")
    assert done.evaluation.nlm_accuracy is None
    assert done.evaluation.mlm_loss > 0
    model = AutoModelForMaskedLM.from_pretrained(tmp_path / "out")
    assert type(model).__name__ == "BertForMaskedLM"


def test_the_same_data_with_and_without_a_channel(backbone, corpus, tmp_path):
    seen = []
    for model, nlm in (("charbert", 1.0), ("plain", 0.0)):
        from charrobust.training.pretraining.models import load_tokenizer
        from charrobust.training.pretraining.texts import Sources, prepare

        configuration = small(backbone, model=model, objective__nlm=nlm)
        (tmp_path / model).mkdir()
        tokenizer = load_tokenizer(configuration)
        texts = prepare(
            configuration, Sources([corpus]), tmp_path / model, tokenizer=tokenizer, progress=lambda *_: None
        )
        seen.append(texts.collator()([(0, 1), (2, 0)]))
    assert all(seen[0][name].equal(value) for name, value in seen[1].items())


def test_a_frozen_backbone_stays(backbone, corpus, tmp_path):
    configuration = small(
        backbone, training__freeze_backbone=True, training__steps=2, objective__nlm=0.0, objective__mlm=0.0,
        objective__distillation=1.0,
    )  # fmt: skip
    done = pretrain(configuration, [corpus], tmp_path / "out")
    before = AutoModel.from_pretrained(backbone).state_dict()
    after = CharBertForPreTraining.from_pretrained(tmp_path / "out").charbert.backbone.state_dict()
    assert all(before[name].equal(value) for name, value in after.items())
    assert done.evaluation.mlm_loss is None
    assert done.metrics["distillation_loss"] >= 0


@pytest.mark.slow
def test_precision_and_text_to_measure_on(backbone, corpus, tmp_path):
    configuration = small(backbone, training__steps=2, training__precision="bfloat16", objective__distillation=1.0)
    done = pretrain(configuration, [corpus], tmp_path / "out", evaluation=[corpus])
    assert all(math.isfinite(value) for value in done.metrics.values())
    assert CharBertForPreTraining.from_pretrained(tmp_path / "out").dtype == torch.float32
    assert (tmp_path / "out" / "evaluation").is_dir()


@pytest.mark.nightly
def test_two_processes_compute_what_one_does_in_two_passes(corpus, tmp_path):
    config = BertConfig(**SIZES, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    folder = save_backbone(tmp_path / "backbone", wordpiece(), config)
    pretrain(small(folder, training__steps=3, training__accumulation=2), [corpus], tmp_path / "one")
    changes = [f"--set={key}={value}" for key, value in (SMALL | {"training.steps": 3}).items()]
    command = ["torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "charrobust", "pretrain"]
    given = [f"--backbone={folder}", f"--corpus={corpus}", "--config=charbert-base", f"--output={tmp_path / 'two'}"]
    changes += ["--set=channel={}", "--set=training.warmup=0.05"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-m", *command, *given, *changes], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    weights, others = (load_file(tmp_path / name / "model.safetensors") for name in ("one", "two"))
    assert all(torch.allclose(value, others[name], atol=1e-6) for name, value in weights.items())
    one, two = entries(tmp_path / "one"), entries(tmp_path / "two")
    assert [entry["loss"] for entry in one] == pytest.approx([entry["loss"] for entry in two], abs=1e-5)
