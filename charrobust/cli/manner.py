"""How a command speaks: to a person, less or more than usual, or to a program."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field

from charrobust.errors import UserError


@dataclass
class Manner:
    """How the command that runs speaks.

    Attributes:
        quiet: Whether it says nothing but warnings and errors.
        verbose: Whether it says what is loaded, from where, and in which versions.
        as_json: Whether standard output ends with the result, for a program; tables then go to standard error.
        command: Name of the command.
        notes: What was said of data and results.
        closing: What ends with the command.
    """

    quiet: bool = False
    verbose: bool = False
    as_json: bool = False
    command: str = ""
    notes: list[str] = field(default_factory=list)
    closing: ExitStack = field(default_factory=ExitStack)

    def add(self, *, quiet: bool, verbose: bool, as_json: bool) -> None:
        """Take the options that stand before a command, or behind it; what one place asks for holds for both.

        Args:
            quiet: See there.
            verbose: See there.
            as_json: See there.

        Raises:
            UserError: It is to say less and more.
        """
        self.quiet |= quiet
        self.verbose |= verbose
        self.as_json |= as_json
        if self.quiet and self.verbose:
            raise UserError("--quiet and --verbose exclude each other; leave one out")


_manners = [Manner()]  # of a process there is one command line, and the newest call of `main` has it


def begin(command: str = "") -> None:
    """Begin anew, as a person is spoken to.

    Args:
        command: Name of the command; empty where there is none.
    """
    manner().closing.close()
    _manners[:] = [Manner(command=command)]


def manner() -> Manner:
    """Return how the command that runs speaks."""
    return _manners[0]
