"""What a user may get wrong in a pre-training run: one clear message each."""

import json

import pytest
import torch
from transformers import AutoTokenizer

from charrobust.errors import UserError
from charrobust.training import engine
from charrobust.training.checkpoints import last_whole_checkpoint, what_lacks
from charrobust.training.pretraining import pretrain as pretraining
from charrobust.training.pretraining import texts, trainer
from charrobust.training.pretraining.pretrain import pretrain
from tests.models.tokenizers import save_backbone
from tests.training.runs import OF_TWO, make_corpus, small


def refused(message, configuration, corpus, output, **options):
    with pytest.raises(UserError, match=message) as caught:
        pretrain(configuration, corpus, output, **options)
    assert "\n" not in str(caught.value)


@pytest.fixture
def run(backbone, corpus, tmp_path):
    """A finished run of one step."""
    configuration = small(backbone, training__steps=1)
    pretrain(configuration, [corpus], tmp_path / "run")
    return tmp_path / "run"


def test_text(backbone, tmp_path):
    configuration = small(backbone)
    for name, content, message in (
        ("empty.txt", b"", "holds no words"),
        ("short.txt", b"the weather", "the corpus has 2 tokens"),
        ("binary.txt", b"the\0weather\n" * 50, "binary"),
    ):
        (tmp_path / name).write_bytes(content)
        refused(message, configuration, [tmp_path / name], tmp_path / "out" / name)
    refused("does not exist", configuration, [tmp_path / "no.txt"], tmp_path / "out" / "no")
    assert not (tmp_path / "out" / "no").exists()


def test_the_encoder_of_an_encoder_decoder_without_a_channel(corpus, tmp_path):
    tokenizer, config = OF_TWO
    folder = save_backbone(tmp_path / "backbone", tokenizer(), config)
    configuration = small(folder, model="plain", objective__nlm=0.0)
    message = "is of the type 't5', whose encoder has no masked LM; give model = \"charbert\""
    refused(message, configuration, [corpus], tmp_path / "out")


def test_one_block_is_not_enough(backbone, tmp_path):
    corpus = make_corpus(tmp_path / "text.txt", lines=1)
    size = len(AutoTokenizer.from_pretrained(backbone)(corpus.read_text().strip())["input_ids"])
    refused(f"fills one block of {size} tokens", small(backbone, data__block_size=size), [corpus], tmp_path / "out")


