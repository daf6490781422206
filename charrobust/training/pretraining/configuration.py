"""What a pre-training run is made of, declared in TOML and validated on loading.

The shipped configurations are the files of ``configurations/`` beside this module. Every key has a default; the
sections are the dataclasses below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from charrobust.errors import UserError, hint
from charrobust.resources import read_toml
from charrobust.training.settings import Section, changed_settings, choice, number, parse_settings

_FOLDER = Path(__file__).parent / "configurations"


@dataclass(frozen=True, kw_only=True)
class Data(Section):
    """Text, noise and masks.

    Attributes:
        block_size: Tokens of a block, special ones included.
        recipe: Recipe of the noise, by name or path.
        noise_share: Share of the words of a block that is noised; ``uniform`` leaves a third of the blocks clean and
            draws the share of each other one.
        masking: What is masked together.
        mask_share: Share of the tokens that is masked.
        word_vocabulary: Words that the noisy LM knows: the most frequent of the corpus.
        lowercase: Whether these words are lower-cased.
    """

    block_size: int = number(128, 8)
    recipe: str = "noisy-lm"
    noise_share: float | Literal["uniform"] = number(0.15, 0, 1)
    masking: str = choice("whole-word", "whole-word", "token", "span")
    mask_share: float = number(0.10, 0, 1)
    word_vocabulary: int = number(30_000, 1)
    lowercase: bool = True


@dataclass(frozen=True, kw_only=True)
class Weights(Section):
    """How much each loss counts; one of weight 0 is not computed.

    Attributes:
        nlm: Noisy LM: the original word, from the character channel (Ma et al., COLING 2020, equation 7).
        mlm: Masked LM, from the token channel.
        distillation: Word vectors of noised text are to be those that the plain encoder gives clean text.
    """

    nlm: float = number(1.0, 0)
    mlm: float = number(1.0, 0)
    distillation: float = number(0.0, 0)


@dataclass(frozen=True, kw_only=True)
class WarmStart(Section):
    """Training of the character encoder alone, before the run.

    Attributes:
        steps: Number of steps; 0 for none.
        batch_size: Words of a step.
        learning_rate: Learning rate.
    """

    steps: int = number(0, 0)
    batch_size: int = number(1024, 1)
    learning_rate: float = number(1e-3, 0)


@dataclass(frozen=True, kw_only=True)
class Training(Section):
    """The optimisation, and what is written how often.

    Attributes:
        steps: Updates of the weights.
        batch_size: Blocks of a process in one pass.
        accumulation: Passes of an update.
        learning_rate: Highest learning rate; it falls linearly to 0.
        warmup: Share of the steps in which it rises.
        weight_decay: Of AdamW.
        freeze_backbone: Whether only what is new is trained; the encoder then runs without dropout.
        precision: ``float32``, or ``bfloat16`` where that is safe.
        compile: Whether the model is compiled.
        seed: Seed of weights, order, noise and masks.
        workers: Processes that prepare batches; 0 for none.
        log_every: Steps between log entries.
        evaluate_every: Steps between evaluations.
        save_every: Steps between checkpoints.
        tensorboard: Whether metrics are written for TensorBoard as well.
    """

    steps: int = number(20_000, 1)
    batch_size: int = number(16, 1)
    accumulation: int = number(1, 1)
    learning_rate: float = number(5e-5, 0)
    warmup: float = number(0.05, 0, 0.99)
    weight_decay: float = number(0.01, 0)
    freeze_backbone: bool = False
    precision: str = choice("float32", "float32", "bfloat16")
    compile: bool = False
    seed: int = number(2020, 0, 2**32 - 1)
    workers: int = number(2, 0)
    log_every: int = number(50, 1)
    evaluate_every: int = number(1_000, 1)
    save_every: int = number(1_000, 1)
    tensorboard: bool = False


@dataclass(frozen=True, kw_only=True)
class Configuration(Section):
    """A pre-training run.

    Attributes:
        summary: One line on what it is.
        model: ``charbert``, or ``plain`` for an encoder without a character channel (AdvBERT).
        backbone: ``minilm`` (the offline encoder), a hub id or a directory.
        channel: Options of :class:`charrobust.models.CharBertConfig`.
        data: Text, noise and masks.
        objective: Weights of the losses.
        warm_start: Training of the character encoder alone, before the run.
        training: The optimisation.
    """

    summary: str = ""
    model: str = choice("charbert", "charbert", "plain")
    backbone: str = "minilm"
    channel: dict[str, Any] = field(default_factory=dict)
    data: Data = field(default_factory=Data)
    objective: Weights = field(default_factory=Weights)
    warm_start: WarmStart = field(default_factory=WarmStart)
    training: Training = field(default_factory=Training)

    def __post_init__(self) -> None:
        """Check all values, and those that must fit each other.

        Raises:
            UserError: Nothing would be trained, or a choice needs a character channel that is not there.
        """
        super().__post_init__()
        if not any(asdict(self.objective).values()):
            raise UserError("[objective] has only weights of 0, so that nothing would be learnt; give one above 0")
        if self.objective.mlm and not self.data.mask_share:
            raise UserError("[objective] mlm is above 0, but [data] mask_share is 0: nothing is masked; change either")
        if self.model == "plain":
            self._check_plain()

    def _check_plain(self) -> None:
        needs = {
            "objective.nlm": self.objective.nlm,
            "warm_start.steps": self.warm_start.steps,
            "training.freeze_backbone": self.training.freeze_backbone,
            "channel": self.channel,
        }
        for name, value in needs.items():
            if value:
                raise UserError(f'{name} = {value!r} needs a character channel, but model is "plain"')


def configuration_names() -> list[str]:
    """Return the names of the shipped configurations."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def load_configuration(name: str | Path, changes: Mapping[str, Any] | None = None) -> Configuration:
    """Load a shipped configuration by name, or one's own by the path of its TOML file.

    Args:
        name: Such as ``minilm``, or ``mine.toml``.
        changes: Other values by dotted name, such as ``{"training.steps": 100}``; None leaves a value as it is.

    Raises:
        UserError: No such configuration, unknown keys (with the closest known one) or bad values.
    """
    path = _find(str(name))
    try:
        return parse_configuration(read_toml(path), changes)
    except UserError as error:
        raise UserError(f"{path}: {str(error).removeprefix(f'{path} ')}") from error


