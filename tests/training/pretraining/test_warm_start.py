"""The lexical warm start, on a tiny lexicon."""

import json

import pytest
import torch
from safetensors.torch import load_file
from torch.nn.functional import cross_entropy
from transformers import AutoModel, AutoTokenizer, BertConfig

from charrobust.errors import UserError
from charrobust.models import CharBertForPreTraining, CharBertModel
from charrobust.training.interruptions import Interrupted
from charrobust.training.pretraining import warm_start as module
from charrobust.training.pretraining.noised_words import ROUND, NoisedWords
from charrobust.training.pretraining.pretrain import pretrain
from charrobust.training.pretraining.steering import Checkpoint
from charrobust.training.pretraining.warm_start import TAUGHT, Rivals, _scores, _worst, warm_start
from charrobust.training.pretraining.word_list import WordList
from tests.models.families import SIZES
from tests.models.tokenizers import save_backbone, wordpiece
from tests.training.runs import interrupting, make_corpus, same_weights, small

RECOGNISING = {"character_rnn": "word", "character_entry": "recognised", "interaction": "highway"}
COUNTS = {"the": 90, "weather": 8, "wonderful": 6, "storms": 4, "north": 3, "zzyzx": 2, "qqqqqq": 2}
WORDS = WordList.of_counts(COUNTS)


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    tokenizer = wordpiece()
    tokenizer.add_tokens([word for word in COUNTS if len(word) > 3 and word[0] not in "zq"])
    config = BertConfig(**{**SIZES, "vocab_size": len(tokenizer)})
    torch.manual_seed(1)
    return save_backbone(tmp_path_factory.mktemp("models") / "bert", tokenizer, config)


@pytest.fixture(autouse=True)
def measured_on_few_words(monkeypatch):
    monkeypatch.setattr(module, "_HELD_OUT", 500)


def untaught(bert):
    torch.manual_seed(0)
    return CharBertForPreTraining.from_backbone(bert, character_hidden_size=32, word_vocabulary_size=3, **RECOGNISING)


def taught(bert, **options):
    model = untaught(bert)
    tokenizer = AutoTokenizer.from_pretrained(bert)
    done = warm_start(model, tokenizer, WORDS, **{"recipe": "charbert", "steps": 250, "batch_size": 32, **options})
    return model, done


@pytest.mark.slow
def test_noised_words_are_recognised(bert):
    seen = []
    model, done = taught(bert, progress=lambda stage, step, steps, metrics: seen.append((step, metrics["loss"])))
    assert done.steps == 250
    assert done.recognised > 0.8
    assert done.kept > 0.8
    assert [step for step, _ in seen] == [*range(1, 251)]
    assert seen[-1][1] < 0.3 * seen[0][1]
    body, tokenizer = model.charbert.eval(), AutoTokenizer.from_pretrained(bert)
    words = body.get_input_embeddings().weight
    ids = tokenizer("wondreful", return_tensors="pt")["input_ids"]
    right = words[tokenizer.convert_tokens_to_ids("wonderful")]
    with torch.no_grad():
        entering = body.character_entry(ids, torch.ones_like(ids)).enter(words[ids])
    assert torch.cosine_similarity(entering[0, 1], right, dim=0) > 0.9


