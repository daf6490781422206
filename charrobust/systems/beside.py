"""What the files beside the weights of a fine-tuned model say of it: its task, and how it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrobust.errors import UserError, hint
from charrobust.json_text import read_json
from charrobust.systems.loading import load_config, load_tokenizer, place_of
from charrobust.systems.predictor import SETTINGS, Settings
from charrobust.tasks.base import Task
from charrobust.tasks.head import TaskHead, architecture
from charrobust.tasks.registry import task_class, task_classes, task_names
from charrobust.tasks.windows.batching import Padding


@dataclass(frozen=True)
class Beside:
    """What the files beside the weights of a model say of it.

    Attributes:
        name: The model, as the user called it.
        task: The class of its task.
        head: The class of what asks it.
        config: Its configuration.
        tokenizer: Its tokenizer.
        run: What fine-tuning wrote about it; nothing where that is not where it comes from.
        trust_remote_code: Whether code that lies with the model is run.
    """

    name: str
    task: type[Task]
    head: type[TaskHead]
    config: Any
    tokenizer: Any
    run: dict[str, Any]
    trust_remote_code: bool = False

    def set_padding(self, config: Any) -> None:
        """Name the padding token in a configuration that names none."""
        # decoders look for the last token that is no padding
        if getattr(config, "pad_token_id", None) is None:
            config.pad_token_id = Padding.of(self.tokenizer).token

    def settings(self, limit: int, *, options: dict[str, Any], max_length: int | None = None) -> Settings:
        """Return how the model is asked.

        Args:
            limit: Tokens that it reads at most.
            options: Options of the task's head, where the model does not say what it was trained on.
            max_length: Tokens of a window at most; None for what it was trained with.

        Returns:
            The settings.

        Raises:
            UserError: Windows of that length cannot be read.
        """
        if max_length is not None and not 16 <= max_length <= limit:
            raise UserError(
                f"model {self.name!r} reads windows of 16 to {limit} tokens; got a max_length of {max_length}"
            )
        head, run = self.head, self.run
        beside = {} if run else head.options_beside(Path(place_of(self.name)))
        wanted = max_length or run.get("max_length") or beside.get("max_length") or head.max_length
        return Settings(
            self.task,
            head(labels=head.labels_of(self.config), **_head_options(head, run, options | beside)),
            max_length=min(wanted, limit),
            stride=run.get("stride", head.stride),
            texts=len(run.get("columns", {}).get("texts", ())) or None,
        )


def read_beside(path: str | Path, asked: type[Task] | None, *, trust_remote_code: bool = False) -> Beside:
    """Read the files beside the weights of a model.

    Args:
        path: As for :func:`load_predictor`.
        asked: See there.
        trust_remote_code: See there.

    Returns:
        What they say.

    Raises:
        UserError: Nothing of that name, or a model without a head for a task.
    """
    run = finetuning_run(Path(place_of(path)))
    config = load_config(path, trust_remote_code=trust_remote_code)
    task = task_class(run["task"]) if run else _task_of(config, path, asked)
    if asked is not None and task.name in asked.asks:
        task = asked
    tokenizer = load_tokenizer(path, trust_remote_code=trust_remote_code)
    return Beside(str(path), task, task.head_class(), config, tokenizer, run, trust_remote_code)


def _head_options(head: type[TaskHead], run: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a head: those that the model was trained with, or else those that are given."""
    options = {}
    for name, default in head.options().items():
        options[name] = run.get(name, given.get(name, default))
    return options


def finetuning_run(place: Path) -> dict[str, Any]:
    """Return what fine-tuning wrote about a model; nothing where that is not where it comes from.

    Args:
        place: The directory of the model.

    Returns:
        The record, or an empty one.

    Raises:
        UserError: The run is not finished, or has several seeds.
    """
    path = place / SETTINGS
    if not path.is_file():
        return {}
    content = read_json(path, "fine-tune the model again")
    if (place / "config.json").is_file():
        return _checked(content, path)
    seeds = sorted(part.parent.name for part in place.glob("seed-*/config.json"))
    if seeds:
        raise UserError(
            f"{place} holds models of several seeds: {', '.join(seeds)}; name one, such as {place / seeds[0]}"
        )
    raise UserError(
        f"the run in {place} is not finished; go on with: charrobust finetune --output {place} --resume ..."
    )


def _checked(content: Any, path: Path) -> dict[str, Any]:
    """Return the record of a fine-tuning run, if it holds what is needed of it.

    Raises:
        UserError: It does not.
    """
    expected: dict[str, Any] = {"max_length": int, "stride": int}
    if isinstance(content, dict) and content.get("task") in task_names():
        options = task_class(content["task"]).head_class().options()
        expected |= {name: type(default) for name, default in options.items()}
        if all(type(content.get(name)) is kind for name, kind in expected.items()):
            return content
    problem = ""
    if isinstance(content, dict) and content.get("task") not in task_names():
        problem = f", got the task {content.get('task')!r}, {hint(str(content.get('task')), task_names())}"
    raise UserError(
        f"{path} is no record of a fine-tuning run: expected task ({', '.join(task_names())}), "
        f"{', '.join(expected)}{problem}; fine-tune the model again, or remove the file to have the model read as any "
        "other"
    )


def _task_of(config: Any, name: str | Path, wanted: type[Task] | None) -> type[Task]:
    """Return the task that a model has a head for, or else the wanted one, if that needs no head.

    Raises:
        UserError: It has none.
    """
    served = served_task(config)
    if served is not None:
        return served
    if wanted is not None and not wanted.head_class().needs_head:
        return wanted
    more = ""
    if wanted is not None and wanted.learns_vectors():
        more = "; or give a training set with `fit_on`, for a classifier of its vectors"
    raise UserError(
        f"model {str(name)!r} is {architecture(config) or 'an encoder'}, without a head for any of the tasks "
        f"{', '.join(task_names())}; run charrobust finetune first, and give the directory that it writes{more}"
    )


def served_task(config: Any) -> type[Task] | None:
    """Return the task that a model has a head for, from its configuration; None for an encoder."""
    for task in task_classes():
        # Plain text has no head, as nobody says what is right.
        if task.head and task.head_class().serves(config):
            return task
    return None
