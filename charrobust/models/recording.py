"""Whether a call is recorded as a program that later runs on other inputs: ``torch.export``, ONNX, ``torch.jit.trace``.

What is recorded must not depend on the values of a tensor, nor on more of its sizes than the program is to keep free:
a length that Python looked up once would become a constant, and the program would be wrong at other lengths without
a word. The models then take a way of the same result, whose sizes follow from the shapes of the inputs alone.
``torch.compile`` is no such recording: it checks its assumptions at every call.
"""

from __future__ import annotations

import torch

# Added in PyTorch 2.7; before, exporting counted as compiling.
_is_exporting = getattr(torch.compiler, "is_exporting", torch.compiler.is_compiling)


def is_exported() -> bool:
    """Tell whether the call under way is recorded by ``torch.export``, on which ONNX export stands."""
    return bool(_is_exporting())


def is_recorded() -> bool:
    """Tell whether the call under way is recorded, to run later at other sizes and values."""
    tracing = bool(torch.jit.is_tracing())  # type: ignore[attr-defined] # public, but left out of the module's list
    return tracing or is_exported()


def values_are_known() -> bool:
    """Tell whether Python may look at the values of tensors: neither recorded nor compiled."""
    return not is_recorded() and not torch.compiler.is_compiling()
