"""What whole numbers of 8 bits cost and save: a fine-tuned model by PyTorch and ONNX Runtime, on one thread.

charrobust export MODEL --output EXPORTED
python benchmarks/int8.py MODEL EXPORTED --data FILE --task TASK [--limit 200]
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.datasets.load import load_data
from charrobust.systems.models import load_predictor

BATCH, LONGEST = 32, 128
Logits = Callable[[Mapping[str, torch.Tensor]], Any]


def of_torch(model: Any) -> Logits:
    """Return what asks a model of PyTorch."""

    def ask(batch: Mapping[str, torch.Tensor]) -> Any:
        with torch.inference_mode():
            return model(**batch).logits.numpy()

    return ask


def of_onnx(file: Path) -> Logits:
    """Return what asks an ONNX file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options)
    names = [each.name for each in session.get_inputs()]
    return lambda batch: session.run(None, {name: batch[name].numpy() for name in names})[0]


def main() -> None:
    """Ask all four about clean and attacked texts, and print accuracy and speed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("exported", type=Path)
    parser.add_argument("--data", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--limit", type=int, default=200)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    plain, small = (load_predictor(chosen.model, device="cpu") for _ in range(2))
    file, small_file = chosen.exported / "model.onnx", chosen.exported / "model-int8.onnx"
    quantize_dynamic(file, small_file, weight_type=QuantType.QInt8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the function will move to another package
        quantised = torch.ao.quantization.quantize_dynamic(small.model, {torch.nn.Linear}, dtype=torch.qint8)
    ways = {
        "PyTorch": of_torch(plain.model),
        "PyTorch, int8": of_torch(quantised),
        "ONNX Runtime": of_onnx(file),
        "ONNX Runtime, int8": of_onnx(small_file),
    }
    data = load_data(chosen.data, limit=chosen.limit, task=chosen.task)
    for version in make_versions(data, plan_attackers(["charbert"])):
        # Of like length, so that batches hold little padding.
        examples = sorted(version.examples, key=lambda example: len(example.texts[0]))
        for name, ask in ways.items():
            started, right = time.process_time(), 0
            for first in range(0, len(examples), BATCH):
                some = examples[first : first + BATCH]
                texts = [example.texts[0] for example in some]
                batch = plain.tokenizer(texts, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
                told = np.argmax(ask(batch), axis=1)
                right += sum(plain.labels[number] == example.target for number, example in zip(told, some, strict=True))
            rate = len(examples) / (time.process_time() - started)
            print(
                f"| {version.name} | {name} | {right / len(examples):.3f} | {rate:.1f} texts a CPU second |", flush=True
            )


if __name__ == "__main__":
    main()
