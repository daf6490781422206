"""``charrobust --version``."""

from __future__ import annotations

from charrobust import __version__
from charrobust.cli.result import Result


def show_version(*, all_of_them: bool) -> Result:
    """Print the version.

    Args:
        all_of_them: Whether the versions of Python and of the packages that results depend on are printed, too.

    Returns:
        The versions by name.
    """
    from charrobust.cli.shared import console

    versions = {"charrobust": __version__}
    if all_of_them:
        from charrobust.environment import package_versions

        # The package that runs is no other than this, whichever is installed.
        versions = package_versions() | versions
    for name, version in versions.items():
        console(asked_for=True).print(f"{name} {version}", markup=False)
    return Result(figures={"versions": versions})
