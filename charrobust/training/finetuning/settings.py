"""What a fine-tuning run is made of, declared in TOML and validated on loading; every key has a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from charrobust.errors import UserError
from charrobust.search import find_search
from charrobust.settings import Checked, read_changed, read_file, setting

# A linear map begins from nothing, and can take far longer steps than pretrained weights without losing anything.
_RATES = {"finetuned": 1e-4, "frozen": 1e-2, "mix": 1e-2}
_SEARCHED = "charbert"  # the recipe of an adversarial search where none is named


@dataclass(frozen=True, kw_only=True)
class Reading(Checked):
    """How examples become windows of tokens."""

    max_length: int | None = setting(None, low=16, options=("--max-length",))
    """Tokens of a window at most; without a value 256, for question answering 384, or what the model takes."""
    stride: int | None = setting(None, low=0)
    """Tokens that neighbouring windows of a long example share; without a value 32, for question answering 128."""
    max_answer: int = setting(30, low=1)
    """Tokens of an answer at most."""
    threshold: float = setting(0.5, low=0, high=1)
    """Of several labels a text, those whose probability is at least this are predicted."""


@dataclass(frozen=True, kw_only=True)
class Augmentation(Checked):
    """Noise on training examples."""

    recipe: str = setting("", options=("--noise",))
    """Recipe of the noise, by name or path; none for clean training."""
    share: float = setting(0.5, low=0, high=1, options=("--noise-share",))
    """Share of the examples that is noised, other ones and afresh in each epoch."""
    consistency: float = setting(0.0, low=0, options=("--consistency",))
    """Weight of the distance between predictions for a noised example (or its worst form) and for its clean form, which
    is then trained on too; 0 for none."""


@dataclass(frozen=True, kw_only=True)
class Adversarial(Checked):
    """Adversarial training: forms of training examples that a search finds to be worst for the model as it then is."""

    search: str = setting("", options=("--adversarial",))
    """``SEARCH:EDITS`` or ``RECIPE:SEARCH:EDITS``, such as ``greedy:1``: a search, most edits of an example, and a
    recipe whose edits are allowed (without one that of the noise, else ``charbert``); none for no such training."""
    share: float = setting(0.5, low=0, high=1, options=("--adversarial-share",))
    """Share of the examples that is searched, other ones in each epoch; they are trained on in their worst forms."""
    budget: int = setting(16, low=1, options=("--adversarial-budget",))
    """Forms of an example that a search asks the model about at most."""

    def __post_init__(self) -> None:
        """Check all values, and the search.

        Raises:
            UserError: It is of another form, or there is no such search.
        """
        super().__post_init__()
        if self.search:
            find_search(self.parts[1])

    @property
    def is_done(self) -> bool:
        """Whether anything is searched."""
        return bool(self.search and self.share)

    @property
    def parts(self) -> tuple[str, str, int]:
        """The recipe, empty where none is named; the name of the search; and the number of edits.

        Raises:
            UserError: They cannot be read.
        """
        # From the right: a recipe may hold colons, searches and numbers hold none.
        *recipe, search, edits = ["", *self.search.rsplit(":", 2)][-3:]
        if not search or not edits.isdecimal() or int(edits) < 1:
            raise UserError(
                f"[adversarial] search is {self.search!r}; expected SEARCH:EDITS or RECIPE:SEARCH:EDITS with one edit "
                "or more, such as greedy:1 or inner-letters:greedy:2"
            )
        return recipe[0], search, int(edits)


@dataclass(frozen=True, kw_only=True)
class Optimisation(Checked):
    """The optimisation, and what is written how often."""

    epochs: int = setting(3, low=1, options=("--epochs",))
    """Times that the training data are seen."""
    batch_size: int = setting(32, low=1, options=("--batch-size",))
    """Windows of a pass."""
    accumulation: int = setting(1, low=1)
    """Passes of an update."""
    learning_rate: float | None = setting(None, low=0, options=("--learning-rate",))
    """Highest learning rate, which falls linearly to 0; without a value 1e-4, for features of a frozen encoder 1e-2."""
    warmup: float = setting(0.1, low=0, high=0.99)
    """Share of the steps in which it rises."""
    weight_decay: float = setting(0.01, low=0)
    """Of AdamW."""
    patience: int = setting(0, low=0)
    """Evaluations without a better score after which the run ends; 0 for never."""
    freeze: str | None = None
    """Weights that stay as they are: how their names begin, with commas between; nothing for training all of them.
    Without a value, a character channel that recognises words: on clean text it would forget typos."""
    keep: str = setting("best", choices=("best", "last"))
    """Which model is kept: ``best`` by the main metric on the evaluation data, or ``last``."""
    precision: str = setting("float32", choices=("float32", "bfloat16"), options=("--precision",))
    """``float32``, or ``bfloat16`` where that is safe: twice as fast where the processor has it."""
    evaluations: int = setting(1, low=1)
    """Evaluations of an epoch."""
    log_every: int = setting(50, low=1, may_change=True)
    """Steps between log entries."""
    save_every: int = setting(0, low=0, may_change=True)
    """Steps between checkpoints; 0 for one at the end of each epoch."""
    report_to: tuple[str, ...] = setting((), options=("--report-to",), may_change=True)
    """Where the library's Trainer writes metrics, too: tensorboard, wandb, mlflow, ...; repeatable."""