def _find(name: str) -> Path:
    if name.endswith(".toml") or "/" in name:
        if not Path(name).is_file():
            raise UserError(f"configuration file not found: {name} (give an existing .toml file or a shipped name)")
        return Path(name)
    if name not in configuration_names():
        raise UserError(f"unknown configuration {name!r}; {hint(name, configuration_names())}")
    return _FOLDER / f"{name}.toml"


def parse_configuration(content: Mapping[str, Any], changes: Mapping[str, Any] | None = None) -> Configuration:
    """Build a configuration from the content of a TOML file, or from what ``asdict`` made of one.

    Args:
        content: Tables and values.
        changes: As for :func:`load_configuration`.

    Raises:
        UserError: As :func:`load_configuration`.
    """
    sections = {"data": Data, "objective": Weights, "warm_start": WarmStart, "training": Training}
    return parse_settings(Configuration, sections, content, changes or {})


# What may change when a run goes on: how long it runs, what it writes, who prepares batches.
_FREE = {
    "summary",
    *(f"training.{key}" for key in ("steps", "workers", "log_every", "evaluate_every", "save_every", "tensorboard")),
}


def differences(old: Configuration, new: Configuration) -> list[str]:
    """Return what a run cannot go on with, one line a value, such as ``training.seed: 1, now 2``."""
    return changed_settings(old, new, _FREE)
