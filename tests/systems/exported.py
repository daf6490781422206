"""Tiny models of the transformers library, and the same as ONNX files."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import torch

from charrobust.systems.models import load_predictor
from tests.systems.tiny import save_model

FREE = {0: "batch", 1: "length"}
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class Called(torch.nn.Module):
    """A model called with tensors in order, that returns those of its outputs which are read."""

    def __init__(self, model: Any, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
        super().__init__()
        self.model, self.inputs, self.outputs = model, inputs, outputs

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        found = self.model(**dict(zip(self.inputs, tensors, strict=True)))
        return tuple(getattr(found, name) for name in self.outputs)


def export(
    folder: Path,
    file: Path,
    *,
    inputs: tuple[str, ...] = INPUTS,
    names: tuple[str, ...] | None = None,
    free: bool = True,
    asked: Any = None,
) -> Path:
    """Write the model of a directory as ONNX, with its tokenizer and configuration."""
    predictor = load_predictor(folder, asked=asked)
    outputs = predictor.settings.head.outputs
    given = tuple(torch.ones(2, 7, dtype=torch.int64) for _ in inputs)
    called = names or inputs
    file.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this exporter is the older one: it takes a second, the newer one twenty
        torch.onnx.export(
            Called(predictor.model, inputs, outputs),
            given,
            str(file),
            input_names=called,
            output_names=outputs,
            dynamic_axes=dict.fromkeys(called, FREE) if free else None,
            dynamo=False,
        )
    for path in folder.iterdir():
        if path.suffix != ".safetensors":
            shutil.copy(path, file.parent)
    return file


def both(folder: Path, family: str, task: str, **more: Any) -> tuple[Path, Path]:
    """Write a random model, and the same as ONNX; return the directory and the file."""
    directory = save_model(folder / "torch", family, task, **more)
    inputs = INPUTS if family == "bert" else INPUTS[:2]
    return directory, export(directory, folder / "exported" / "model.onnx", inputs=inputs)
