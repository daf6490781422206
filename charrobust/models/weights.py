"""Whether a model got all of its weights from its files: none is missing, of another shape, or no number.

The transformers library puts random numbers in the place of what is missing, and says so in a log that nobody reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoConfig

from .channels import tokenizer_directory

_SHOWN = 4  # names that a message lists
_FILES = ("*.safetensors", "*.bin")
_A_BYTE = 2  # numbers that a byte of a file may hold at most: some are stored in 4 bits
_NEW = 2**26  # numbers that a model may have besides those of its files, such as a new head

# Tells of a model whether it may be without a weight of its files, by the weight's name.
MayLack = Callable[[Any, str], bool]


def nothing(model: Any, name: str) -> bool:  # noqa: ARG001 - as the others
    """Allow no weight to be missing: the model is used as it is."""
    return False


def a_pooler(model: Any, name: str) -> bool:  # noqa: ARG001 - as the others
    """Allow the pooler of an encoder of which the states of tokens are read: they do not pass through it."""
    return "pooler" in name.split(".")


def a_head(model: Any, name: str) -> bool:
    """Allow what stands on the encoder: it is going to be trained. The pooler counts as such."""
    prefix = model.base_model_prefix
    has_head = bool(prefix) and model.base_model is not model
    return a_pooler(model, name) or (has_head and not name.startswith(f"{prefix}."))


def load_whole(
    loader: Any, place: Any, *, may_lack: MayLack = nothing, trust_remote_code: bool = False, **options: Any
) -> tuple[Any, tuple[str, ...]]:
    """Load a model, if its files hold its weights.

    Args:
        loader: A class of the transformers library with ``from_pretrained``.
        place: What that method takes: a directory or a hub id.
        may_lack: Which weights may be new: by default none.
        trust_remote_code: Whether code that comes with the model is run. The library's own default is to ask on
            standard input, where a pipe may answer.
        options: Further arguments of ``from_pretrained``.

    Returns:
        The model, and the names of its new weights.

    Raises:
        ValueError: Weights are missing, of another shape, or not finite.
    """
    if Path(place).is_dir() and hasattr(loader, "from_config"):
        _check_size(loader, Path(place), trust_remote_code=trust_remote_code)
    # Other shapes are told by the library without the shapes, in a log: so it is made to go on.
    model, info = loader.from_pretrained(
        place, output_loading_info=True, ignore_mismatched_sizes=True, trust_remote_code=trust_remote_code, **options
    )
    kind, total = type(model).__name__, len(model.state_dict())
    missing = sorted(name for name in info["missing_keys"] if not may_lack(model, name))
    if missing:
        raise ValueError(
            f"its files lack {len(missing)} of the {total} weights of a {kind}: {_listed(missing)}; give a model that "
            "is whole, or train these weights first"
        )
    # A head for other labels has another shape; a pooler has none.
    others = sorted(info["mismatched_keys"])
    unfit = [each for each in others if a_pooler(model, each[0]) or not may_lack(model, each[0])]
    if unfit:
        shapes = [f"{name} of shape {tuple(found)}, expected {tuple(wanted)}" for name, found, wanted in unfit]
        raise ValueError(
            f"{len(unfit)} of the {total} weights in its files do not fit a {kind} as its config.json describes it: "
            f"{_listed(shapes)}"
        )
    check_finite(model.state_dict())
    return model, tuple(sorted({*info["missing_keys"], *(name for name, _, _ in others)}))


def _check_size(auto_class: Any, folder: Path, *, trust_remote_code: bool) -> None:
    """Refuse a configuration that describes a model far larger than its files: memory would run out on loading it.

    Raises:
        ValueError: With both sizes.
    """
    # A channel kept apart joins the weights of its backbone, which lie elsewhere.
    places = {folder, Path(tokenizer_directory(folder))}
    files = chain.from_iterable(place.glob(pattern) for place in places for pattern in _FILES)
    size = sum(file.stat().st_size for file in files)
    config = AutoConfig.from_pretrained(folder, trust_remote_code=trust_remote_code)
    # Where tensors take no memory, whatever their size.
    with torch.device("meta"):
        model = auto_class.from_config(config, trust_remote_code=trust_remote_code)
    # Buffers as well, those that no file holds among them: a table of positions may be the largest tensor.
    count = sum(tensor.numel() for tensor in chain(model.parameters(), model.buffers()))
    if size and count > _A_BYTE * size + _NEW:
        raise ValueError(
            f"its config.json describes a model of {count:,} numbers, and its weights are {size:,} bytes: they do not "
            "belong together; copy the directory of the model anew"
        )


def check_finite(weights: Mapping[str, Tensor]) -> None:
    """Refuse weights that are no finite numbers.

    Args:
        weights: The weights by name.

    Raises:
        ValueError: With the names of the tensors.
    """
    bad = [name for name, weight in weights.items() if not is_finite(weight)]
    if bad:
        raise ValueError(
            f"{len(bad)} of its {len(weights)} weights hold NaN or infinity: {_listed(bad)}; the file is damaged, or "
            "its training had failed"
        )


def is_finite(values: Tensor) -> bool:
    """Tell whether all numbers of a tensor are finite; whole numbers are."""
    if not values.is_floating_point() or values.is_meta:
        return True
    # A sum, which takes a tenth of the time, is finite only if all numbers are; of large ones it may be too large.
    return bool(values.sum().isfinite()) or bool(torch.isfinite(values).all())


def _listed(names: Iterable[str]) -> str:
    """Return the first of some names, and that there are more."""
    every = list(names)
    return ", ".join([*every[:_SHOWN], *(["..."] if len(every) > _SHOWN else [])])
