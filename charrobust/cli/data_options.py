"""The options that say how a data set is to be read, the same for every command that reads one."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from charrobust.cli.options import Command, settings_options
from charrobust.cli.panels import DATA
from charrobust.cli.result import Result
from charrobust.datasets.options import DataOptions


def takes_data(command: Command) -> Command:
    """Give a command, in place of its parameter ``reading``, an option for each field of :class:`DataOptions`.

    The command gets the :class:`DataOptions` that they say; messages of the library then name options.
    """

    @functools.wraps(command)
    def with_reading(*, reading: Mapping[str, Any], **values: Any) -> Result | None:
        return command(**values, reading=DataOptions.of(**reading))

    return settings_options(DataOptions, parameter="reading", show_defaults=False, panel=DATA)(with_reading)
