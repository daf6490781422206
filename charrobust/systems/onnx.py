"""Models in ONNX files, run by ONNX Runtime; their tokenizer and configuration lie beside them.

They are asked as models of the transformers library are, in the same windows and batches. Nothing but the operators of
ONNX Runtime itself is run: libraries of further operators are not loaded.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from charrobust.errors import UserError
from charrobust.models.telling import telling
from charrobust.packages import needed_for
from charrobust.systems.beside import Beside, read_beside
from charrobust.systems.devices import AUTO, device_of
from charrobust.systems.loading import knows_segments, length_limit
from charrobust.systems.naming import ONNX_FILES
from charrobust.systems.predictor import Predictor, Settings
from charrobust.tasks.examples import Example
from charrobust.tasks.metrics import Array

if TYPE_CHECKING:
    from charrobust.systems.naming import SystemOptions

_IDS, _MASK, _SEGMENTS = "input_ids", "attention_mask", "token_type_ids"
_INTEGERS = "tensor(int64)"
_CUDA, _CPU = "CUDAExecutionProvider", "CPUExecutionProvider"
_TOKENIZERS = ("tokenizer.json", "tokenizer_config.json")
_SILENT = 4  # ONNX Runtime raises its errors, too; and a model may bring warnings by the hundred


class OnnxModel:
    """Stands where a model of the transformers library does: a session, called with tensors by name.

    Attributes:
        name: What it is called in messages.
        config: Its configuration, of the transformers library.
        device: Where it takes its inputs from.
        inputs: Names of its inputs.
    """

    def __init__(self, session: Any, config: Any, name: str) -> None:
        """Take a session.

        Args:
            session: A session of ONNX Runtime.
            config: The configuration of the model.
            name: What it is called in messages.
        """
        self.name, self.config, self.device = name, config, torch.device("cpu")
        self.inputs = tuple(each.name for each in session.get_inputs())
        self._session = session
        self._outputs = [each.name for each in session.get_outputs()]

    def __call__(self, **given: Tensor) -> SimpleNamespace:
        """Compute the outputs for a batch.

        Args:
            given: Tensors by name; those that the session does not take are left out.

        Returns:
            The outputs by name, as tensors.

        Raises:
            UserError: ONNX Runtime cannot compute them.
        """
        # A text without tokens has no segments; the models of the library then put the first one everywhere.
        segments = torch.zeros_like(given[_IDS])
        tensors = {_SEGMENTS: segments, **given}
        fed = {name: tensors[name].numpy() for name in self.inputs}
        try:
            outputs = self._session.run(self._outputs, fed)
        except Exception as error:
            shape = tuple(given[_IDS].shape)
            raise UserError(f"model {self.name!r}: ONNX Runtime fails on a batch of shape {shape}: {error}") from error
        return SimpleNamespace(**dict(zip(self._outputs, map(torch.from_numpy, outputs), strict=True)))


class OnnxPredictor(Predictor):
    """A model in an ONNX file with all that is needed to ask it."""

    def __init__(self, model: OnnxModel, tokenizer: Any, settings: Settings, file: Path, **options: Any) -> None:
        """Take a model into use.

        Args:
            model: The model.
            tokenizer: Its tokenizer.
            settings: How it is asked.
            file: The ONNX file.
            options: As for :class:`~charrobust.systems.predictor.Predictor`.
        """
        super().__init__(model, tokenizer, settings, **options)
        self._file = file
        # Without a mask a model takes padding for text.
        self._equal = self._equal or _MASK not in model.inputs

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all that predictions depend on: the files, configuration, tokenizer, settings, the code."""
        digest = self._digest(f"onnxruntime {_runtime().__version__}")
        for path in [self._file, *_external_data(self._file)]:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return str(digest.hexdigest())

    def first_order(
        self, example: Example, changed: Sequence[Example], names: Mapping[str, str] | None = None
    ) -> Array | None:
        """See the base class: there are no gradients."""
        return None

    def _reads_segments(self) -> bool:
        """See the base class."""
        return _SEGMENTS in self.model.inputs and knows_segments(self.model.config)


def load_onnx(path: str, options: SystemOptions) -> OnnxPredictor:
    """Load a model in an ONNX file.

    Args:
        path: The file, or the directory that holds ``model.onnx`` or ``onnx/model.onnx``.
        options: How it is loaded.

    Returns:
        The model, ready to be asked.

    Raises:
        UserError: ONNX Runtime is not installed, a file is missing, or the model is none for a task.
    """
    file = _model_file(path)
    with telling(path):
        beside = read_beside(_folder_of(file, path), options.task, trust_remote_code=options.trust_remote_code)
    session = _session(file, path, options.device)
    _check_inputs(session, path)
    blueprint = _blueprint(beside, path)
    with telling(path):
        settings = beside.settings(length_limit(blueprint, beside.tokenizer), options=options.head_options)
    _check_outputs(session, settings, path)
    return OnnxPredictor(
        OnnxModel(session, beside.config, path),
        beside.tokenizer,
        settings,
        file,
        name=_name_of(file),
        batch_size=options.batch_size,
        source=path,
    )


def _model_file(path: str) -> Path:
    """Return the ONNX file that a path names.

    Raises:
        UserError: There is none.
    """
    candidates = [Path(path), *(Path(path) / name for name in ONNX_FILES)]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise UserError(f"model {path!r}: there is no ONNX file; give one, or a directory with {' or '.join(ONNX_FILES)}")


