"""Models of sentence-transformers in memory, of any version: how they are asked, or that they do not say."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from charrobust.errors import UserError
from charrobust.models.sentence_transformer import sentence_model


class Transformer:
    auto_model = "the encoder"


class Pooling:
    """Says nothing of itself."""


class Older(Pooling):
    """As of older versions, with flags."""

    pooling_mode_cls_token = True

    def get_pooling_mode_str(self):
        return "cls"


class SentenceTransformer(list):
    """Stands for the library's class."""

    tokenizer, max_seq_length, similarity_fn_name, prompts = "the tokenizer", 24, "cosine", {}


Older.__name__ = "Pooling"  # modules are told apart by the names of their classes


@pytest.fixture(autouse=True)
def _library(monkeypatch):
    library = ModuleType("sentence_transformers")
    library.SentenceTransformer = SentenceTransformer
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)


def test_a_pooling_of_an_older_version_is_what_it_says():
    assert sentence_model(SentenceTransformer([Transformer(), Older()])).options["pooling"] == "cls"


def test_a_pooling_is_never_guessed():
    for modules in ([Transformer()], [Transformer(), Pooling()]):
        with pytest.raises(UserError, match="and the pooling None; expected Transformer, Pooling, Normalize"):
            sentence_model(SentenceTransformer(modules))
    assert sentence_model(SimpleNamespace()) is None
