"""A data set through a search, from file to file: what ``charrobust attack --against`` writes."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from charrobust.attackers.searched import Searched
from charrobust.attackers.versions import Version
from charrobust.datasets import edit_log
from charrobust.datasets.attack_file import check_distinct, describe
from charrobust.datasets.dataset import DataSet
from charrobust.datasets.formats import Format
from charrobust.datasets.options import REFUSE
from charrobust.datasets.source import Source
from charrobust.errors import UserError
from charrobust.files import replacing
from charrobust.systems.system import System


@dataclass(frozen=True)
class SearchFiles:
    """Where what a search finds is written.

    Attributes:
        output: The attacked data set.
        sink: Its format.
        edits: The edit log, ``.parquet`` or ``.jsonl``; None for none.
    """

    output: Path
    sink: Format
    edits: Path | None = None

    def check(self, source: Source) -> None:
        """Refuse what cannot be written, before the search.

        Args:
            source: The data set that is attacked.

        Raises:
            UserError: Two paths are one file, the log has a name of no format, or bad records are to be left out.
        """
        check_distinct(input=source.format.path, output=self.output, log=self.edits)
        if self.edits is not None:
            edit_log.check_name(self.edits)
        if source.bad_records != REFUSE:
            raise UserError(
                "a search writes all records of the input; leave out `bad_records`, and mend or remove bad ones first"
            )


def search_file(source: Source, data: DataSet, system: System, searched: Searched, files: SearchFiles) -> Version:
    """Search a data set for the worst case, and write it in the same shape.

    Args:
        source: The data set.
        data: The same, read.
        system: The system that is attacked.
        searched: The search.
        files: Where to write.

    Returns:
        The version that was written.

    Raises:
        UserError: The files or the system do not fit, or there are more candidates than the search takes.
        RecipeError: The edits that the recipe allows cannot be listed.
    """
    files.check(source)
    if searched.attack_of.recipe.breaks_tokens:
        files.sink.check_followed()
        for batch in data.batches:
            source.task.check_followed(batch)
    found = searched.find(system, data)
    about = describe(source.format, files.sink, source.task, searched.attack_of)
    about |= {"search": searched.search, "most_edits": searched.most_edits, "against": system.name}
    with ExitStack() as stack:
        if files.edits is not None:  # entered first, so that it appears last
            path = stack.enter_context(replacing(files.edits, like=source.format.path))
            log = stack.enter_context(edit_log.LogWriter(path, about))
            log.write(edit_log.renumbered(edit_log.to_arrow(list(found.logs)), 0))
        target = stack.enter_context(replacing(files.output, like=source.format.path))
        writer = stack.enter_context(files.sink.writer(target))
        # A data set that is read whole has a batch for each block.
        for block, batch in zip(source.format.blocks(), found.batches, strict=True):
            writer.write(files.sink.render(block, list(batch.records), source.task.changed))
    return searched.version(system, data, found)
