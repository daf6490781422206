"""What is printed: the only way to the terminal, which no text of a data set or of a file's name can give orders to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from charrobust.visible import visible


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