def test_a_run_that_never_got_going_is_begun_anew(backbone, corpus, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.touch()
    refused("holds no words", small(backbone, training__steps=1), [empty], tmp_path / "out")
    refused("unknown key", small(backbone, channel__interactions="gated"), [corpus], tmp_path / "out")
    assert pretrain(small(backbone, training__steps=1), [corpus], tmp_path / "out").steps == 1


def test_output(backbone, corpus, tmp_path, run):
    (tmp_path / "file").write_text("x")
    refused(r"exists and is not empty; go on with `resume`", small(backbone), [corpus], run)
    refused("cannot write .*: Not a directory", small(backbone), [corpus], tmp_path / "file" / "out")
    refused("cannot write .*: File exists", small(backbone), [corpus], tmp_path / "file")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("x")
    refused("exists and is not empty; give another name", small(backbone), [corpus], tmp_path / "other")


def test_resuming_with_another_configuration(backbone, corpus, tmp_path, run):
    changed = small(backbone, training__seed=1, data__mask_share=0.2)
    other = make_corpus(tmp_path / "other.txt")
    refused(
        r"data.mask_share: 0.1, now 0.2; training.seed: 2020, now 1; corpus: \['text.txt'\], now \['other.txt'\]",
        changed, [other], run, resume=True,
    )  # fmt: skip


def test_nothing_to_resume(backbone, corpus, tmp_path):
    refused("holds no run to resume", small(backbone), [corpus], tmp_path / "out", resume=True)


def test_what_a_run_needs_is_gone(backbone, run):
    configuration = small(backbone, training__steps=1)
    words = run / "word_vocabulary.json"
    content = words.read_text(encoding="utf-8")
    words.unlink()
    refused("word vocabulary missing", configuration, [], run, resume=True)
    words.write_text(content, encoding="utf-8")
    (run / "corpus").rename(run / "moved")
    refused("holds no packed text; give the text of the run as `corpus`", configuration, [], run, resume=True)
    (run / "pretraining.json").write_text("{", encoding="utf-8")
    refused("is no valid JSON file", configuration, [], run, resume=True)


def test_checkpoints_that_are_not_whole(run, caplog):
    whole = run / "checkpoint-1"
    assert what_lacks(whole) is None
    for name, message in (
        ("model.safetensors", "model.safetensors is broken"),
        ("optimizer.pt", "optimizer.pt is broken"),
        ("trainer_state.json", "trainer_state.json is broken"),
    ):
        content = (whole / name).read_bytes()
        (whole / name).write_bytes(content[: len(content) // 2])
        assert what_lacks(whole) == message
        (whole / name).write_bytes(content)
    (run / "checkpoint-2").mkdir()
    (run / "checkpoint-x").mkdir()
    assert last_whole_checkpoint(run) == whole
    assert "checkpoint-2 is not whole (trainer_state.json is missing), and is passed over" in caplog.text
    (whole / "rng_state.pth").unlink()
    assert last_whole_checkpoint(run) is None


def test_backbones(corpus, tmp_path, backbone):
    refused("backbone .*nowhere", small(tmp_path / "nowhere"), [corpus], tmp_path / "a")
    refused(
        r"\[channel\] unknown key 'interactions'; did you mean 'interaction'?",
        small(backbone, channel__interactions="gated"), [corpus], tmp_path / "b",
    )  # fmt: skip
    refused("interaction = 'gate' is not known", small(backbone, channel__interaction="gate"), [corpus], tmp_path / "c")
    config = json.loads((backbone / "tokenizer_config.json").read_text(encoding="utf-8"))
    limited = tmp_path / "limited"
    limited.mkdir()
    for path in backbone.iterdir():
        (limited / path.name).write_bytes(path.read_bytes())
    (limited / "tokenizer_config.json").write_text(json.dumps(config | {"model_max_length": 16}), encoding="utf-8")
    refused("block_size is 24, but .* takes 16 tokens at most", small(limited), [corpus], tmp_path / "d")


def test_a_warm_start_needs_recognition(corpus, tmp_path, backbone):
    configuration = small(backbone, warm_start__steps=1)
    refused("a warm start teaches word recognition", configuration, [corpus], tmp_path / "out")


def test_unknown_recipe(backbone, corpus, tmp_path):
    refused("unknown recipe 'noisy'", small(backbone, data__recipe="noisy"), [corpus], tmp_path / "out")


@pytest.mark.parametrize(
    ("size", "remedy"),
    [
        (4, r"batches of 4 blocks of 24 tokens; try training.batch_size=2 with training.accumulation=2"),
        (1, "try a smaller `data.block_size` than 24"),
    ],
)
@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA"), RuntimeError("DefaultCPUAllocator: can't allocate")])
def test_out_of_memory(error, size, remedy, backbone, corpus, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(trainer.PretrainingTrainer, "compute_loss", fail)
    refused(remedy, small(backbone, training__batch_size=size), [corpus], tmp_path / "out")


def test_other_errors_pass_through(backbone, corpus, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("shapes")

    monkeypatch.setattr(trainer.PretrainingTrainer, "compute_loss", fail)
    with pytest.raises(RuntimeError, match="shapes"):
        pretrain(small(backbone), [corpus], tmp_path / "out")


def test_a_loss_that_is_not_finite(backbone, corpus, tmp_path):
    configuration = small(backbone, training__learning_rate=1e30, training__warmup=0.0)
    refused("the loss is (nan|inf) at step", configuration, [corpus], tmp_path / "out")


def test_tensorboard_is_not_installed(backbone, corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(pretraining, "find_spec", lambda _: None)
    configuration = small(backbone, training__tensorboard=True)
    refused(r"pip install 'charrobust\[tensorboard\]'", configuration, [corpus], tmp_path / "out")


def test_several_gpus_in_one_process(backbone, corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(engine.TrainingArguments, "n_gpu", 2)
    refused("torchrun --nproc-per-node 2 -m charrobust pretrain", small(backbone), [corpus], tmp_path / "out")


def test_mistakes_are_told_before_packing(backbone, corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(texts, "pack", lambda *_, **__: pytest.fail("packed"))
    refused("unknown recipe", small(backbone, data__recipe="noisy"), [corpus], tmp_path / "out")
