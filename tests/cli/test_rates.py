"""How fast the work of a stage goes, beside its bar."""

import pytest
from rich.progress import Progress

from charrobust.cli.rates import RateColumn


class Clock:
    """A time that is set by hand."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(("done", "shown"), [(3, "1.5/s"), (3000, "1,500/s"), (0, "")])
def test_units_of_a_second(done, shown):
    clock = Clock()
    bars = Progress(get_time=clock, disable=True)
    task = bars.add_task("attacking", total=9000)
    bars.update(task, completed=0)
    clock.now = 2.0
    if done:
        bars.update(task, completed=1)
        clock.now = 4.0
        bars.update(task, completed=1 + done)
    assert RateColumn().render(bars.tasks[0]).plain == shown
