"""What is printed: the only way to the terminal, which no text of a data set or of a file's name can give orders to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text
from typer.core import TyperGroup

from charrobust.visible import visible

_LONGEST_ERROR = 4000  # characters; a message may quote a value of any length


class Terminal(Console):
    """Prints texts as they stand: control characters as escapes, ``:smile:`` as such."""

    def __init__(
        self, *, stderr: bool = False, quiet: bool = False, width: int | None = None, soft_wrap: bool = False
    ) -> None:
        super().__init__(stderr=stderr, quiet=quiet, width=width, soft_wrap=soft_wrap, highlight=False, emoji=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """See the base class."""
        # Here, before lines are broken and columns are given their widths, which escapes add to.
        return super().render_str(visible(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """See the base class."""
        # What comes here by another way, as the texts of progress bars do. Its own orders are segments of control.
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield segment._replace(text=visible(segment.text))


class Commands(TyperGroup):
    """The commands, whose errors about options and arguments quote what was written as it can be shown."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """See the base class."""
        with _visible_errors():
            return super().make_context(*arguments, **options)

    def invoke(self, context: Any) -> Any:
        """See the base class."""
        with _visible_errors():
            return super().invoke(context)


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
