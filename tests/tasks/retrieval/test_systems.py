"""Encoders and BM25 that search a collection."""

import json
import math
import shutil
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import BertConfig, XLNetConfig

from charrobust.datasets.load import load_data
from charrobust.errors import UserError
from charrobust.models.sentence_vectors import SentenceEncoder
from charrobust.scoring.evaluation.evaluate import evaluate
from charrobust.systems.bm25 import K1, B, words_of
from charrobust.systems.models import load_models, load_predictor
from charrobust.systems.naming import SystemOptions, check_used, load_system
from charrobust.systems.predictions import Predictions, key_of
from charrobust.tasks.encoders import sentence_transformers_options
from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class
from charrobust.tasks.retrieval.corpus import Passages, SearchedPassages
from charrobust.tasks.retrieval.head import RetrievalHead
from charrobust.tasks.retrieval.ranking import best_documents
from tests.models.families import SIZES
from tests.models.tokenizers import save_backbone, sentencepiece, wordpiece
from tests.report.parsing import Parsed, unpacked
from tests.systems.tiny import save_model

RETRIEVAL = task_class("retrieval")
FAMILIES = {
    "bert": (wordpiece, BertConfig(**SIZES)),
    "xlnet": (sentencepiece, XLNetConfig(vocab_size=99, d_model=32, n_layer=3, n_head=4, d_inner=37)),
}


def ranked(scores, ids, excluded=None):
    """Rank by loops: the best first, equal ones in order."""
    rows = sorted(enumerate(scores), key=lambda row: (-row[1], row[0]))
    return tuple(ids[number] for number, _ in rows if ids[number] != excluded)


def passages_of(count):
    return Passages(tuple(f"d{n}" for n in range(count)), ("",) * count, tuple(f"text {n}" for n in range(count)))


def test_best_documents_with_ties():
    rng = np.random.default_rng(3)
    passages = passages_of(300)
    for excluded in (None, "d7"):
        scores = rng.integers(0, 6, 300).astype(np.float32)
        corpus = SearchedPassages(passages, excluded)
        assert best_documents(scores, corpus) == ranked(scores, passages.ids, excluded)[:100]
        positive = [name for name in ranked(scores, passages.ids, excluded) if scores[passages.numbers[name]] > 0]
        assert best_documents(scores, corpus, above=0.0, depth=400) == tuple(positive)


def test_an_encoder_is_the_mean_over_tokens_and_the_cosine(encoder, collection):
    data = load_data(collection)
    system = load_system(str(encoder), SystemOptions(task=RETRIEVAL, device="cpu"))
    reference = SentenceEncoder.from_pretrained(encoder)
    for example, prediction in zip(data.examples, system.predict(data.examples), strict=True):
        passages = example.corpus.passages
        documents = reference.encode([passages.full_text(number) for number in range(4)])
        (query,) = reference.encode(example.texts)
        assert prediction == ranked(documents @ query, passages.ids, example.corpus.excluded)


@pytest.mark.parametrize("pooling", ["mean", "cls", "max", "last"])
@pytest.mark.parametrize("family", ["bert", "xlnet"])  # the one is padded on the right, the other on the left
def test_padding_changes_no_vector(tmp_path, pooling, family):
    tokenizer, config = FAMILIES[family]
    folder = save_backbone(tmp_path / family, tokenizer(), config)
    side = "left" if family == "xlnet" else "right"
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"padding_side": side}))
    predictor = load_predictor(folder, asked=RETRIEVAL, options={"pooling": pooling}, device="cpu")
    assert predictor._pad.left == (side == "left")
    assert predictor.settings.head.pooling == pooling
    examples = [
        Example(str(n), (text,), None) for n, text in enumerate(["the weather", "", "typing errors change words"])
    ]
    together = np.stack(predictor._ask(examples))
    alone = np.stack([predictor._ask([example])[0] for example in examples])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_a_character_channel_searches(tmp_path, collection):
    from charrobust.models import CharBertModel

    backbone = save_backbone(tmp_path / "backbone", wordpiece(), BertConfig(**SIZES))
    CharBertModel.from_backbone(backbone).save_pretrained(backbone)
    examples = load_data(collection).examples
    predictions = load_system(str(backbone), SystemOptions(task=RETRIEVAL, device="cpu")).predict(examples)
    assert [sorted(prediction) for prediction in predictions] == [["4", "d1", "d2", "d3"]] * 2 + [["4", "d1", "d2"]]


