"""Pipelines of scikit-learn in files: those of skops, which are read without running code of theirs."""

from __future__ import annotations

import hashlib
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from charrobust.errors import UserError
from charrobust.packages import needed_for
from charrobust.systems.estimators import EstimatorSystem
from charrobust.systems.naming import SystemOptions
from charrobust.systems.system import System

_CODE = ("scikit-learn", "skops")


def load_skops(path: str, options: SystemOptions) -> EstimatorSystem:
    """Load a pipeline or estimator that ``skops.io.dump`` wrote.

    Args:
        path: The file.
        options: Its task, and the types that are trusted besides those that skops trusts.

    Returns:
        The system.

    Raises:
        UserError: skops is not installed, the file cannot be read, or it holds types that are not trusted.
    """
    file = Path(path)
    if not file.is_file():
        raise UserError(f"model {path!r}: there is no such file")
    library = _library()
    try:
        untrusted = library.get_untrusted_types(file=file)
        _check_trusted(untrusted, options.trust_types, path)
        # Of the trusted types those alone that the file holds: skops would import all of them.
        estimator = library.load(file, trusted=untrusted)
    except UserError:
        raise
    # What is no file of skops fails in many ways.
    except Exception as error:
        raise UserError(f"model {path!r} is no file that skops can read: {type(error).__name__}: {error}") from error
    system = EstimatorSystem(_askable(estimator, path), options, version=_version_of(file), name=file.stem)
    system.source = path
    return system


def refuse_pickle(path: str, options: SystemOptions) -> System:  # noqa: ARG001 - as all loaders
    """Refuse a pickle.

    Args:
        path: The file.
        options: Not read.

    Returns:
        Never.

    Raises:
        UserError: Always.
    """
    raise UserError(
        f"model {path!r} is a pickle, and reading one runs whatever code its author put there; save the pipeline with "
        "skops.io.dump(pipeline, 'model.skops') and give that file, or load it in a module of your own and give "
        "python:MODULE:NAME"
    )


def refuse_checkpoint(path: str, options: SystemOptions) -> System:  # noqa: ARG001 - as all loaders
    """Refuse a file of weights as torch pickles them.

    Args:
        path: The file.
        options: Not read.

    Returns:
        Never.

    Raises:
        UserError: Always.
    """
    raise UserError(
        f"model {path!r} is a file of weights, which torch keeps as a pickle; give the directory of a model: its "
        "config.json, its tokenizer, and its weights as model.safetensors"
    )


def _library() -> Any:
    """Return the part of the library that reads files.

    Raises:
        UserError: It is not installed.
    """
    with needed_for("reading .skops files"):
        return import_module("skops.io")


def _check_trusted(untrusted: list[str], trusted: tuple[str, ...], path: str) -> None:
    """Refuse types that neither skops nor the user trusts.

    Raises:
        UserError: With their names.
    """
    refused = [name for name in untrusted if name not in trusted]
    if refused:
        given = " ".join(f"--trust-type {name}" for name in refused)
        raise UserError(
            f"model {path!r} holds types that skops does not trust, as reading them may run code: "
            f"{', '.join(refused)}; where you trust each of them, add {given} (in Python trust_types={refused})"
        )


def _askable(estimator: Any, path: str) -> Any:
    """Return what a file held, if it can be asked.

    Raises:
        UserError: It has no method ``predict``.
    """
    if not callable(getattr(estimator, "predict", None)):
        raise UserError(
            f"model {path!r} holds a {type(estimator).__name__}, without a method `predict`; save a fitted pipeline "
            "that reads texts"
        )
    return estimator


def _version_of(file: Path) -> str:
    """Return what tells a file, and the code that runs it, from others."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    code = [f"{package} {version(package)}" for package in _CODE]
    return ", ".join([digest, *code])