def _folder_of(file: Path, path: str) -> Path:
    """Return the directory of tokenizer and configuration: that of the file, or the one above its folder ``onnx``.

    Raises:
        UserError: One of them is missing.
    """
    folder = file.parent
    if folder.absolute().name == "onnx" and not (folder / "config.json").is_file():
        folder = folder.parent
    if not (folder / "config.json").is_file():
        raise UserError(
            f"model {path!r}: there is no config.json in {folder}, which names the task and the labels; write it there "
            "with model.config.save_pretrained(...) of the model that was exported"
        )
    if not any((folder / name).is_file() for name in _TOKENIZERS):
        raise UserError(
            f"model {path!r}: there is no tokenizer in {folder} ({' or '.join(_TOKENIZERS)}); write it there with "
            "tokenizer.save_pretrained(...) of the model that was exported"
        )
    return folder


def _name_of(file: Path) -> str:
    """Return what a file is called: by its name, or by its directory where all models have that name."""
    if file.name not in ONNX_FILES:
        return file.stem
    folder = file.absolute().parent
    return folder.parent.name if folder.name == "onnx" else folder.name


def _runtime() -> Any:
    """Return the library.

    Raises:
        UserError: It is not installed.
    """
    with needed_for("running ONNX models"):
        return import_module("onnxruntime")


def _session(file: Path, path: str, device: str | None) -> Any:
    """Return a session that runs a file: on a GPU where ONNX Runtime has one, unless another device is named.

    Raises:
        UserError: It is no model that ONNX Runtime can run.
    """
    runtime = _runtime()
    options = runtime.SessionOptions()
    options.log_severity_level = _SILENT
    options.intra_op_num_threads = torch.get_num_threads()
    providers = _providers(runtime.get_available_providers(), path, device)
    try:
        return runtime.InferenceSession(file, options, providers=providers)
    # The errors of the library have no class in common.
    except Exception as error:
        raise UserError(
            f"model {path!r}: ONNX Runtime {runtime.__version__} cannot run {file}: {error}; libraries of further "
            "operators are not loaded"
        ) from error


def _providers(there: Sequence[str], path: str, device: str | None) -> list[Any]:
    """Return what runs the operators of a model, in the order in which it is tried.

    Raises:
        UserError: ONNX Runtime has nothing that runs them on the device.
    """
    if device in (None, AUTO):
        return [each for each in (_CUDA, _CPU) if each in there]
    chosen = device_of(device)
    if chosen.type == "cuda" and _CUDA in there:
        return [(_CUDA, {"device_id": chosen.index or 0}), _CPU]
    if chosen.type != "cpu":
        raise UserError(
            f"model {path!r}: this ONNX Runtime has nothing for `device` {device!r}, only {', '.join(there)}"
        )
    return [_CPU]


def _check_inputs(session: Any, path: str) -> None:
    """Refuse a model that takes anything but what a tokenizer gives, in batches of any size.

    Raises:
        UserError: With what it takes.
    """
    taken = session.get_inputs()
    names = {each.name for each in taken}
    listed = ", ".join(f"{each.name} {each.type} {each.shape}" for each in taken)
    known = {_IDS, _MASK, _SEGMENTS}
    if _IDS not in names or not names <= known or any(each.type != _INTEGERS for each in taken):
        raise UserError(
            f"model {path!r} takes the inputs {listed}; expected {_IDS} and, if need be, {_MASK} and {_SEGMENTS}, each "
            f"a {_INTEGERS}; export it with these"
        )
    if any(isinstance(size, int) for each in taken for size in each.shape):
        raise UserError(
            f"model {path!r} takes inputs of fixed sizes: {listed}; export it with batch and length left free "
            "(dynamic axes)"
        )


def _check_outputs(session: Any, settings: Settings, path: str) -> None:
    """Refuse a model without the outputs that the task reads, or with more or fewer classes than its configuration.

    Raises:
        UserError: With the outputs that it has.
    """
    head = settings.head
    sizes = {each.name: each.shape[-1] for each in session.get_outputs()}
    missing = [name for name in head.outputs if name not in sizes]
    if missing:
        raise UserError(
            f"model {path!r} has the outputs {', '.join(sizes)}; the task {settings.task.name!r} reads "
            f"{', '.join(head.outputs)}; export it with these names"
        )
    size = sizes[head.outputs[0]]
    if head.labels and isinstance(size, int) and size != len(head.labels):
        raise UserError(
            f"model {path!r} has {size} classes, and its config.json {len(head.labels)} labels: "
            f"{', '.join(head.labels)}; give the config.json of the model that was exported"
        )


def _blueprint(beside: Beside, path: str) -> Any:
    """Return the model of the transformers library that a configuration describes, without any weights."""
    # The library's code alone tells how many of the positions are for padding, and with them how long a text can be.
    with telling(path), torch.device("meta"):
        return beside.head.auto_class.from_config(beside.config, trust_remote_code=beside.trust_remote_code)


def _external_data(file: Path) -> list[Path]:
    """Return the files that hold weights of a model outside of it.

    ONNX demands that they lie in the directory of the model, or in one within that; the model holds their names.
    """
    others = sorted(path for path in file.parent.rglob("*") if path.is_file() and path != file)
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        # A name may stand there for another reason: one file too many in a fingerprint does no harm.
        return [path for path in others if content.find(path.name.encode()) >= 0]