@dataclass(frozen=True, kw_only=True)
class FinetuningConfiguration(Checked):
    """A fine-tuning run."""

    model: str = setting("minilm", options=("--model", "-m"))
    """``minilm`` (the offline encoder), ``e5-small`` (of many languages), a channel such as ``charbert-minilm-l6``, a
    hub id or a directory."""
    use: str = setting("finetuned", choices=("finetuned", "frozen", "mix"), options=("--use",))
    """What is trained: ``finetuned`` (all of it), ``frozen`` (a linear map on the last layer) or ``mix`` (a linear map
    on a learned mix of all layers; Peters et al., NAACL 2018)."""
    behind: tuple[str, ...] = setting((), options=("--behind",))
    """A defence through which training and evaluation data are read: spelling, fold, or a folder of train-encodings or
    train-recogniser; repeatable, in order. The model is to be scored behind the same: DEFENCE+MODEL."""
    reading: Reading = field(default_factory=Reading)
    """How examples become windows of tokens."""
    noise: Augmentation = field(default_factory=Augmentation)
    """Noise on training examples."""
    adversarial: Adversarial = field(default_factory=Adversarial)
    """Adversarial training."""
    training: Optimisation = field(default_factory=Optimisation)
    """The optimisation."""

    def __post_init__(self) -> None:
        """Check all values, and those that must fit each other.

        Raises:
            UserError: A consistency loss without noise.
        """
        super().__post_init__()
        is_noised = bool(self.noise.recipe and self.noise.share)
        if self.noise.consistency and not (is_noised or self.adversarial.is_done):
            raise UserError(
                "[noise] consistency compares examples with their noised forms, and nothing is noised; give "
                "`noise.recipe`, and `noise.share` above 0, or `adversarial.search`"
            )

    @property
    def adversarial_recipe(self) -> str:
        """The recipe whose edits an adversarial search may make; none where nothing is searched."""
        if not self.adversarial.is_done:
            return ""
        return self.adversarial.parts[0] or self.noise.recipe or _SEARCHED

    @property
    def learning_rate(self) -> float:
        """The highest learning rate."""
        given = self.training.learning_rate
        return _RATES[self.use] if given is None else given

    @property
    def defences(self) -> list[str]:
        """What of the training is to help against noise, in words."""
        noise, adversarial = self.noise, self.adversarial
        # Cards name no folder of a machine.
        found = [f"read behind {Path(name).absolute().name}" for name in self.behind]
        if noise.recipe and noise.share:
            found.append(f"noise augmentation ({Path(noise.recipe).name}, {noise.share:g} of the examples)")
        if adversarial.is_done:
            _, search, edits = adversarial.parts
            found.append(
                f"adversarial training ({Path(self.adversarial_recipe).name}, {search} search, edits: {edits}, "
                f"queries: {adversarial.budget}, {adversarial.share:g} of the examples)"
            )
        if noise.consistency:
            found.append(f"consistency loss (weight {noise.consistency:g})")
        return found


def load_finetuning(path: str | Path | None, changes: Mapping[str, Any] | None = None) -> FinetuningConfiguration:
    """Load a configuration.

    Args:
        path: Its TOML file; None for the defaults.
        changes: Other values by dotted name, such as ``{"training.epochs": 5}``; None leaves a value as it is.

    Returns:
        The configuration.

    Raises:
        UserError: No such file, unknown keys (with the closest known one) or bad values.
    """
    if path is None:
        return parse_finetuning({}, changes)
    if not Path(path).is_file():
        raise UserError(f"configuration file not found: {path}; give an existing .toml file")
    return read_file(FinetuningConfiguration, Path(path), changes or {})


def parse_finetuning(content: Mapping[str, Any], changes: Mapping[str, Any] | None = None) -> FinetuningConfiguration:
    """Build a configuration from the content of a TOML file, or from what ``asdict`` made of one.

    Args:
        content: Tables and values.
        changes: As for :func:`load_finetuning`.

    Returns:
        The configuration.

    Raises:
        UserError: As :func:`load_finetuning`.
    """
    return read_changed(FinetuningConfiguration, content, changes or {})