def test_the_corpus_is_read_once(encoder, collection, monkeypatch):
    predictor = load_predictor(encoder, asked=RETRIEVAL, device="cpu")
    examples = load_data(collection).examples
    asked = []
    monkeypatch.setattr(predictor, "_ask", lambda texts, ask=predictor._ask: asked.append(len(texts)) or ask(texts))
    first = predictor.predict(examples)
    assert predictor.predict(examples) == first
    assert asked == [4]  # also by the query that excludes a document
    (attacked,) = load_data(collection, limit=1).examples
    changed = SearchedPassages(passages_of(5))
    predictor.predict([Example("q", attacked.texts, None, corpus=changed)])
    assert asked == [4, 5]


def test_predictions_are_kept_by_the_corpus(encoder, collection, tmp_path):
    (example, *_) = load_data(collection).examples
    other = Example(example.id, example.texts, None, corpus=SearchedPassages(passages_of(3)))
    without = Example(example.id, example.texts, None, corpus=SearchedPassages(example.corpus.passages, "d1"))
    assert len({key_of(example), key_of(other), key_of(without)}) == 3
    system = load_system(str(encoder), SystemOptions(task=RETRIEVAL, device="cpu"))
    predictions = Predictions(tmp_path / "kept").of(system, [example, other, without])
    again = Predictions(tmp_path / "kept")
    assert again.missing(system, [example, other, without]) == 0
    assert again.of(system, [example, other, without]) == predictions
    assert set(predictions[1]) == {"d0", "d1", "d2"}


def test_bm25_is_the_formula(collection):
    data = load_data(collection)
    passages = data.examples[0].corpus.passages
    documents = [Counter(words_of(passages.full_text(number))) for number in range(4)]
    mean = sum(sum(counts.values()) for counts in documents) / 4
    for example, prediction in zip(data.examples, load_system("bm25").predict(data.examples), strict=True):
        scores = []
        for counts in documents:
            total = 0.0
            for word in words_of(example.texts[0]):
                holders = sum(word in other for other in documents)
                weight = math.log(1 + (4 - holders + 0.5) / (holders + 0.5))
                frequency, length = counts[word], sum(counts.values())
                total += weight * frequency / (frequency + K1 * (1 - B + B * length / mean))
            scores.append(total)
        matching = [
            name for name in ranked(scores, passages.ids, example.corpus.excluded) if scores[passages.numbers[name]] > 0
        ]
        assert prediction == tuple(matching)


def test_bm25_without_known_words(collection):
    (example, *_) = load_data(collection).examples
    strange = Example("q", ("qwxyz !",), None, corpus=example.corpus)
    assert load_system("bm25").predict([strange]) == [()]


def test_a_folder_called_bm25_is_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bm25").mkdir()
    with pytest.raises(UserError, match=r"no config\.json"):
        load_system("bm25")


def test_evaluation_and_report(run, encoder, collection, tmp_path):
    pytest.importorskip("symspellpy")
    result = run(
        "evaluate", "--data", collection, "-m", f"encoder={encoder}", "-m", "bm25", "-m", "spelling+bm25", "-a", "charbert",
        "--field", "query", "--field", "corpus", "-o", tmp_path / "scores",
    )  # fmt: skip
    assert result.status == 0, result.err
    assert "nDCG@10" in result.out
    page = (tmp_path / "scores" / "report.html").read_text()
    (examples,) = (text for text in Parsed(page).raw.values() if text.startswith("H4sI"))  # as gzip begins
    assert "d2 (gain 2), 4" in json.dumps(unpacked(examples))
    assert len(list((tmp_path / "scores" / "predictions").iterdir())) == 3


