"""The files by which sentence-transformers makes vectors of an encoder's states: pooling, length, prompts.

An encoder that brings them keeps them when it gets a character channel, so that the channel's vectors are made as those
of the plain encoder are, and can be compared with them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from transformers.utils.hub import cached_file

MODULES = "modules.json"
_BESIDE = ("sentence_bert_config.json", "config_sentence_transformers.json")
_OF_A_MODULE = ("config.json", "model.safetensors")
# What is not there is no error, and neither is a hub that does not answer.
_QUIETLY = {
    "_raise_exceptions_for_missing_entries": False,
    "_raise_exceptions_for_connection_errors": False,
    "_raise_exceptions_for_gated_repo": False,
}

# Contents by path, relative to the directory of the model.
SentenceFiles = dict[str, bytes]


def read_sentence_files(name: str | Path, *, revision: str | None = None) -> SentenceFiles:
    """Return the files that make a model of sentence-transformers of an encoder.

    Args:
        name: Directory or hub id of the encoder.
        revision: Revision on the hub.

    Returns:
        Their contents; empty for an encoder without ``modules.json``.

    Raises:
        ValueError: ``modules.json`` is damaged.
    """
    listed = _content(name, MODULES, revision)
    if listed is None:
        return {}
    wanted = list(_BESIDE)
    for path in _paths_of_modules(listed, name):
        wanted += [f"{path}/{file}" for file in _OF_A_MODULE]
    found = {file: _content(name, file, revision) for file in wanted}
    return {MODULES: listed} | {file: content for file, content in found.items() if content is not None}


def write_sentence_files(files: SentenceFiles, directory: str | Path) -> None:
    """Write what :func:`read_sentence_files` returned.

    Args:
        files: The contents.
        directory: Directory of the model.
    """
    for file, content in files.items():
        path = Path(directory) / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _content(name: str | Path, file: str, revision: str | None) -> bytes | None:
    """Return what a file of a model holds; None where there is none."""
    place = cached_file(str(name), file, revision=revision, **_QUIETLY)
    return None if place is None else Path(place).read_bytes()


def _paths_of_modules(listed: bytes, name: str | Path) -> list[str]:
    """Return the folders of the modules behind the encoder, which itself lies beside the list.

    Raises:
        ValueError: The list is damaged, or a folder lies elsewhere.
    """
    try:
        modules: list[dict[str, Any]] = json.loads(listed)
        paths = [str(module["path"]) for module in modules]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{MODULES} of {name} is no list of modules with their paths: {error!r}") from error
    # A list that somebody else wrote must not have files read or written outside of the directory.
    astray = [path for path in paths if Path(path).is_absolute() or ".." in Path(path).parts]
    if astray:
        raise ValueError(f"{MODULES} of {name} names {astray[0]!r}, which lies outside of the model's directory")
    return [path for path in paths if path]
