"""A model of sentence-transformers in memory, as an encoder and how it is asked."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from charrobust.errors import UserError

_KNOWN = ("Transformer", "Pooling", "Normalize")
_POOLINGS = {"mean": "mean", "cls": "cls", "max": "max", "lasttoken": "last"}


@dataclass(frozen=True)
class SentenceModel:
    """The parts of a model of sentence-transformers.

    Attributes:
        encoder: Its encoder, of the transformers library.
        tokenizer: Its tokenizer.
        options: How it is asked, by the names of the options of heads for encoders.
        max_length: Tokens of a text at most; None where it does not say.
    """

    encoder: Any
    tokenizer: Any
    options: dict[str, Any]
    max_length: int | None


def sentence_model(model: Any) -> SentenceModel | None:
    """Take a model of sentence-transformers apart.

    Args:
        model: Any model.

    Returns:
        Its parts; None of any other model.

    Raises:
        UserError: It has a module or a pooling that is not known here.
    """
    # Where the library was not imported, no model is of it.
    library = sys.modules.get("sentence_transformers")
    if library is None or not isinstance(model, library.SentenceTransformer):
        return None
    modules = {type(module).__name__: module for module in model}
    unknown = [name for name in modules if name not in _KNOWN]
    pooling = _pooling_of(modules.get("Pooling"))
    if unknown or not isinstance(pooling, str) or pooling not in _POOLINGS:
        raise UserError(
            f"the model has modules {', '.join(modules)} and the pooling {pooling!r}; expected {', '.join(_KNOWN)}, "
            f"and one of {', '.join(_POOLINGS)}"
        )
    is_normalised = "Normalize" in modules
    compares_by_dot = str(model.similarity_fn_name) in {"dot", "dot_product"} and not is_normalised
    options = {
        "pooling": _POOLINGS[pooling],
        "similarity": "dot" if compares_by_dot else "cosine",
        "query_prompt": model.prompts.get("query") or "",
        "document_prompt": model.prompts.get("document") or model.prompts.get("passage") or "",
    }
    return SentenceModel(modules["Transformer"].auto_model, model.tokenizer, options, model.max_seq_length)


def _pooling_of(module: Any) -> Any:
    """Return the pooling that a module names; None of no such module, or of one that does not say."""
    if hasattr(module, "pooling_mode"):
        return module.pooling_mode
    # Of older versions, which have a flag for each pooling.
    named = getattr(module, "get_pooling_mode_str", None)
    return None if named is None else named()