def test_defences_restore_queries_alone(collection):
    pytest.importorskip("symspellpy")
    (example, *_) = load_data(collection).examples
    seen = []
    system = load_system("spelling+bm25")
    assert (system.name, system.source) == ("spelling + bm25", "bm25")
    system.system.predict = lambda examples, progress: seen.extend(examples) or [()] * len(examples)
    system.predict([Example("q", ("the wonderfull weathr",), None, corpus=example.corpus)])
    assert seen[0].texts == ("the wonderful weather",)
    assert seen[0].corpus is example.corpus


def test_systems_share_a_model(encoder, collection):
    models = {}
    one = load_system(str(encoder), SystemOptions(task=RETRIEVAL), loaded=models)
    two = load_system(f"other={encoder}", SystemOptions(task=RETRIEVAL), loaded=models)
    assert one.system is two.system


def test_an_encoder_is_asked_for_retrieval_alone(encoder, collection):
    with pytest.raises(UserError, match="without a head for any of the tasks"):
        load_predictor(encoder)
    with pytest.raises(UserError, match="without a head for any of the tasks"):
        load_predictor(encoder, asked=task_class("classification"))
    with pytest.raises(UserError, match="for the task 'retrieval', the data set 'rows' for 'classification'"):
        evaluate(["bm25"], load_data(["a", "b"], ["x", "y"], name="rows"))


MODULES = [
    {"path": "", "type": "sentence_transformers.models.Transformer"},
    {"path": "1_Pooling", "type": "a.b.Pooling"},
]


def sentence_transformer(folder, pooling, modules=MODULES, **about):
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (folder / "config_sentence_transformers.json").write_text(json.dumps(about))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 24}))
    return folder


def test_a_model_of_sentence_transformers(encoder, tmp_path, collection):
    folder = shutil.copytree(encoder, tmp_path / "model")
    pooling = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False, "word_embedding_dimension": 32}
    prompts = {"query": "weather: ", "document": "words: "}
    sentence_transformer(folder, pooling, similarity_fn_name="dot", prompts=prompts)
    predictor = load_predictor(folder, asked=RETRIEVAL, device="cpu")
    head = predictor.settings.head
    assert (head.pooling, head.similarity, predictor.settings.max_length) == ("cls", "dot", 24)
    assert (head.query_prompt, head.document_prompt) == ("weather: ", "words: ")
    (example, *_) = load_data(collection).examples
    (window,) = predictor.windows([example])
    expected = predictor.tokenizer("weather: " + example.texts[0], truncation=True, max_length=24)
    assert window.ids == expected["input_ids"]
    with torch.inference_mode():
        state = predictor.model(**{name: torch.tensor([value]) for name, value in expected.items()}).last_hidden_state[
            0, 0
        ]
    np.testing.assert_allclose(predictor._ask([example])[0], state.numpy(), atol=1e-5)


@pytest.mark.parametrize(
    ("pooling", "modules", "message"),
    [
        (
            {"pooling_mode_weightedmean_tokens": True},
            MODULES,
            "the pooling pooling_mode_weightedmean_tokens is not known",
        ),
        (
            {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True},
            MODULES,
            "the pooling cls and mean is not",
        ),
        (
            {"pooling_mode": "lasttoken"},
            [*MODULES, {"path": "2_Dense", "type": "x.Dense"}],
            "types Dense are not known",
        ),
    ],
)
def test_models_that_are_not_known(tmp_path, pooling, modules, message):
    with pytest.raises(UserError, match=message):
        sentence_transformers_options(sentence_transformer(tmp_path, pooling, modules))


def test_poolings_that_leave_prompts_out(tmp_path):
    pooling = {"pooling_mode_mean_tokens": True, "include_prompt": False}
    assert sentence_transformers_options(sentence_transformer(tmp_path, pooling, prompts={"query": ""}))["prompt"] == ""
    folder = sentence_transformer(tmp_path, pooling, prompts={"query": "query: "})
    with pytest.raises(UserError, match=r"1_Pooling.config\.json: include_prompt is false, and prompts that are read"):
        sentence_transformers_options(folder)


