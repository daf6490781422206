"""A model as an ONNX file, with what is needed to ask it, compared with the model before it is kept."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from charrobust.errors import UserError
from charrobust.files import replacing
from charrobust.models.sentence_files import read_sentence_files, write_sentence_files
from charrobust.models.telling import telling
from charrobust.packages import needed_for
from charrobust.systems.loading import has_segments, place_of
from charrobust.systems.models import load_predictor
from charrobust.systems.naming import SystemOptions
from charrobust.systems.onnx import OnnxModel, load_onnx
from charrobust.systems.predictor import SETTINGS, Predictor
from charrobust.tasks.registry import task_class

FILE = "model.onnx"
TOLERANCE = 1e-4
_RECORDED = (3, 9)  # texts and tokens of the batch that is recorded
# Others: one text, one token between two special ones, no padding; a program right at these has fixed nothing.
_COMPARED = ((3, 9), (1, 3), (2, 16), (5, 31))
_FREE = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}


@dataclass(frozen=True)
class Exported:
    """What an export yields.

    Attributes:
        file: The ONNX file.
        difference: How far its outputs are at most from those of the model, over batches of several shapes.
    """

    file: Path
    difference: float


class _Called(nn.Module):
    """A model called with tensors in order, that returns those of its outputs which its task reads."""

    def __init__(self, model: nn.Module, outputs: tuple[str, ...]) -> None:
        super().__init__()
        self.model, self.outputs = model, outputs

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Any:
        """Return the outputs."""
        given = {"input_ids": input_ids, "attention_mask": attention_mask}
        if token_type_ids is not None:
            given["token_type_ids"] = token_type_ids
        found = self.model(**given, return_dict=True)
        return tuple(found[name] for name in self.outputs)


def export_onnx(name: str, output: str | Path, *, task: str | None = None, trust_remote_code: bool = False) -> Exported:
    """Write a model as ONNX, free in the number and length of texts, with its tokenizer and configuration.

    Args:
        name: What ``charrobust finetune`` wrote, or any model that :func:`.load_predictor` takes.
        output: Directory to write; ``--model`` of the command line takes it.
        task: Name of a task, for an encoder that has no head and is to be asked for it.
        trust_remote_code: Whether code that lies with the model is run.

    Returns:
        The file, and how close it comes.

    Raises:
        UserError: There is something at ``output``, the model cannot be loaded or recorded, packages are missing, or
            the file computes something else than the model does.
    """
    output = Path(output)
    if output.exists():
        raise UserError(f"the output {output} exists; give another name or remove it first")
    with needed_for("exporting to ONNX"):
        import_module("onnxscript")
        import_module("onnxruntime")
    asked = None if task is None else task_class(task)
    predictor = load_predictor(name, device="cpu", asked=asked, trust_remote_code=trust_remote_code)
    # Under another name until it is known to be right.
    with replacing(output) as temporary:
        temporary.mkdir(parents=True, exist_ok=True)
        _write_beside(predictor, place_of(name), temporary)
        _record(predictor, name, temporary / FILE)
        options = SystemOptions(task=asked, device="cpu", trust_remote_code=trust_remote_code)
        difference = _difference(predictor, load_onnx(str(temporary), options).model)
        if not difference <= TOLERANCE:
            raise UserError(
                f"model {name!r}: exported, its outputs differ by up to {difference:.1e} from those of the model "
                f"(expected {TOLERANCE:.0e} at most), so that nothing was written; use the model "
                "as it is, and report this"
            )
    return Exported(output / FILE, difference)


def _write_beside(predictor: Predictor, place: str | Path, folder: Path) -> None:
    """Write what lies beside a model: how it is asked, and its tokenizer."""
    predictor.model.config.save_pretrained(folder)
    predictor.tokenizer.save_pretrained(folder)
    if (Path(place) / SETTINGS).is_file():
        shutil.copy(Path(place) / SETTINGS, folder / SETTINGS)
    if not predictor.settings.head.needs_head:
        write_sentence_files(read_sentence_files(place), folder)


def _record(predictor: Predictor, name: str, file: Path) -> None:
    """Write the ONNX file.

    Raises:
        UserError: PyTorch cannot record the model.
    """
    model, outputs = predictor.model, predictor.settings.head.outputs
    inputs = _batch(predictor, *_RECORDED)
    with telling(name), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter, on itself
        torch.onnx.export(
            _Called(model, outputs),
            tuple(inputs.values()),
            str(file),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=(_FREE,) * len(inputs),
            dynamo=True,
            verbose=False,
        )


def _batch(predictor: Predictor, texts: int, length: int) -> dict[str, Tensor]:
    """Return a batch of random tokens by the names of inputs, the last of several texts with padding."""
    tokens = len(predictor.tokenizer)
    generator = torch.Generator().manual_seed(texts * length)
    ids = torch.randint(tokens, (texts, length), generator=generator)
    mask = torch.ones_like(ids)
    if texts > 1:
        mask[-1, -length // 4 :] = 0
    inputs = {"input_ids": ids, "attention_mask": mask}
    if has_segments(predictor.model):
        inputs["token_type_ids"] = torch.zeros_like(ids)
    return inputs


def _difference(predictor: Predictor, exported: OnnxModel) -> float:
    """Return how far the outputs of the exported model are from those of the model, at most; NaN is infinitely far."""
    furthest = 0.0
    for shape in _COMPARED:
        inputs = _batch(predictor, *shape)
        with torch.inference_mode():
            expected = predictor.model(**inputs, return_dict=True)
        found = exported(**inputs)
        for name in predictor.settings.head.outputs:
            distance = (getattr(found, name) - expected[name]).abs().max()
            furthest = max(furthest, float(distance.nan_to_num(torch.inf)))
    return furthest
