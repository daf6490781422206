"""What a pre-training run is made of, declared in TOML and validated on loading.

The shipped configurations are the files of ``configurations/`` beside this module. Every key has a default; the
tables are the dataclasses below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from charrobust.errors import UserError, hint
from charrobust.settings import Checked, read_changed, read_file, setting

_FOLDER = Path(__file__).parent / "configurations"


@dataclass(frozen=True, kw_only=True)
class Data(Checked):
    """Text, noise and masks."""

    block_size: int = setting(128, low=8, options=("--block-size",))
    """Tokens of a block, special ones included."""
    recipe: str = setting("noisy-lm", options=("--recipe", "-r"))
    """Recipe of the noise, by name or path."""
    noise_share: float | Literal["uniform"] = setting(0.15, low=0, high=1)
    """Share of the words of a block that is noised; ``uniform`` leaves a third of the blocks clean and draws the share
    of each other one."""
    masking: str = setting("whole-word", choices=("whole-word", "token", "span"))
    """What is masked together."""
    mask_share: float = setting(0.10, low=0, high=1)
    """Share of the tokens that is masked."""
    words: str = setting("", options=("--words",))
    """A file of words with their languages and counts: the warm start is taught these, and not those of the corpus. The
    first of them, as many as `channel.lexicon_size`, are the known words where `channel.lexicon_keys` is "spelled"."""
    word_vocabulary: int = setting(30_000, low=1)
    """Words that the noisy LM knows: the most frequent of the corpus."""
    lowercase: bool = True
    """Whether these words are lower-cased."""


@dataclass(frozen=True, kw_only=True)
class Weights(Checked):
    """How much each loss counts; one of weight 0 is not computed."""

    nlm: float = setting(1.0, low=0)
    """Noisy LM: the original word, from the character channel (Ma et al., COLING 2020, equation 7)."""
    mlm: float = setting(1.0, low=0)
    """Masked LM, from the token channel."""
    distillation: float = setting(0.0, low=0)
    """Word vectors of noised text are to be those that the plain encoder gives clean text."""


@dataclass(frozen=True, kw_only=True)
class WarmStart(Checked):
    """Training of the character encoder alone, before the run."""

    steps: int = setting(0, low=0)
    """Number of steps; 0 for none."""
    batch_size: int = setting(1024, low=1)
    """Words of a step."""
    learning_rate: float = setting(1e-3, low=0)
    """Learning rate."""
    adversarial: int = setting(0, low=0, options=("--adversarial",))
    """Noised forms of a word that are tried, 2 or more: it is taught in the one that is recognised worst by then. 0 for
    the first that is drawn."""
    adversarial_share: float = setting(0.5, low=0, high=1, options=("--adversarial-share",))
    """Share of the words for which several forms are tried, other ones in each step."""

    def __post_init__(self) -> None:
        """Check all values, and those that must fit each other.

        Raises:
            UserError: Several forms are to be tried, and there is one, or no warm start.
        """
        super().__post_init__()
        if self.adversarial == 1:
            raise UserError(
                "[warm_start] adversarial is 1, and of one form none is worst; give 2 or more, or 0 for none"
            )
        if self.adversarial and not self.steps:
            raise UserError(
                f"[warm_start] adversarial is {self.adversarial}, but steps is 0: forms are tried in the warm start "
                "alone; give it `warm_start.steps`"
            )


@dataclass(frozen=True, kw_only=True)
class Training(Checked):
    """The optimisation, and what is written how often."""

    steps: int = setting(20_000, low=1, options=("--steps",), may_change=True)
    """Updates of the weights."""
    batch_size: int = setting(16, low=1)
    """Blocks of a process in one pass."""
    accumulation: int = setting(1, low=1)
    """Passes of an update."""
    learning_rate: float = setting(5e-5, low=0)
    """Highest learning rate; it falls linearly to 0."""
    warmup: float = setting(0.05, low=0, high=0.99)
    """Share of the steps in which it rises."""
    weight_decay: float = setting(0.01, low=0)
    """Of AdamW."""
    freeze_backbone: bool = setting(False, options=("--freeze-backbone/--train-backbone",))
    """Whether only what is new is trained; the encoder then runs without dropout."""
    freeze_characters: bool = setting(False, options=("--freeze-characters/--train-characters",))
    """Whether characters are taught by the warm start alone, or not at all: what reads words by them then stays as it
    is, and what is trained is the context of words, and how the channels meet."""
    precision: str = setting("float32", choices=("float32", "bfloat16"))
    """``float32``, or ``bfloat16`` where that is safe."""
    compile: bool = False
    """Whether the model is compiled."""
    seed: int = setting(2020, low=0, high=2**32 - 1, options=("--seed",))
    """Seed of weights, order, noise and masks."""
    workers: int = setting(2, low=0, may_change=True)
    """Processes that prepare batches; 0 for none."""
    log_every: int = setting(50, low=1, may_change=True)
    """Steps between log entries."""
    evaluate_every: int = setting(1_000, low=1, may_change=True)
    """Steps between evaluations."""
    save_every: int = setting(1_000, low=1, may_change=True)
    """Steps between checkpoints."""
    tensorboard: bool = setting(False, may_change=True)
    """Whether metrics are written for TensorBoard as well."""


@dataclass(frozen=True, kw_only=True)
class Configuration(Checked):
    """A pre-training run."""

    summary: str = setting("", may_change=True)
    """One line on what it is."""
    model: str = setting("charbert", choices=("charbert", "plain"))
    """``charbert``, or ``plain`` for an encoder without a character channel (AdvBERT)."""
    backbone: str = setting("minilm", options=("--backbone",))
    """``minilm`` (the offline encoder), ``e5-small`` (of many languages), a hub id or a directory."""
    init: str = setting("", options=("--init",))
    """A channel to go on from: ``charbert-minilm-l6``, or a folder that holds one; nothing for new weights."""
    channel: dict[str, Any] = field(default_factory=dict)
    """Options of :class:`charrobust.models.CharBertConfig`; of a channel that is gone on from, those that change."""
    data: Data = field(default_factory=Data)
    """Text, noise and masks."""
    objective: Weights = field(default_factory=Weights)
    """Weights of the losses."""
    warm_start: WarmStart = field(default_factory=WarmStart)
    """Training of the character encoder alone, before the run."""
    training: Training = field(default_factory=Training)
    """The optimisation."""

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

    @property
    def recognises(self) -> bool:
        """Whether the channel recognises words: its noisy LM then predicts those of its lexicon."""
        return bool(self.init) or self.channel.get("character_entry") == "recognised"

    @property
    def recognises_alone(self) -> bool:
        """Whether a channel learns to recognise words and nothing else, so that the transformer need not be run."""
        return self.recognises and not (self.objective.mlm or self.objective.distillation)

    def _check_plain(self) -> None:
        needs = {
            "objective.nlm": self.objective.nlm,
            "warm_start.steps": self.warm_start.steps,
            "training.freeze_backbone": self.training.freeze_backbone,
            "training.freeze_characters": self.training.freeze_characters,
            "channel": self.channel,
            "init": self.init,
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

    Returns:
        The configuration.

    Raises:
        UserError: No such configuration, unknown keys (with the closest known one) or bad values.
    """
    return read_file(Configuration, _find(str(name)), changes or {})


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

    Returns:
        The configuration.

    Raises:
        UserError: As :func:`load_configuration`.
    """
    return read_changed(Configuration, content, changes or {})
