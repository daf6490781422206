"""What results depend on beside data and settings: the versions of Python and of the packages that compute them."""

from __future__ import annotations

import sys
from importlib.metadata import version

_PACKAGES = ("charrobust", "torch", "transformers", "accelerate", "tokenizers", "numpy")


def package_versions() -> dict[str, str]:
    """Return the version of Python and of each package that runs and results depend on."""
    versions = {"python": sys.version.split()[0]}
    for package in _PACKAGES:
        versions[package] = version(package)
    return versions
