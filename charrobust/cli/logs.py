"""Where the library's own messages go: to standard error, more of them and with times where that is asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from charrobust.cli.manner import manner
from charrobust.packages import is_installed
from charrobust.visible import visible

_SHORT = "%(levelname)s: %(message)s"
_LONG = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _VisibleFormatter(logging.Formatter):
    """Writes control characters, which names of files may hold, as escapes; the lines of a traceback stay lines."""

    def format(self, record: logging.LogRecord) -> str:
        """See the base class."""
        return "\n".join(map(visible, super().format(record).split("\n")))


@contextmanager
def shown_logs(*, verbose: bool) -> Iterator[None]:
    """Show what the library logs on standard error, while the context lasts.

    Args:
        verbose: Whether all of it is shown, with times; else warnings alone.
    """
    logger = logging.getLogger("charrobust")
    before = logger.level
    handler = logging.StreamHandler()
    handler.setFormatter(_VisibleFormatter(_LONG if verbose else _SHORT))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG if verbose else logging.WARNING)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def log_versions() -> None:
    """Log the versions that results depend on."""
    from charrobust.environment import package_versions

    versions = ", ".join(f"{name} {version}" for name, version in package_versions().items())
    logging.getLogger(__name__).info("versions: %s", versions)


def hush_transformers() -> None:
    """Let the transformers library show no bars, and warnings only where more than usual is to be said.

    Without torch it does nothing that it could tell of, and may not be there.
    """
    if not (is_installed("torch") and is_installed("transformers")):
        return
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if manner().verbose:
        transformers_logging.set_verbosity_warning()  # type: ignore[no-untyped-call]
    else:
        transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
