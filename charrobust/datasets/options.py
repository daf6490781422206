"""How a data set is to be read: what people say of it besides its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from charrobust.errors import UserError, hint
from charrobust.tasks.labels import parse_label_map

PROTECTED = ("entities", "answers")
REFUSE, SKIP = "refuse", "skip"


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """What is said of a data set; all of it may be left out.

    Attributes:
        task: Name of the task; None for that of the card, or what the file tells.
        split: The split, of a card, a hub data set or a saved directory.
        format: Name of the file's format; None for what its name tells.
        delimiter: CSV: what stands between fields; None for what the header tells.
        encoding: Encoding of a text file; None for UTF-8.
        has_header: CSV, TSV: whether the first line names the columns; else they are called 1, 2, 3, ...
        text_column: The text column, or the two of a pair.
        label_column: The label column; of several labels a text, a column for each.
        token_column: The token column, for CoNLL its number.
        tag_column: The tag column, for CoNLL its number.
        id_column: Column of ids that tell examples apart; None lets the text identify itself.
        field: The only fields that are attacked; empty for all of the task.
        protect: What stays as it is: ``entities`` or ``answers``.
        class_names: Names of the classes or tags by number, where the data hold numbers.
        label_map: Pairs of a label and the name that it is to have.
        missing_label: What stands for a missing label; None for the usual signs.
        bad_records: ``refuse`` ends at the first record that is not what the task asks for; ``skip`` leaves such
            records out and lists them.
    """

    task: str | None = None
    split: str | None = None
    format: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    has_header: bool = True
    text_column: tuple[str, ...] = ()
    label_column: tuple[str, ...] = ()
    token_column: str | None = None
    tag_column: str | None = None
    id_column: str | None = None
    field: tuple[str, ...] = ()
    protect: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    label_map: tuple[tuple[str, str], ...] = ()
    missing_label: tuple[str, ...] | None = None
    bad_records: str = REFUSE

    def __post_init__(self) -> None:
        """Check the words that are known.

        Raises:
            UserError: One is not.
        """
        for name in self.protect:
            if name not in PROTECTED:
                raise UserError(f"protect {name!r} is not known; {hint(name, PROTECTED)}")
        if self.bad_records not in (REFUSE, SKIP):
            raise UserError(f"bad_records {self.bad_records!r} is not known; {hint(self.bad_records, (REFUSE, SKIP))}")

    @classmethod
    def of(cls, **values: Any) -> DataOptions:
        """Make options of values as people write them: one text for a list of one, a mapping for the label map.

        Raises:
            UserError: There is no such option.
        """
        known = cls.__dataclass_fields__
        cleaned: dict[str, Any] = {}
        for name, value in values.items():
            if name not in known:
                raise UserError(f"load_data has no option {name!r}; {hint(name, known)}")
            if name == "label_map":
                cleaned[name] = parse_label_map(value or ())
            elif "tuple" in str(known[name].type):
                cleaned[name] = _listed(value, known[name].default)
            else:
                cleaned[name] = value
        return cls(**cleaned)

    @property
    def format_options(self) -> dict[str, Any]:
        """What of the options a format takes, where they are given."""
        given = {"delimiter": self.delimiter, "encoding": self.encoding}
        options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if not self.has_header:
            options["has_header"] = False
        return options

    @property
    def task_fields(self) -> dict[str, Any]:
        """What of the options fields of a task take, where they are given, by the name of the field."""
        fields: dict[str, Any] = {
            "texts": self.text_column,
            "label": self.label_column,
            "tokens": self.token_column,
            "tags": self.tag_column,
            "id_column": self.id_column,
            "attacked": self.field,
            "class_names": self.class_names,
            "label_map": self.label_map,
            "missing_labels": self.missing_label,
        }
        fields |= {f"protect_{name}": True for name in self.protect}
        return {name: value for name, value in fields.items() if value or (name == "missing_labels" and value == ())}


# Which option names a field of a task, for messages.
OPTION_OF_FIELD = {
    "texts": "text_column",
    "label": "label_column",
    "tokens": "token_column",
    "tags": "tag_column",
    "attacked": "field",
    "missing_labels": "missing_label",
    "protect_entities": "protect entities",
    "protect_answers": "protect answers",
}


def _listed(value: Any, default: Any) -> Any:
    """Return one text as a tuple of one, a list as a tuple; nothing as what it is by default."""
    if value is None:
        return default
    return (value,) if isinstance(value, str) else tuple(value)
