"""Systems by name: ``[NAME=][DEFENCE+...]PATH``, where PATH tells what kind of system it is; or what answers itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charrobust.errors import UserError, hint
from charrobust.packages import needed_for
from charrobust.plugins import Registry, load_object
from charrobust.systems.defended import Defended
from charrobust.systems.gates import GATED
from charrobust.systems.system import System
from charrobust.tasks.base import Task
from charrobust.tasks.learners import KINDS, LINEAR
from charrobust.tasks.registry import task_class

if TYPE_CHECKING:
    from charrobust.datasets.dataset import DataSet
    from charrobust.systems.endpoint.cost import Budget
    from charrobust.systems.restoration import Restorer, TextRestorer

# What is no directory of a model: by its name, by what stands before a colon, by the end of a file's name.
_NAMED = {"bm25": "charrobust.systems.bm25:load_bm25"}
_SCHEMES = {
    "python": "charrobust.systems.functions:load_function",
    "http": "charrobust.systems.endpoint.endpoint:load_address",
    "https": "charrobust.systems.endpoint.endpoint:load_address",
}
_PICKLES = (".pkl", ".pickle", ".joblib", ".dill", ".cloudpickle")
_CHECKPOINTS = (".pt", ".pth", ".bin", ".ckpt")  # pickles as torch writes them
_ONNX = "charrobust.systems.onnx:load_onnx"
_SUFFIXES = {
    ".toml": "charrobust.systems.endpoint.endpoint:load_endpoint_system",
    ".onnx": _ONNX,
    ".skops": "charrobust.systems.skops:load_skops",
    **dict.fromkeys(_PICKLES, "charrobust.systems.skops:refuse_pickle"),
    **dict.fromkeys(_CHECKPOINTS, "charrobust.systems.skops:refuse_checkpoint"),
}
ON_INDEX = " on the index of "  # stands in the source of a model whose queries search the index of another
_MODEL = "charrobust.systems.models:load_models"
Loader = Callable[[str, "SystemOptions"], System]
# Those of other packages, by the entry point group ``charrobust.systems``, are known in all three ways by one name.
SYSTEMS: Registry[Loader] = Registry("system", _NAMED | _SCHEMES | {end[1:]: place for end, place in _SUFFIXES.items()})
# A directory with one of these is read as ONNX, where it holds no weights that the transformers library reads.
ONNX_FILES = ("model.onnx", "onnx/model.onnx")
_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
# Without a plus, which stands between a defence and what it is for. What follows a scheme may hold any sign.
_SCHEME = re.compile(r"[a-z][a-z0-9]+:")
_LATER_SCHEME = re.compile(rf"(?<=[=+]){_SCHEME.pattern}")


@dataclass(frozen=True, kw_only=True)
class SystemOptions:
    """How systems are loaded.

    Attributes:
        batch_size: Texts of a batch at most.
        device: Where models run, see :func:`charrobust.systems.devices.device_of`; None for a GPU where there is one.
        task: The class of the task of the data, where that is known: what does not tell its task is asked for it.
        labels: Names of the classes or tags of the data.
        head_options: Options of the task's head, such as ``no_answer``, for a model that does not say what it was
            trained on.
        endpoint: How models behind an address are asked: the name of an endpoint that ships, or a TOML file.
        budget: What all calls of models behind an address may cost; None for any amount.
        fit_on: What a classifier of the vectors of an encoder without a head is fitted on; None refuses such encoders.
        fit: Its kind, of :data:`charrobust.tasks.learners.KINDS`.
        gate_on: The data whose words gates let stay, such as those that the models were trained on; None for none.
        trust_types: Types that a file of skops may hold besides those that skops trusts, by their full names.
        trust_remote_code: Whether code that lies with a model is run.
        segmentation_dropout: The chance that a piece is passed over when a model's tokenizer cuts words, see
            :class:`charrobust.models.segmentation.Segmentation`; 0 for the tokenizer's own cuts.
        index: The encoder whose vectors of documents are searched; None for the encoder of the queries.
        screen: Whether searches ask models in half precision first (:class:`charrobust.systems.screened.Screened`).
    """

    batch_size: int = 32
    device: str | None = None
    task: type[Task] | None = None
    labels: tuple[str, ...] = ()
    head_options: dict[str, Any] = field(default_factory=dict)
    endpoint: str | None = None
    budget: Budget | None = None
    fit_on: DataSet | None = None
    fit: str = LINEAR
    gate_on: DataSet | None = None
    trust_types: tuple[str, ...] = ()
    trust_remote_code: bool = False
    segmentation_dropout: float = 0.0
    index: str | None = None
    screen: bool = False

    def __post_init__(self) -> None:
        """Check the kind of a classifier of vectors, and the chance that pieces are passed over.

        Raises:
            UserError: It is not known, or out of range.
        """
        if self.fit not in KINDS:
            raise UserError(f"`fit` {self.fit!r} is not known; {hint(self.fit, KINDS)}")
        if not 0 <= self.segmentation_dropout < 1:
            raise UserError(f"`segmentation_dropout` must be 0 or more and below 1, got {self.segmentation_dropout!r}")

    @staticmethod
    def for_data(
        data: DataSet,
        *,
        batch_size: int = 32,
        device: str | None = None,
        endpoint: str | None = None,
        budget: Budget | None = None,
        fit_on: DataSet | None = None,
        fit: str = LINEAR,
        gate_on: DataSet | None = None,
        trust_types: Sequence[str] = (),
        trust_remote_code: bool = False,
        segmentation_dropout: float = 0.0,
        index: str | None = None,
        screen: bool = False,
    ) -> SystemOptions:
        """Return how systems are loaded that are asked about a data set."""
        return SystemOptions(
            batch_size=batch_size,
            device=device,
            endpoint=endpoint,
            budget=budget,
            fit_on=fit_on,
            fit=fit,
            gate_on=gate_on,
            trust_types=tuple(trust_types),
            trust_remote_code=trust_remote_code,
            segmentation_dropout=segmentation_dropout,
            index=index,
            screen=screen,
            task=type(data.task),
            # Also those of which no example was read: what a model is asked must not change with their number.
            labels=tuple(dict.fromkeys([*data.task.names_in_order, *data.classes])),
            head_options=data.task.head_options(data.examples),
        )


@dataclass(frozen=True)
class SystemName:
    """What ``[NAME=][DEFENCE+...]PATH`` says.

    Attributes:
        name: The name; None where none is given.
        defences: ``spelling``, ``fold``, directories of recognisers, and gates before one of them, in order.
        path: What is asked: a directory, a hub id, ``python:module:name``, an address, ...
    """

    name: str | None
    defences: tuple[str, ...]
    path: str


def parse_system(text: str) -> SystemName:
    """Take ``[NAME=][DEFENCE+...]PATH`` apart; what exists as a path is one, whatever signs it holds.

    Args:
        text: What was given.

    Returns:
        Its parts.

    Raises:
        UserError: A part is empty.
    """
    if text and (Path(text).exists() or _SCHEME.match(text)):
        return SystemName(None, (), text)
    later = _LATER_SCHEME.search(text)
    # An address may hold the sign that ends a name.
    head, address = (text[: later.start()], text[later.start() :]) if later else (text, "")
    name, equals, rest = head.partition("=")
    if not equals:
        name, rest = "", head
    *defences, path = _summands(rest + address)
    if not path or not all(defences) or (equals and not name):
        raise UserError(f"model {text!r}: expected [NAME=][DEFENCE+...]PATH, such as plain=spelling+models/sst2")
    return SystemName(name or None, tuple(defences), path)


def _summands(text: str) -> list[str]:
    """Take ``DEFENCE+...+PATH`` apart; a path that exists is one, and so is what follows a scheme."""
    summands: list[str] = []
    while "+" in text and not Path(text).exists() and not _SCHEME.match(text):
        summand, _, text = text.partition("+")
        summands.append(summand)
    return [*summands, text]


def load_system(text: str, options: SystemOptions | None = None, *, loaded: dict[str, System] | None = None) -> System:
    """Load a system.

    Args:
        text: ``[NAME=][DEFENCE+...]PATH``. PATH is the directory or hub id of a model, an ONNX file or the directory
            of one, a ``.skops`` file, ``bm25``, an address (``https://...``) or the TOML file of an endpoint, or
            ``python:module:name``, which runs code of that module. What stands before it is ``spelling``, ``fold``, or
            a directory written by ``charrobust train-recogniser``, each but ``fold`` also behind ``gate`` or
            ``gate@MARGIN`` and a plus. Without a name it is called by the last part of the path, after the names of the
            defences.
        options: How it is loaded; None for the usual way.
        loaded: Models that are loaded already, by path: systems that differ in their defences alone share one, and what
            it has read of a corpus. The model is added.

    Returns:
        The system.

    Raises:
        UserError: A part cannot be read or loaded.
    """
    from charrobust.systems.restoration import behind_gates, load_restorer

    parsed = parse_system(text)
    named = behind_gates(parsed.defences)
    with needed_for(f"model {text!r}"):
        ungated = [load_restorer(defence.name) for defence in named]
    models = {} if loaded is None else loaded
    settings = options or SystemOptions()
    if parsed.path not in models:
        with needed_for(f"model {text!r}"):
            models[parsed.path] = _loaded(parsed.path, settings)
    model = models[parsed.path]
    restorers = []
    for defence, restorer in zip(named, ungated, strict=True):
        restorers.append(_gated(restorer, defence.margin, settings))
    name = " + ".join([*(restorer.name for restorer in restorers), model.name])
    return Defended(parsed.name or name, model, restorers)


def _gated(restorer: Restorer | TextRestorer, margin: float | None, options: SystemOptions) -> Restorer | TextRestorer:
    """Put a gate before a restorer, where it has a margin for one."""
    if margin is None:
        return restorer
    from charrobust.systems.gates import Gate, Gated, words_of

    known = frozenset() if options.gate_on is None else words_of(options.gate_on.examples)
    return Gated(restorer, Gate(known=known, name_margin=margin))


def _loaded(path: str, options: SystemOptions) -> System:
    """Load the system that a path names.

    Raises:
        UserError: It is no model of the transformers library, and options are given that act within such.
    """
    place = _place(path)
    if place != _MODEL:
        _check_no_model(path, options)
    loader: Loader = load_object(place) if isinstance(place, str) else place
    return loader(path, options)


def _check_no_model(name: str, options: SystemOptions) -> None:
    """Refuse options that act within models of the transformers library, for a system that is none.

    Raises:
        UserError: With the option.
    """
    within = {
        "on whose tokenizer `segmentation_dropout` acts": options.segmentation_dropout > 0,
        "which alone `screen` lets run in half precision": options.screen,
    }
    for what, is_given in within.items():
        if is_given:
            raise UserError(f"{name} is no model of the transformers library, {what}; leave it out")


def _place(path: str) -> str | Loader:
    """Return where that is which loads the system that a path names; of another package, the loader itself."""
    exists = Path(path).exists()
    scheme = _SCHEME.match(path)
    suffix = Path(path).suffix.lower()
    if scheme and scheme[0][:-1] in _SCHEMES and not exists:
        return _SCHEMES[scheme[0][:-1]]
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if _holds_onnx_alone(Path(path)):
        return _ONNX
    if path in _NAMED and not exists:
        return _NAMED[path]
    if not Path(path).is_dir() and (added := _added_loader(path)):
        return added
    return _MODEL


def _added_loader(path: str) -> Loader | None:
    """Return the loader of another package, by the whole, the scheme or the suffix of a path; None where none is."""
    scheme = _SCHEME.match(path)
    for name in (path, scheme[0][:-1] if scheme else "", Path(path).suffix.lower()[1:]):
        loader = SYSTEMS.find(name)
        if loader is not None:
            return loader
    return None


def _holds_onnx_alone(folder: Path) -> bool:
    """Tell whether a directory holds a model as ONNX, and no weights that the transformers library reads."""
    weights = [path for pattern in _WEIGHTS for path in folder.glob(pattern)]
    return not weights and any((folder / name).is_file() for name in ONNX_FILES)


def as_system(
    asked: Any,
    *,
    task: str | type[Task] | None = None,
    name: str | None = None,
    labels: Sequence[str] = (),
    version: str | None = None,
    options: SystemOptions | None = None,
    loaded: dict[str, System] | None = None,
) -> System:
    """Make a system of what answers; see :meth:`charrobust.systems.system.System.of`.

    Args:
        asked: See there.
        task: See there.
        name: See there.
        labels: See there.
        version: See there.
        options: How a system that is named is loaded; of the task there, where none is given here.
        loaded: See :func:`load_system`.

    Returns:
        The system.

    Raises:
        UserError: It cannot be asked, its task is not known, or it is no model that the options could act within.
    """
    settings = options or SystemOptions()
    if task is not None:
        settings = replace(settings, task=task_class(task) if isinstance(task, str) else task)
    if not isinstance(asked, str | Path):
        _check_no_model(name or repr(asked), settings)
    if isinstance(asked, System):
        system = asked
    elif isinstance(asked, str | Path):
        system = load_system(str(asked), settings, loaded=loaded)
    elif hasattr(asked, "get_params") and hasattr(asked, "predict"):
        estimators = import_module("charrobust.systems.estimators")
        system = estimators.EstimatorSystem(asked, settings, labels=tuple(labels), version=version)
    else:
        functions = import_module("charrobust.systems.functions")
        system = functions.FunctionSystem(asked, settings, labels=tuple(labels), version=version)
    return system if name is None else Defended(name, system)


def check_used(options: SystemOptions, systems: Sequence[System]) -> None:
    """Refuse what is said of systems behind an address or a gate, or on an index, where there are none.

    Args:
        options: How the systems were loaded.
        systems: The systems.

    Raises:
        UserError: With what is to be left out.
    """
    if options.budget is not None and not options.budget.currency:
        raise UserError("no model costs anything by which a `budget` could be kept; leave it out")
    if options.gate_on is not None and not any(map(_has_gate, systems)):
        raise UserError("no model stands behind a gate that `gate_on` could tell words; leave it out, or give gate+...")
    if options.endpoint is not None and not any("://" in system.source for system in systems):
        raise UserError("no model is an address that `endpoint` could say how to ask; leave it out")
    if options.index is not None and not any(ON_INDEX in system.source for system in systems):
        raise UserError("no model is an encoder whose queries could search an `index`; leave it out")


def _has_gate(system: System) -> bool:
    """Tell whether some defence of a system stands behind a gate."""
    return any(name.startswith(GATED) for name in system.defences)