def test_the_backbone_stays_and_equal_seeds_give_equal_weights(bert):
    one, two, other = (taught(bert, steps=3, seed=seed)[0].state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not torch.equal(one["charbert.recogniser.keys.weight"], other["charbert.recogniser.keys.weight"])
    plain = AutoModel.from_pretrained(bert).state_dict()
    assert all(
        torch.equal(one[f"charbert.backbone.{name}"], value) for name, value in plain.items() if "pooler" not in name
    )
    fresh = untaught(bert).state_dict()
    changed = {name for name in one if not torch.equal(one[name], fresh[name])}
    assert changed
    assert all(name.startswith(TAUGHT) for name in changed)


def test_the_token_channel_then_follows_the_characters(bert):
    model, _ = taught(bert, steps=1)
    assert model.charbert.interactions[0].gate.tolist() == [1, 0]


def test_of_several_forms_the_worst_is_taken(bert):
    body, tokenizer = untaught(bert).charbert, AutoTokenizer.from_pretrained(bert)
    forms = NoisedWords(body, tokenizer, WORDS, recipe="charbert", seed=3).draw(60, 1, 4)
    rows = torch.arange(0, 60, 2)
    with torch.no_grad():
        losses = [
            cross_entropy(_scores(body, form), form.target, reduction="none")
            for form in [*forms, _worst(body, forms, rows)]
        ]
    first, highest, found = losses[0], torch.stack(losses[:-1]).max(0).values, losses[-1]
    assert torch.allclose(found[rows], highest[rows], atol=1e-5)
    others = torch.arange(1, 60, 2)
    assert torch.allclose(found[others], first[others], atol=1e-5)
    assert (highest[rows] > first[rows] + 1e-3).any()
    assert _worst(body, forms, rows[:0]) is forms[0]


def test_adversarial_training(bert):
    plain, done = taught(bert, steps=3)
    none, _ = taught(bert, steps=3, rivals=Rivals(2, 0.0))
    some, measured = taught(bert, steps=3, rivals=Rivals(2, 0.5))
    keys = [model.charbert.recogniser.keys.weight for model in (plain, none, some)]
    # The first form of each word is the one that is drawn without.
    assert torch.equal(keys[0], keys[1])
    assert not torch.equal(keys[1], keys[2])
    assert done.in_all_forms is None
    assert 0 <= measured.in_all_forms <= measured.recognised


def test_a_channel_that_does_not_recognise_is_refused(bert):
    model = CharBertModel.from_backbone(bert)
    with pytest.raises(UserError, match="expected a channel with character_entry = 'recognised', got 'raw'"):
        warm_start(model, AutoTokenizer.from_pretrained(bert), WORDS, recipe="charbert", steps=1)


@pytest.mark.parametrize("forms", [0, 2])
def test_an_interrupted_warm_start_goes_on(bert, tmp_path, forms):
    corpus = make_corpus(tmp_path / "text.txt")
    channel = {f"channel__{name}": value for name, value in RECOGNISING.items()}
    options = {"warm_start__steps": 4, "warm_start__batch_size": 8, "training__steps": 2}
    options["warm_start__adversarial"] = forms
    configuration = small(bert, channel__character_hidden_size=32, **channel, **options)
    whole = pretrain(configuration, [corpus], tmp_path / "whole")
    kept = tmp_path / "parts" / "warm_start_state.safetensors"
    with pytest.raises(Interrupted, match=r"after step 0 of 2; the warm start is kept as far as it came\. Go on with"):
        pretrain(configuration, [corpus], tmp_path / "parts", progress=interrupting(2, "warm start"))
    assert int(load_file(kept)["step"]) == 2
    assert not (tmp_path / "parts" / "warm_start.safetensors").exists()
    assert pretrain(configuration, [corpus], tmp_path / "parts", resume=True).steps == whole.steps
    assert not kept.exists()
    assert same_weights(tmp_path / "whole", tmp_path / "parts")
    told = (tmp_path / "parts" / "README.md").read_text()
    assert f"4 steps of 8 words{', 0.5 of them in the worst of 2 noised forms' * bool(forms)} |" in told
    assert ('in_all_forms": null' in (tmp_path / "parts" / "pretraining.json").read_text()) == (not forms)


def test_a_run_that_goes_on_from_a_checkpoint_still_tells_its_language_and_warm_start(bert, tmp_path):
    corpus, output = make_corpus(tmp_path / "text.txt"), tmp_path / "run"
    channel = {f"channel__{name}": value for name, value in RECOGNISING.items()}
    options = {"warm_start__steps": 1, "warm_start__batch_size": 8, "training__steps": 2}
    configuration = small(bert, channel__character_hidden_size=32, **channel, **options)
    with pytest.raises(Interrupted, match="after step 1 of 2"):
        pretrain(configuration, [corpus], output, language="en", progress=interrupting(1))
    pretrain(configuration, [], output, resume=True)
    told = json.loads((output / "pretraining.json").read_text(encoding="utf-8"))
    assert told["language"] == "en"
    assert told["warm_start"].keys() >= {"recognised", "kept"}
    assert 'language: "en"' in (output / "README.md").read_text(encoding="utf-8")


def flat(batches):
    return [form.letters for forms in batches for form in forms]


@pytest.mark.parametrize("first", [0, 3, ROUND, ROUND + 5])
@pytest.mark.parametrize("workers", [0, 2])
def test_what_a_batch_holds_depends_on_its_number_alone(bert, first, workers):
    body, tokenizer = untaught(bert).charbert, AutoTokenizer.from_pretrained(bert)
    source = NoisedWords(body, tokenizer, WORDS, recipe="charbert", seed=3)
    steps = ROUND + 9
    before = torch.get_rng_state()
    whole = flat(source.batches(5, steps, forms=2))
    assert len(whole) == 2 * steps
    part = flat(source.batches(5, steps, forms=2, first=first, workers=workers))
    assert len(part) == 2 * (steps - first)
    assert all(map(torch.equal, whole[2 * first :], part))
    assert torch.equal(before, torch.get_rng_state())


def test_split_words_are_read_as_their_longest_part(bert):
    tokenizer = AutoTokenizer.from_pretrained(bert)
    source = NoisedWords(untaught(bert).charbert, tokenizer, WORDS, recipe="split-words@1", seed=3)
    sample = source.draw(200, 1)[0]
    lexicon, vocabulary = untaught(bert).charbert.lexicon, untaught(bert).config.character_vocabulary
    read = ["".join(vocabulary[letter] for letter in row) for row in sample.letters.tolist()]
    parts = []
    for form, target in zip(read, sample.target.tolist(), strict=True):
        if target < len(lexicon):
            word = tokenizer.convert_ids_to_tokens(int(lexicon[target]))
            parts.append(form)
            assert form != word
            assert form in (word[: len(form)], word[-len(form) :])
            assert len(form) >= len(word) / 2
    assert parts


def test_a_damaged_state_is_refused(bert, tmp_path):
    path = tmp_path / "state.safetensors"
    path.write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"state\.safetensors is damaged .*; remove it, and the warm start begins anew"):
        taught(bert, steps=2, checkpoint=Checkpoint(path, 1))
