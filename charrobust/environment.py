"""What results depend on beside data and settings: the versions of Python and of the packages that compute them."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

from charrobust import __version__

_PACKAGES = ("torch", "transformers", "accelerate", "tokenizers", "numpy")


def package_versions() -> dict[str, str]:
    """Return the version of Python and of each package that runs and results depend on, of those that are installed."""
    versions = {"python": sys.version.split()[0], "charrobust": __version__}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            versions[package] = version(package)
    return versions
