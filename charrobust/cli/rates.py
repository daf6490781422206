"""The column of progress bars that says how fast work goes."""

from __future__ import annotations

from rich.progress import ProgressColumn, Task
from rich.text import Text

_DIGITS_BELOW = 10  # a lower rate is shown with a digit behind the point


class RateColumn(ProgressColumn):
    """How many units of a stage are done in a second; empty until that is known."""

    def render(self, task: Task) -> Text:
        """See the base class."""
        speed = task.finished_speed or task.speed
        if speed is None:
            return Text("")
        digits = 1 if speed < _DIGITS_BELOW else 0
        return Text(f"{speed:,.{digits}f}/s", style="progress.data.speed")
