"""What systems and data are called where others read it: without the folders of the machine they lay on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Any

from charrobust.datasets.cards import card_names
from charrobust.json_text import read_json
from charrobust.systems.seeds import RUN, seed_folders
from charrobust.training.cards import base_model

# What stands between the parts of a source: queries and documents of two encoders, a classifier on an encoder.
_BETWEEN = re.compile(r"( on the index of |, )")
# The folders of an absolute path: from its root, or a drive or a home, to the last separator. No address begins so.
_FOLDERS = re.compile(r"(?<![^\s:=+,('\"`])(?:~[^\s/\\]*|[A-Za-z]:)?[/\\](?![/\\])(?:[^:,]*[/\\])?")
_BASE = re.compile(r'^base_model: "?([^"\n]+)', re.MULTILINE)  # of a model card
# Entries of what runs write about themselves that tell where something lay.
_PLACES = frozenset(
    {"encoder", "backbone", "init", "model", "behind", "data", "corpus", "evaluation", "defences", "recipe", "search"}
)
# What a fine-tuned model was taught against: part of the configuration, and its fields by the options that set them.
_TAUGHT = {
    "noise": {"recipe": "--noise", "share": "--noise-share", "consistency": "--consistency"},
    "adversarial": {"search": "--adversarial", "share": "--adversarial-share"},
}


def without_folders(text: str) -> str:
    """Return a text in which every absolute path is its last part alone."""
    return _FOLDERS.sub("", text)


def published_manifest(content: Any, *, tells_places: bool = False) -> Any:
    """Return what a run wrote about itself, with the last part alone of every absolute path.

    Args:
        content: What its file holds, as JSON has it.
        tells_places: Whether texts in it tell where something lies, and are no labels or prompts.

    Returns:
        The same without the folders of this machine.
    """
    if isinstance(content, str):
        return without_folders(content) if tells_places else content
    if isinstance(content, list):
        return [published_manifest(value, tells_places=tells_places) for value in content]
    if isinstance(content, dict):
        return {
            name: published_manifest(value, tells_places=tells_places or name in _PLACES)
            for name, value in content.items()
        }
    return content


def published_names(names: Sequence[str]) -> dict[str, str]:
    """Return what systems and attacks are called, where they were named by absolute paths.

    Args:
        names: What they are called here.

    Returns:
        By the name here that for others, which no other has.
    """
    told = {name: without_folders(name) for name in names}
    taken = {name for name in told if told[name] == name}
    renamed: dict[str, str] = {}
    for name, plain in told.items():
        if name != plain:
            numbered = (f"{plain} ({number})" for number in count(2))
            renamed[name] = next(each for each in chain([plain], numbered) if each not in taken)
            taken.add(renamed[name])
    return renamed


def published_data(name: str) -> str:
    """Return what a data set is called on a card.

    Args:
        name: What it was given as: the name of a data set card, a path, a name of the hub.

    Returns:
        The name; of a file or a folder its name after that of the folder it lies in.
    """
    path = Path(name)
    if name.partition(":")[0] in card_names() or not path.exists():
        return without_folders(name)
    whole = _whole(path)
    return f"{whole.parent.name}/{whole.name}".lstrip("/")


def published_model(source: str) -> str:
    """Return what a model is called on a card.

    Args:
        source: Where it came from, as results say.

    Returns:
        Of a model on this machine, what it was made of as far as the files beside it tell, or else its name; of any
        other what is given.
    """
    if Path(source).exists():
        return _made_of(Path(source))
    return "".join(_part(part) for part in _BETWEEN.split(source))


def _part(part: str) -> str:
    return _made_of(Path(part)) if part and Path(part).exists() else without_folders(part)


def _made_of(path: Path) -> str:
    """Return what a model on this machine was made of, or else its name."""
    folder = path if path.is_dir() else path.parent
    seeds = seed_folders(folder)
    run = _run_of(seeds[0] if seeds else folder)
    if not run:
        return _after(_whole(path).name, _base_of(folder))
    parts = [_encoder(str(run.get("encoder", path.name))), *_training(run)]
    if seeds:
        parts.append(f"{len(seeds)} seeds")
    return without_folders(", ".join(parts))


def _run_of(folder: Path) -> dict[str, Any]:
    """Return what fine-tuning wrote about a model, without the libraries of models; nothing where it is not there."""
    path = folder / RUN
    told = read_json(path, "fine-tune the model again") if path.is_file() else {}
    return told if isinstance(told, dict) else {}


def _training(run: Mapping[str, Any]) -> list[str]:
    """Return what a model was fine-tuned on, and with which of the options that make it robust."""
    told = [f"fine-tuned on {run.get('data', {}).get('train', 'data that are not named')}"]
    if run.get("use", "finetuned") != "finetuned":
        told.append(f"--use {run['use']}")
    configuration = run.get("configuration", {})
    told += [f"--behind {name}" for name in configuration.get("behind", ())]
    for part, options in _TAUGHT.items():
        given = configuration.get(part, {})
        # The first names the recipe or the search: without it the others did nothing.
        if given.get(next(iter(options))):
            told += [f"{option} {given[field]}" for field, option in options.items() if given.get(field)]
    return told


def _encoder(name: str) -> str:
    """Return what an encoder is called: a name of its own, or that of its folder with what it comes from."""
    path = Path(name)
    if not path.exists():
        return without_folders(name)
    return _after(_whole(path).name, _base_of(path))


def _base_of(folder: Path) -> str | None:
    """Return the model of the hub that one on this machine comes from, where its files tell."""
    card = folder / "README.md"
    told = _BASE.search(card.read_text(encoding="utf-8", errors="replace")) if card.is_file() else None
    if told is None and not (folder / "config.json").is_file():
        return None
    try:
        base = told[1] if told else base_model(str(folder))
    except ValueError:  # a channel that does not say
        return None
    return None if base is None or Path(base).exists() else without_folders(base)


def _whole(path: Path) -> Path:
    """Return a path of which the last part is a name; links keep theirs."""
    return path.resolve() if ".." in path.parts else path.absolute()


def _after(name: str, base: str | None) -> str:
    return name if base is None or base == name else f"{name} (of {base})"
