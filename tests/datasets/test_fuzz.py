"""Files with mistakes in them, seeded: each is understood or refused, never half, and never otherwise than it says.

``CHARROBUST_MUTANTS`` sets how many there are in all; 325 where it is not set, and 2,600 in make faults.
"""

import contextlib
import os
import zlib
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.load import read_source
from charrobust.datasets.options import DataOptions
from charrobust.datasets.source import open_source
from charrobust.errors import UserError
from charrobust.perturb import Attack
from tests.datasets import simple_readers as simple
from tests.datasets.mutants import REVIEWS, SEEDS, Seed, binary_mutant, mutant

COUNT = int(os.environ.get("CHARROBUST_MUTANTS", "325"))
ATTACK = Attack.load("charbert")


def attacked(path, seed):
    """Attack a file as the command does; return the data set's source and the bytes of the output."""
    output = path.with_name(f"out.{path.name}")
    source = open_source(path, DataOptions.of(**seed.options))
    attack_file(source.format, source.task, ATTACK, output=output, edits=path.with_name("log.jsonl"))
    return source, output.read_bytes()


def check(name, data, source, output):
    """Check that an output has the records of the mutant, with the same labels."""
    delimiter = getattr(source.format, "delimiter", None)
    if name.removesuffix(".gz").endswith(".csv"):
        possible = simple.delimiters_of(simple.text_of(name, data))
        delimiter = source.format.options(source.format)["delimiter"]
        assert possible <= {delimiter}
    before, after = simple.records_of(name, data, delimiter), simple.records_of(name, output, delimiter)
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        assert simple.without_texts(new) == simple.without_texts(old)
        assert list(new) == list(old)
        if source.task.name == "qa":
            assert simple.misplaced_answers(new) == []
    return before


def check_targets(before, source):
    """Check that labels and tags are read as they stand."""
    data = read_source(source, labelled=False)
    if source.task.name == "classification":
        wanted = [simple.label_of(record.get(source.task.label)) for record in before]
    elif source.task.name == "tagging":
        wanted = [simple.tags_of(record, source.task.tags) for record in before]
    else:
        return
    assert [example.target for example in data.examples] == wanted


def try_mutant(folder, seed, name, data):
    """Attack a file and check what comes of it; tell whether it was understood."""
    folder.mkdir()
    path = folder / name
    path.write_bytes(data)
    try:
        source, output = attacked(path, seed)
    except UserError as error:
        refusal = str(error)
    else:
        before = check(name, data, source, output)
        with contextlib.suppress(UserError):  # what cannot be learnt from may be attacked
            check_targets(before, source)
        return True
    assert [file.name for file in folder.iterdir()] == [name]
    assert name in refusal
    return False


@pytest.mark.parametrize("kind", SEEDS)
def test_mutants_are_understood_or_refused(tmp_path, kind):
    seed, random = SEEDS[kind], Random(zlib.crc32(kind.encode()))
    assert try_mutant(tmp_path / "seed", seed, seed.file, seed.content.encode())
    count = COUNT // len(SEEDS)
    understood = 0
    for number in range(count):
        understood += try_mutant(tmp_path / str(number), seed, *mutant(seed, random))
    assert 0 < understood < count


def test_mutants_of_parquet_files(tmp_path):
    seed, random = Seed("in.parquet", "", {"task": "classification"}), Random(3)
    texts, labels = zip(*REVIEWS, strict=True)
    pq.write_table(pa.table({"text": texts, "label": labels}), tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    for number in range(COUNT // len(SEEDS)):
        try_mutant(tmp_path / str(number), seed, "in.parquet", binary_mutant(whole, random))
