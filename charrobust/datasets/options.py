"""How a data set is to be read: what people say of it besides its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from charrobust.errors import UserError, hint
from charrobust.settings import Checked, setting
from charrobust.tasks.labels import LABEL_FORMS, parse_label_map

PROTECTED = ("entities", "answers")
REFUSE, SKIP = "refuse", "skip"
# What says how a file is read.
READING = ("format", "delimiter", "encoding", "no_header", "comments", "max_record_bytes")


@dataclass(frozen=True, kw_only=True)
class DataOptions(Checked):
    """What is said of a data set; all of it may be left out."""

    task: str | None = setting(None, options=("--task",))
    """Name of the task; else the format or the columns tell it."""
    split: str | None = setting(None, options=("--split",))
    """The split of a card, a hub data set, a saved directory or a BEIR folder."""
    format: str | None = setting(None, options=("--format",))
    """Format of the file, such as jsonl, csv, conll; else its name tells."""
    delimiter: str | None = setting(None, options=("--delimiter",))
    """CSV: what stands between fields; else the header tells."""
    encoding: str | None = setting(None, options=("--encoding",))
    """Encoding of a text file; else UTF-8."""
    no_header: bool = setting(False, options=("--no-header",))
    """CSV, TSV: no header; columns are 1, 2, ..."""
    comments: bool | None = setting(None, options=("--comments/--no-comments",))
    """CoNLL: whether a line that begins with # is a comment; else its columns tell."""
    text_column: tuple[str, ...] = setting((), options=("--text-column",))
    """The text column; twice for a pair."""
    label_column: tuple[str, ...] = setting((), options=("--label-column",))
    """The label column; of several labels a text, repeatable: a column of 0 and 1 each."""
    label_separator: str | None = setting(None, options=("--label-separator",))
    """Several labels a text: what stands between labels that are written as one text, such as |."""
    label_form: str | None = setting(None, choices=LABEL_FORMS, options=("--label-form",))
    """Several labels a text: what its lists hold: names, numbers, or multi-hot (0 or 1 for each label)."""
    token_column: str | None = setting(None, options=("--token-column",))
    """Tagging: the token column (a number for CoNLL)."""
    tag_column: str | None = setting(None, options=("--tag-column",))
    """Tagging: the tag column (a number for CoNLL)."""
    id_column: str | None = setting(None, options=("--id-column",))
    """Column of ids that tell examples apart; else the text itself does."""
    language_column: str | None = setting(None, options=("--language-column",))
    """Column of the language of each record, as de or fr, in which it is attacked."""
    field: tuple[str, ...] = setting((), options=("--field",))
    """Attack this field only: one side of a pair; question or context of qa (default question); query or corpus of
    retrieval (default query); entities of spans."""
    protect: tuple[str, ...] = setting((), options=("--protect",))
    """What stays as it is: entities or answers."""
    carry_tags: bool = setting(False, options=("--carry-tags",))
    """Tagging: let tags follow tokens that are split, joined, dropped, doubled or exchanged (B-X to B-X I-X)."""
    plain_columns: tuple[str, ...] = setting((), options=("--plain-column",))
    """Column (or key inside of one) that only looks as if it held offsets into the text; repeatable."""
    class_names: tuple[str, ...] = setting((), options=("--class-name",))
    """Name of a class or tag, in the order of the numbers that the data hold; repeatable."""
    label_map: tuple[tuple[str, str], ...] = setting((), options=("--label-map",))
    """LABEL=NAME: another name for a label; repeatable."""
    missing_label: tuple[str, ...] | None = setting(None, options=("--missing-label",))
    """What stands for a missing label; else nothing, -, -1, -100, nan, none and null do; repeatable."""
    max_record_bytes: int | None = setting(None, options=("--max-record-bytes",))
    """The most bytes of one record (a line, row, sentence, article); else 16 MiB, as a small file may unpack to an
    endless one."""
    bad_records: str = setting(REFUSE, choices=(REFUSE, SKIP), options=("--bad-records",))
    """Bad records: refuse ends at the first, skip leaves them out and lists them."""

    def __post_init__(self) -> None:
        """Check all values.

        Raises:
            UserError: One is of a wrong type or not known.
        """
        super().__post_init__()
        for name in self.protect:
            if name not in PROTECTED:
                raise UserError(f"`protect` {name!r} is not known; {hint(name, PROTECTED)}")
        if self.max_record_bytes is not None and self.max_record_bytes < 1:
            raise UserError(f"`max_record_bytes` must be 1 or more, got {self.max_record_bytes}")

    @classmethod
    def of(cls, **values: Any) -> DataOptions:
        """Make options of values as people write them: one text for a list of one, a mapping for the label map.

        Args:
            values: Options by name.

        Returns:
            The options.

        Raises:
            UserError: There is no such option, or a value is not known.
        """
        defaults = {declared.name: declared.default for declared in fields(cls)}
        cleaned: dict[str, Any] = {}
        for name, value in values.items():
            if name not in defaults:
                raise UserError(f"load_data has no option {name!r}; {hint(name, defaults)}")
            if value is None:
                cleaned[name] = defaults[name]
            elif name == "label_map":
                cleaned[name] = parse_label_map(value)
            else:
                cleaned[name] = _listed(value) if name in _LISTS else value
        return cls(**cleaned)

    def check_not_given(self, names: Iterable[str], reason: str) -> None:
        """Refuse options that say nothing of a data set.

        Args:
            names: The names of the options.
            reason: Why they say nothing.

        Raises:
            UserError: One of them is given.
        """
        defaults = {declared.name: declared.default for declared in fields(self)}
        given = [name for name in names if getattr(self, name) != defaults[name]]
        if given:
            raise UserError(f"{reason}; leave out {', '.join(f'`{name}`' for name in given)}")

    @property
    def columns(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The columns of texts or tokens that were named, and those of labels or tags."""
        texts = self.text_column or tuple(filter(None, [self.token_column]))
        return texts, self.label_column or tuple(filter(None, [self.tag_column]))

    @property
    def format_options(self) -> dict[str, Any]:
        """What of the options a format takes, where they are given."""
        given = {
            "delimiter": self.delimiter,
            "encoding": self.encoding,
            "max_record_bytes": self.max_record_bytes,
            "comments": self.comments,
        }
        options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if self.no_header:
            options["has_header"] = False
        return options

    @property
    def task_fields(self) -> dict[str, Any]:
        """What of the options fields of a task take, where they are given, by the name of the field."""
        values: dict[str, Any] = {
            "texts": self.text_column,
            "label": self.label_column,
            "tokens": self.token_column,
            "tags": self.tag_column,
            "id_column": self.id_column,
            "language_column": self.language_column,
            "attacked": self.field,
            "plain_columns": self.plain_columns,
            "class_names": self.class_names,
            "label_map": self.label_map,
            "label_separator": self.label_separator,
            "label_form": self.label_form,
            "carry_tags": self.carry_tags,
        }
        values |= {f"protect_{name}": True for name in self.protect}
        given = {name: value for name, value in values.items() if value}
        # Here an empty list says something: that no value stands for a missing label.
        if self.missing_label is not None:
            given["missing_labels"] = self.missing_label
        return given


# Options that take several values, of which a single one may be given as it is.
_LISTS = {"text_column", "label_column", "field", "protect", "plain_columns", "class_names", "missing_label"}

# Which option names a field of a task, for messages.
OPTION_OF_FIELD = {
    "texts": "`text_column`",
    "label": "`label_column`",
    "tokens": "`token_column`",
    "tags": "`tag_column`",
    "id_column": "`id_column`",
    "language_column": "`language_column`",
    "attacked": "`field`",
    "plain_columns": "`plain_columns`",
    "class_names": "`class_names`",
    "label_map": "`label_map`",
    "missing_labels": "`missing_label`",
    "label_separator": "`label_separator`",
    "label_form": "`label_form`",
    "carry_tags": "`carry_tags`",
    "protect_entities": "`protect` entities",
    "protect_answers": "`protect` answers",
}


def _listed(value: Any) -> tuple[Any, ...]:
    """Return one text as a tuple of one, a list as a tuple."""
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,)