def test_newer_names_of_poolings(tmp_path):
    options = sentence_transformers_options(sentence_transformer(tmp_path, {"pooling_mode": "lasttoken"}))
    assert options["pooling"] == "last"
    (tmp_path / "modules.json").write_text("{")
    with pytest.raises(UserError, match="no valid JSON"):
        sentence_transformers_options(tmp_path)


def test_examples_without_a_corpus():
    with pytest.raises(TypeError, match="no documents to search"):
        RetrievalHead().partners(None, [Example("q", ("x",), (("d", 1),))])


def save_other(folder, encoder, **sizes):
    """Write an encoder with other random weights and the same tokenizer."""
    torch.manual_seed(7)
    return save_backbone(folder, wordpiece(), BertConfig(**{**SIZES, **sizes}))


def test_queries_of_one_encoder_search_the_index_of_another(encoder, collection, tmp_path):
    data = load_data(collection)
    other = save_other(tmp_path / "other", encoder)
    options = SystemOptions(task=RETRIEVAL, device="cpu", index=str(encoder))
    system = load_system(str(other), options)
    documents, queries = map(SentenceEncoder.from_pretrained, (encoder, other))
    for example, prediction in zip(data.examples, system.predict(data.examples), strict=True):
        passages = example.corpus.passages
        vectors = documents.encode([passages.full_text(number) for number in range(4)])
        assert prediction == ranked(vectors @ queries.encode(example.texts)[0], passages.ids, example.corpus.excluded)
    judged = system.judge(data.examples)
    assert judged.predictions == system.predict(data.examples)
    # what the encoder finds among vectors of its own is not what it finds here
    alone = load_system(str(other), SystemOptions(task=RETRIEVAL, device="cpu"))
    on_itself = load_system(str(encoder), options)
    assert len({each.fingerprint for each in (system, alone, on_itself)}) == 3
    plain = load_system(str(encoder), SystemOptions(task=RETRIEVAL, device="cpu"))
    assert on_itself.predict(data.examples) == plain.predict(data.examples)


def test_queries_alone_are_cut_otherwise(encoder, collection):
    data = load_data(collection)
    options = SystemOptions(task=RETRIEVAL, device="cpu", index=str(encoder), segmentation_dropout=0.5)
    on_index = load_models(str(encoder), options)
    alone = load_models(str(encoder), replace(options, index=None))
    plain = load_models(str(encoder), SystemOptions(task=RETRIEVAL, device="cpu"))
    asked = (on_index, alone, on_index.index, plain)
    read = [[window.ids for window in each.windows(data.examples)] for each in asked]
    assert read[0] == read[1] != read[2] == read[3]


def test_an_index_that_nothing_searches(encoder, collection):
    options = SystemOptions(task=RETRIEVAL, device="cpu", index=str(encoder))
    alone = load_system("bm25", options)
    check_used(options, [alone, load_system(str(encoder), options)])
    with pytest.raises(UserError, match="no model is an encoder whose queries could search an `index`; leave it out"):
        check_used(options, [alone])
    with pytest.raises(
        UserError, match=r"an `index` is for encoders of queries, `fit_on` for .* leave one of them out"
    ):
        load_system(str(encoder), replace(options, fit_on=load_data(collection)))


def test_an_index_of_other_vectors_is_refused(encoder, tmp_path):
    other = save_other(tmp_path / "other", encoder, hidden_size=16)
    with pytest.raises(UserError, match="makes vectors of 16 numbers, the index of 'encoder' holds vectors of 32"):
        load_system(str(other), SystemOptions(task=RETRIEVAL, device="cpu", index=str(encoder)))


def test_an_index_is_for_retrieval_alone(tmp_path):
    folder = save_model(tmp_path / "model", "bert", "classification")
    with pytest.raises(
        UserError, match="an `index` holds vectors of documents, and the task 'classification' has none"
    ):
        load_system(str(folder), SystemOptions(device="cpu", index=str(folder)))
