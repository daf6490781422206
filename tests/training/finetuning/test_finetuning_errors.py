"""What fine-tuning refuses."""

import json
from dataclasses import replace
from functools import partial

import pytest
import torch
from transformers import BertConfig, GPT2Config, T5Config

from charrobust.errors import DataError, UserError
from charrobust.tasks.qa.record import QuestionAnswering
from charrobust.training.finetuning.finetune import finetune
from charrobust.training.finetuning.seeds import finetune_seeds
from charrobust.training.finetuning.settings import load_finetuning, parse_finetuning
from charrobust.training.interruptions import Interrupted
from tests.models.families import SIZES
from tests.models.tokenizers import byte_level, save_backbone, wordpiece
from tests.training.runs import interrupting
from tests.training.tasks import TASKS, data, data_of, examples, small


def refused(error, match, configuration, given, output, **options):
    with pytest.raises(error, match=match):
        finetune(configuration, *given, output=output, **options)
    assert not output.exists()


def changed(given, number, **changes):
    """Return data with other examples in one place."""
    found = list(given)
    found[number] = replace(given[number], examples=tuple(replace(each, **changes) for each in given[number].examples))
    return found


def test_labels_that_cannot_be_learnt(backbone, tmp_path):
    given = changed(data("classification"), 1, target="odd")
    match = r"dev has labels that train has not, .*: odd; training data: bad, good; evaluation data: odd"
    refused(DataError, match, small(backbone), given, tmp_path / "out")


def test_one_class(backbone, tmp_path):
    given = changed(data("classification"), 0, target="good")
    refused(DataError, "train: expected two labels or more, got good", small(backbone), given, tmp_path / "out")


@pytest.mark.parametrize(("task", "option"), [("classification", "`label_column`"), ("tagging", "`tag_column`")])
def test_no_targets(backbone, tmp_path, task, option):
    for number, name in ((0, "train"), (1, "dev")):
        given = changed(data(task), number, target=None)
        refused(DataError, f"{name}: example 0 has no target.*{option}", small(backbone), given, tmp_path / "out")


def test_no_examples(backbone, tmp_path):
    train, dev = data("qa")
    given = (train, replace(dev, examples=(), owners=(), positions=()))
    refused(DataError, "dev holds no examples", small(backbone), given, tmp_path / "out")
    with pytest.raises(DataError, match="expected two examples or more, so that one can be held out, got"):
        data_of("some", "qa", examples("qa", 1)).held_out()


@pytest.mark.parametrize(
    "config", [GPT2Config(n_layer=1, n_head=2, n_embd=32), T5Config(num_layers=1, d_model=32, d_kv=16)]
)
def test_models_that_are_no_encoders(tmp_path, config):
    save_backbone(tmp_path / "model", byte_level(), config)
    match = f"is of the type '{config.model_type}', which is no encoder of text"
    refused(UserError, match, small(tmp_path / "model"), data("classification"), tmp_path / "out")


def test_models_that_are_not_there(tmp_path):
    match = "no such directory; give a directory, a hub id"
    refused(UserError, match, small(tmp_path / "model"), data("classification"), tmp_path / "out")


def test_probes_on_probes(backbone, tmp_path):
    finetune(small(backbone, use="frozen", training__epochs=1), *data("classification"), output=tmp_path / "probe")
    for use in ("frozen", "finetuned"):
        match = "is a linear probe already"
        refused(UserError, match, small(tmp_path / "probe", use=use), data("classification"), tmp_path / "out")


def test_windows_beyond_the_model(backbone, tmp_path):
    match = r"\[reading\] max_length is 65, but .* reads windows of 64 tokens at most"
    refused(UserError, match, small(backbone, reading__max_length=65), data("qa"), tmp_path / "out")


def test_weights_that_are_not_there(backbone, tmp_path):
    match = "no weight has a name that begins with 'bert.embedings'.* did you mean 'bert.embeddings'"
    refused(UserError, match, small(backbone, training__freeze="bert.embedings"), data("qa"), tmp_path / "out")
    match = "leaves no weight to be trained"
    refused(UserError, match, small(backbone, training__freeze="bert,qa_outputs"), data("qa"), tmp_path / "out")


