"""What is said of mistakes: of those in the command line itself, and of errors of the user.

Apart from the terminal, as every call of the command line needs this, and a call that completes a word nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer.core import TyperGroup

from charrobust.visible import visible

_LONGEST_ERROR = 4000  # characters; a message may quote a value of any length


class Commands(TyperGroup):
    """The commands; errors about options and arguments quote what was written as it can be shown."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """See the base class."""
        with _visible_errors():
            return super().make_context(*arguments, **options)

    def invoke(self, context: Any) -> Any:
        """See the base class."""
        with _visible_errors():
            return super().invoke(context)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """See the base class: the first sentence of each, whole."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                rows.append((name, " ".join((command.help or "").partition("\n\n")[0].split())))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@contextmanager
def _visible_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # Some versions of typer come with their own copy of click: its errors are known by what they can do.
        if hasattr(error, "format_message") and isinstance(getattr(error, "message", None), str):
            error.message = visible(error.message).replace("\n", "\\n")  # type: ignore[attr-defined]
        raise


def as_error(error: Exception) -> str:
    """Return what is printed of an error.

    Args:
        error: The error.

    Returns:
        Its message, cut in its middle where it is long. Lines behind the first are indented: none of them can be taken
        for a message of its own.
    """
    message = visible(str(error))
    if len(message) > _LONGEST_ERROR:
        # The end says what to do.
        half = _LONGEST_ERROR // 2
        message = f"{message[:half]} [...] {message[-half:]}"
    return "error: " + message.replace("\n", "\n  ")
