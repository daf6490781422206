"""What a run writes about itself beside its weights, and what it checks there before it goes on."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xxhash

from charrobust.errors import UserError
from charrobust.files import claimed, made, remove, replacing
from charrobust.json_text import parse_json
from charrobust.perturb import Recipe

METRICS = "metrics.jsonl"


@contextmanager
def begun(output: Path, manifest: Mapping[str, Any], name: str, *, early: Collection[str]) -> Iterator[None]:
    """Make the folder of a new run, write its manifest, and keep other runs from the folder.

    What a run left that never wrote a checkpoint goes.

    Args:
        output: The folder.
        manifest: What the run writes about itself.
        name: Its file.
        early: What a run writes before its first checkpoint.

    Raises:
        UserError: The folder cannot be written, is in use by another run, or holds a run or something else already.
    """
    with made(output), claimed(output):
        _check_fresh(output, name, early)
        for path in output.iterdir():
            remove(path)
        write_manifest(output, manifest, name)
        yield


def _check_fresh(output: Path, name: str, early: Collection[str]) -> None:
    """Refuse a folder that holds more than what a run writes before its first checkpoint.

    Raises:
        UserError: It does.
    """
    present = {path.name for path in output.iterdir()}
    # A manifest, and nothing that comes later than the first checkpoint: no step of a training is lost with the folder.
    if present and not (name in present and present <= set(early)):
        remedy = "go on with `resume`, or give another name" if name in present else "give another name"
        raise UserError(f"the output {output} exists and is not empty; {remedy}")


def write_manifest(output: Path, manifest: Mapping[str, Any], name: str) -> None:
    """Write the manifest of a run.

    Args:
        output: Folder of the run.
        manifest: What is written.
        name: Name of the file.

    Raises:
        UserError: The folder cannot be written.
    """
    with replacing(output / name) as path:
        path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_manifest(output: Path, name: str) -> dict[str, Any]:
    """Read the manifest of a run.

    Args:
        output: Folder of the run.
        name: Name of the file.

    Returns:
        The manifest.

    Raises:
        UserError: There is none, or it is broken.
    """
    path = output / name
    try:
        content = parse_json(path.read_bytes())
    except OSError as error:
        raise UserError(f"{output} holds no run to resume: cannot read {path.name}; leave out `resume`") from error
    except ValueError as error:
        raise UserError(f"{path} is no valid JSON file: {error}; begin a new run in another folder") from error
    if not isinstance(content, dict):
        raise UserError(f"{path} is no manifest of a run: {content!r:.60}; begin a new run in another folder")
    return content


def drop_metrics(output: Path, *, behind: int) -> None:
    """Drop what a run recorded behind the checkpoint that it goes on from: those steps are taken and logged once more.

    Args:
        output: Folder of the run.
        behind: The step of the checkpoint.
    """
    path = output / METRICS
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    # A last line without an end was cut by a crash.
    kept = [line for line in lines if line.endswith("\n") and parse_json(line)["step"] <= behind]
    path.write_text("".join(kept), encoding="utf-8")


def recipe_digest(recipe: Recipe) -> str:
    """Return a digest of what a recipe does, by which a changed file is noticed."""
    content = (recipe.fingerprint, recipe.share, recipe.edited_words, recipe.edits_per_word, recipe.seed)
    return xxhash.xxh3_128(repr(content).encode("utf-8", "backslashreplace")).hexdigest()


def refuse_differences(output: Path, lines: Sequence[str]) -> None:
    """Refuse to go on where anything differs.

    Args:
        output: Folder of the run.
        lines: What differs, a line each; none if nothing does.

    Raises:
        UserError: With all that differs.
    """
    if lines:
        raise UserError(
            f"the run in {output} cannot go on with another configuration; {'; '.join(lines)}. Give the values of "
            "the run, or begin a new one in another folder"
        )
