"""Data sets as commands are given them: a name, and the options that name columns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charrobust.errors import UserError, hint

if TYPE_CHECKING:
    from charrobust.datasets.cards import Task
    from charrobust.datasets.formats import Format
    from charrobust.tasks.examples import Example


@dataclass(frozen=True)
class Columns:
    """The options of a command that say what the columns of a data set are.

    Attributes:
        text: Classification: the text column, or the two of a pair.
        label: Classification: the label column.
        token: Tagging: the token column, for CoNLL a number.
        tag: Tagging: the tag column, for CoNLL a number.
        ids: Column of the examples' ids.
        field: The only fields that are attacked.
        protect: What stays as it is: ``entities`` or ``answers``.
        no_header: CSV, TSV: whether columns have numbers in place of names.
    """

    text: list[str] | None = None
    label: str | None = None
    token: str | None = None
    tag: str | None = None
    ids: str | None = None
    field: list[str] | None = None
    protect: list[str] | None = None
    no_header: bool = False

    def open(self, name: str, task: str | None) -> tuple[Format, Task]:
        """Find a data set and its task, with the columns that were named.

        Args:
            name: A file, a card's name or ``hub:NAME:SPLIT``.
            task: Name of the task; None takes the card's, or what the format tells.

        Raises:
            UserError: Nothing of that name, no task to be told, or columns that the task does not know.
        """
        from charrobust.cli.shared import open_input
        from charrobust.datasets.formats import FORMATS, Conll, suffix_of

        kind = FORMATS.get(suffix_of(Path(name)))
        options: dict[str, Any] = {"has_header": False} if self.no_header else {}
        named = tuple(self.text or filter(None, [self.token]))
        if isinstance(kind, type) and issubclass(kind, Conll):
            options |= self._numbers()
            named = ()
        source, found = open_input(name, task, options, named)
        return source, self._chosen(source, found)

    def read(self, name: str, task: str | None, *, limit: int | None = None) -> tuple[list[Example], Task]:
        """Read the examples of a data set.

        Args:
            name: As for :meth:`open`.
            task: As for :meth:`open`.
            limit: Read no more than this many.

        Raises:
            UserError: As :meth:`open`, or a record is not what the task asks for.
        """
        from charrobust.datasets.cards import card_names, load_card
        from charrobust.tasks.examples import read_examples

        source, found = self.open(name, task)
        base = name.partition(":")[0]
        is_card = base in card_names() or base.endswith(".toml")
        return read_examples(source, found, limit=limit, labels=load_card(base).labels if is_card else ()), found

    def _numbers(self) -> dict[str, int]:
        """Return the columns of a CoNLL file, which are options of the format."""
        options = {}
        for name, value in (("token_column", self.token), ("tag_column", self.tag)):
            if value is not None:
                try:
                    options[name] = int(value)
                except ValueError as error:
                    option = name.replace("_", "-")
                    raise UserError(f"--{option} of a CoNLL file is a number, from 0; got {value!r}") from error
        return options

    def _chosen(self, source: Format, task: Task) -> Task:
        """Apply the options to the task."""
        from charrobust.cli.shared import with_choices
        from charrobust.datasets.formats import Conll

        numbered = isinstance(source, Conll)
        choices: dict[str, Any] = {
            "texts": tuple(self.text or ()),
            "label": self.label,
            "tokens": None if numbered else self.token,
            "tags": None if numbered else self.tag,
            "id_column": self.ids,
            "attacked": tuple(self.field or ()),
        }
        for what in self.protect or ():
            if what not in ("entities", "answers"):
                raise UserError(f"--protect {what!r} is not known; {hint(what, ('entities', 'answers'))}")
            choices[f"protect_{what}"] = True
        return with_choices(task, choices)
