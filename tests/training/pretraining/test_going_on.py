"""Going on from a channel: its weights, what is new, and the noisy LM at its entry."""

import json
import math
import shutil

import pytest
import torch
from transformers import AutoTokenizer

from charrobust.errors import UserError
from charrobust.models import CharBertModel
from charrobust.models.characters import token_pieces
from charrobust.models.folding import folds
from charrobust.models.known_words import known_words
from charrobust.perturb.recipe_files import load_recipe
from charrobust.training.pretraining import warm_start
from charrobust.training.pretraining.collation import NoisyCollator
from charrobust.training.pretraining.configuration import parse_configuration
from charrobust.training.pretraining.models import build_model, load_tokenizer
from charrobust.training.pretraining.packing import pack
from charrobust.training.pretraining.pretrain import pretrain
from charrobust.training.pretraining.vocabulary import WordVocabulary
from tests.training.runs import SENTENCES, SMALL, make_backbone, make_corpus, small

CHANNEL = {
    "channel__character_entry": "recognised",
    "channel__character_rnn": "word",
    "channel__interaction": "highway",
    "channel__character_hidden_size": 8,
}
WORDS_ALONE = {"objective__mlm": 0.0, "objective__nlm": 1.0, "objective__distillation": 0.0}


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """Return a backbone, a corpus, and a channel that was trained a little."""
    folder = tmp_path_factory.mktemp("runs")
    backbone, corpus = make_backbone(folder / "bert"), make_corpus(folder / "text.txt")
    options = {"objective__mlm": 0.0, "objective__nlm": 0.0, "objective__distillation": 1.0}
    first = small(backbone, **CHANNEL, **options, training__freeze_backbone=True, training__steps=1)
    pretrain(first, [corpus], folder / "first")
    return backbone, corpus, folder / "first" / "channel"


@pytest.fixture(autouse=True)
def measured_on_few_words(monkeypatch):
    monkeypatch.setattr(warm_start, "_HELD_OUT", 500)


def going_on(begun, **changes):
    backbone, _, channel = begun
    return small(backbone, init=str(channel), training__freeze_backbone=True, **(WORDS_ALONE | changes))


def weights(folder):
    return CharBertModel.from_pretrained(folder).state_dict()


def test_what_is_gone_on_from_is_there_and_the_context_is_new(begun):
    model = build_model(going_on(begun, channel__recogniser_context_size=6), 1)
    state = model.charbert.state_dict()
    for name, value in weights(begun[2]).items():
        assert torch.equal(state[name], value), name
    assert state["context.expects.weight"].abs().sum() == 0
    trained = {name.split(".")[1] for name, value in model.named_parameters() if value.requires_grad}
    assert trained == {"character_encoder", "recogniser", "context"}


def test_of_frozen_characters_the_context_alone_is_trained(begun, tmp_path):
    changes = {"channel__recogniser_context_size": 6, "training__freeze_characters": True, "training__steps": 3}
    pretrain(going_on(begun, **changes), [begun[1]], tmp_path / "second")
    before, after = weights(begun[2]), weights(tmp_path / "second" / "channel")
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert after["context.expects.weight"].abs().sum() > 0


def test_frozen_characters_without_context_leave_nothing_to_train(begun, tmp_path):
    with pytest.raises(UserError, match=r"freeze_characters leaves nothing to train; give the channel a context"):
        pretrain(going_on(begun, training__freeze_characters=True), [begun[1]], tmp_path / "second")


def test_the_noisy_lm_of_a_recogniser_is_trained_and_measured(begun, tmp_path):
    configuration = going_on(begun, channel__recogniser_context_size=6, training__steps=3)
    done = pretrain(configuration, [begun[1]], tmp_path / "second")
    assert 0 <= done.evaluation.nlm_accuracy <= 1
    assert done.metrics["nlm_loss"] > 0
    before, after = weights(begun[2]), weights(tmp_path / "second" / "channel")
    changed = {name.split(".")[0] for name, value in before.items() if not torch.equal(after[name], value)}
    assert changed == {"character_encoder", "recogniser"}
    assert after["context.expects.weight"].abs().sum() > 0
    assert json.loads((tmp_path / "second" / "pretraining.json").read_text())["configuration"]["init"] == str(begun[2])


def test_a_warm_start_of_a_channel_leaves_its_gates(begun, tmp_path):
    configuration = going_on(begun, training__steps=1, warm_start__steps=1, warm_start__batch_size=8)
    pretrain(configuration, [begun[1]], tmp_path / "second")
    before, after = weights(begun[2]), weights(tmp_path / "second" / "channel")
    gates = [name for name in before if name.startswith("interactions.")]
    assert gates
    assert all(torch.equal(before[name], after[name]) for name in gates)