def test_consistency_needs_equal_contexts(backbone, tmp_path):
    train, dev = data("qa")
    configuration = small(backbone, noise__recipe="charbert", noise__consistency=1.0)
    given = (replace(train, task=QuestionAnswering(attacked=("question", "context"))), dev)
    refused(UserError, r"noise the question only \(`field` = question\)", configuration, given, tmp_path / "out")


def test_unknown_recipes(backbone, tmp_path):
    configuration = small(backbone, noise__recipe="charbart")
    refused(UserError, "did you mean 'charbert'", configuration, data("tagging"), tmp_path / "out")


def test_settings():
    for changes, match in (
        ({"noise.consistency": 1.0}, r"nothing is noised; give `noise.recipe`"),
        ({"noise.recipe": "charbert", "noise.share": 0.0, "noise.consistency": 1.0}, "nothing is noised"),
        ({"noise.share": 1.5}, r"\[noise\] share must be between 0 and 1"),
        ({"use": "frosen"}, "did you mean 'frozen'"),
        ({"training.epoch": 2}, "did you mean 'epochs'"),
        ({"reading.max_length": 4}, "max_length must be at least 16"),
        ({"training.learning_rate": "fast"}, "learning_rate must be of type float, got 'fast'"),
        ({"model.name": "minilm"}, "model is no table"),
    ):
        with pytest.raises(UserError, match=match):
            parse_finetuning({"model": "minilm"}, changes)


def test_settings_from_files(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('use = "mix"\n[training]\nepochs = 7\n')
    assert load_finetuning(path, {"training.epochs": 2}).training.epochs == 2
    assert load_finetuning(path).learning_rate == load_finetuning(None, {"use": "mix"}).learning_rate
    path.write_text("[training]\nepoch = 7\n")
    with pytest.raises(UserError, match=r"mine.toml: \[training\] unknown key 'epoch'"):
        load_finetuning(path)
    with pytest.raises(UserError, match="not found"):
        load_finetuning(tmp_path / "other.toml")


def test_outputs(backbone, tmp_path):
    given = data("classification")
    output = tmp_path / "out"
    finetune(small(backbone, training__epochs=1), *given, output=output)
    with pytest.raises(UserError, match="exists and is not empty; go on with `resume`"):
        finetune(small(backbone), *given, output=output)
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write"):
        finetune(small(backbone), *given, output=tmp_path / "file" / "out")
    with pytest.raises(UserError, match="exists and is not empty"):
        finetune_seeds(small(backbone), *given, output=output, seeds=(1, 2))


def test_resumption_of_something_else(backbone, tmp_path):
    given = data("classification")
    output = tmp_path / "out"
    with pytest.raises(UserError, match="holds no run to resume"):
        finetune(small(backbone), *given, output=output, resume=True)
    finetune(small(backbone, training__epochs=1), *given, output=output)
    match = r"training.epochs: 1, now 2; seed: 1, now 2"
    with pytest.raises(UserError, match=match):
        finetune(small(backbone), *given, output=output, seed=2, resume=True)
    others = changed(given, 0, texts=("other",))
    with pytest.raises(UserError, match="the data or the recipe hold something else"):
        finetune(small(backbone, training__epochs=1), *others, output=output, resume=True)
    (output / "finetuning.json").write_text("{")
    with pytest.raises(UserError, match="no valid JSON"):
        finetune(small(backbone, training__epochs=1), *given, output=output, resume=True)


def test_memory_runs_out(backbone, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise torch.OutOfMemoryError("too much")

    monkeypatch.setattr("charrobust.training.finetuning.losses.TaskLoss.__call__", fail)
    match = (
        "out of memory with batches of 8 windows of 64 tokens; try training.batch_size=4 with training.accumulation=2"
    )
    with pytest.raises(UserError, match=match):
        finetune(small(backbone), *data("classification"), output=tmp_path / "out")
    with pytest.raises(UserError, match=r"try a smaller `reading\.max_length` than 64"):
        finetune(small(backbone, training__batch_size=1), *data("classification"), output=tmp_path / "out")


def test_loss_that_is_not_finite(backbone, tmp_path):
    with pytest.raises(UserError, match="the loss is nan at step"):
        finetune(small(backbone, training__learning_rate=1e30), *data("regression"), output=tmp_path / "out")


def test_several_processes(backbone, tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UserError, match="runs in one process"):
        finetune(small(backbone), *data("classification"), output=tmp_path / "out")


def test_tasks_without_labels_need_none(tmp_path):
    folder = save_backbone(tmp_path / "model", wordpiece(), BertConfig(**SIZES))
    finetune(small(folder, training__epochs=1), *data("regression"), output=tmp_path / "out")
    assert json.loads((tmp_path / "out" / "config.json").read_text())["id2label"] == {"0": "value"}
    assert set(TASKS) == {"classification", "regression", "tagging", "qa"}


def test_one_seed_and_several_are_not_mixed(backbone, tmp_path):
    configuration, given = small(backbone, training__epochs=1), data("classification")
    finetune_seeds(configuration, *given, output=tmp_path / "two", seeds=(1, 2))
    with pytest.raises(
        UserError, match="holds a run with the seeds 1, 2; go on with all of them, or name one's folder"
    ):
        finetune_seeds(configuration, *given, output=tmp_path / "two", resume=True)
    before = (tmp_path / "two" / "finetuning.json").read_text()
    with pytest.raises(UserError, match="with the seeds 1, 2, of which 1 is left out; go on with all of them"):
        finetune_seeds(configuration, *given, output=tmp_path / "two", seeds=(2, 3), resume=True)
    assert (tmp_path / "two" / "finetuning.json").read_text() == before
    finetune_seeds(configuration, *given, output=tmp_path / "one")
    with pytest.raises(UserError, match="holds a run with one seed, not with several"):
        finetune_seeds(configuration, *given, output=tmp_path / "one", seeds=(1, 2), resume=True)
    assert not (tmp_path / "one" / "seed-1").exists()


def test_a_run_that_is_finished_is_scored_under_no_other_attack(backbone, tmp_path):
    configuration, given = small(backbone, training__epochs=1), data("classification")
    finetune(configuration, *given, output=tmp_path / "out", attacks=["drop"])
    again = partial(finetune, configuration, *given, output=tmp_path / "out", resume=True)
    assert again(attacks=["drop"]) == again()
    with pytest.raises(
        UserError, match=r"was not scored under charbert, swap@0\.5; leave these attacks out, and score"
    ):
        again(attacks=["charbert", "drop", "swap@0.5"])


def test_a_record_of_something_else(backbone, tmp_path):
    (tmp_path / "finetuning.json").write_text("{}")
    with pytest.raises(UserError, match=r"finetuning\.json is no manifest of a run; begin a new one"):
        finetune(small(backbone), *data("classification"), output=tmp_path, resume=True)


def test_a_recipe_file_that_changed(backbone, tmp_path):
    recipe = tmp_path / "mine.toml"
    text = 'summary = "one"\nsource = "a test"\nseed = 1\n[words]\nshare = {share}\n[[operators]]\nname = "drop"\n'
    recipe.write_text(text.format(share=0.5))
    configuration = small(backbone, noise__recipe=str(recipe))
    with pytest.raises(Interrupted):
        finetune(configuration, *data("classification"), output=tmp_path / "out", progress=interrupting(2))
    recipe.write_text(text.format(share=0.25))
    with pytest.raises(
        UserError, match="cannot go on with another configuration; the data or the recipe hold something else"
    ):
        finetune(configuration, *data("classification"), output=tmp_path / "out", resume=True)


def test_pairs_and_single_texts(backbone, tmp_path):
    given = changed(data("classification"), 1, texts=("one", "another"))
    match = "examples of train have 1 text, those of dev 2; name them with `text_column`, twice for a pair"
    refused(DataError, match, small(backbone), given, tmp_path / "out")