def test_the_tokenizer_folds_as_the_run_says_or_else_as_the_channel_does(begun, tmp_path):
    folding = tmp_path / "channel"
    shutil.copytree(begun[2], folding)
    config = json.loads((folding / "config.json").read_text())
    (folding / "config.json").write_text(json.dumps(config | {"fold": True}))
    assert not folds(load_tokenizer(going_on(begun)))
    assert folds(load_tokenizer(going_on(begun, channel__fold=True)))
    assert folds(load_tokenizer(going_on((*begun[:2], folding))))
    assert not folds(load_tokenizer(going_on((*begun[:2], folding), channel__fold=False)))
    assert build_model(going_on(begun, channel__fold=True), 1).config.fold


def test_stored_keys_become_spelled_ones_of_other_words(begun, tmp_path):
    changes = {"channel__lexicon_keys": "spelled", "channel__lexicon_size": 4, "channel__lexicon_tokens": 12}
    pieces = token_pieces(AutoTokenizer.from_pretrained(begun[0]))

    def spelled(body):
        return known_words(body, pieces)

    words = {"weather": 40, "wonderful": 20, "storms": 10, "typing": 5}
    model = build_model(going_on(begun, **changes), 1, known=words).charbert
    biases = model.recogniser.keys.bias.tolist()
    assert biases == sorted(biases, reverse=True)
    assert biases[0] - biases[1] == pytest.approx(0.5 * math.log(2))
    before = CharBertModel.from_pretrained(begun[2])
    letters = dict(zip(before.config.characters, before.character_encoder.embedding.weight, strict=True))
    for character, letter in zip(model.config.characters, model.character_encoder.embedding.weight, strict=True):
        if character in letters:
            assert torch.equal(letter, letters[character])
    assert torch.equal(model.recogniser.query[0].weight, before.recogniser.query[0].weight)
    assert torch.equal(model.interactions[0].gate, before.interactions[0].gate)
    assert spelled(model) == list(words)
    done = pretrain(going_on(begun, **changes, training__steps=1), [begun[1]], tmp_path / "second")
    again = CharBertModel.from_pretrained(done.output / "channel")
    assert len(spelled(again)) == 4
    further = going_on((*begun[:2], done.output / "channel"), training__steps=1, channel__lexicon_tokens=12)
    pretrain(further, [begun[1]], tmp_path / "third")
    third = CharBertModel.from_pretrained(tmp_path / "third" / "channel")
    assert spelled(third) == spelled(again)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"init": "charbert-minilm-l7"},
            "init: there is no channel at charbert-minilm-l7; expected charbert-e5-small or charbert-minilm-l6",
        ),
        (
            {"backbone": "minilm"},
            "init: .* is a channel of .*, and the backbone of the run is minilm; they must be one",
        ),
        (
            {"channel": {"character_embedding_size": 5}},
            "init: .* has character_embedding_size = 256, and .channel. says 5; leave it out",
        ),
    ],
)
def test_channels_that_do_not_fit_are_refused(begun, changes, told):
    backbone, _, channel = begun
    content = {"backbone": str(backbone), "init": str(channel)} | changes
    with pytest.raises(UserError, match=told):
        build_model(parse_configuration(content, SMALL), 1)


def test_a_plain_model_goes_on_from_no_channel():
    with pytest.raises(UserError, match=r'init = .* needs a character channel, but model is "plain"'):
        parse_configuration({"model": "plain", "init": "charbert-minilm-l6", "objective": {"nlm": 0.0}})


def test_every_word_has_a_label_and_both_parts_of_a_split_one_have_it(begun, tmp_path):
    tokenizer = AutoTokenizer.from_pretrained(begun[0])
    corpus = pack(SENTENCES * 6, tokenizer, tmp_path / "packed", block_size=40)
    vocabulary = WordVocabulary(("weather", "wonderful"), lowercase=False)
    recipe = load_recipe("split-words@1")
    collator = NoisyCollator(corpus, tokenizer, recipe, vocabulary, every_word=True, share=1.0, mask_share=0.0)
    batch = collator([(0, block) for block in range(len(corpus))])
    split = 0
    for words, noised, labels, ids in zip(
        *(batch[name].tolist() for name in ("words", "noised", "word_labels", "input_ids")), strict=True
    ):
        rows = list(zip(words, noised, labels, ids, strict=True))
        assert all(label == -100 for word, _, label, _ in rows if word < 0)
        for number in set(words) - {-1}:
            mine = [(is_noised, label, token) for word, is_noised, label, token in rows if word == number]
            assert len({(is_noised, label) for is_noised, label, _ in mine}) == 1
            text = "".join(tokenizer.convert_ids_to_tokens(token).removeprefix("##") for *_, token in mine)
            is_known, is_noised = text in vocabulary.words, mine[0][0]
            # What noise made of an unknown word is neither to be kept nor taken for a known one.
            of_noised = vocabulary.words.index(text) if is_known else -100
            assert mine[0][1] == (of_noised if is_noised else -1)
            starts = [not tokenizer.convert_ids_to_tokens(token).startswith("##") for *_, token in mine]
            split += sum(starts) == 2
    assert split > 5
