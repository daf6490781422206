"""Output that cannot be written: one message, and nothing left behind."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from charrobust.errors import UserError
from charrobust.files import is_no_room, replacing


def names(folder):
    return [path.name for path in folder.iterdir()]


def fail(path, error):
    with replacing(path) as temporary:
        temporary.write_text("half")
        raise error


def refuse(path, message):
    with pytest.raises(UserError, match=message), replacing(path):
        pass


def test_a_folder_that_does_not_exist(tmp_path):
    refuse(
        tmp_path / "none" / "a.txt",
        "cannot write .*a.txt: No such file or directory; give a path in an existing folder",
    )


def test_an_existing_folder(tmp_path):
    refuse(tmp_path, "it is an existing folder; give another name or remove it first")


def test_a_name_that_is_too_long(tmp_path):
    refuse(tmp_path / ("a" * 252 + ".txt"), "File name too long; give another name")
    assert names(tmp_path) == []


def test_a_name_of_250_letters_is_none(tmp_path):
    with replacing(tmp_path / ("a" * 250)) as temporary:
        temporary.touch()
    assert names(tmp_path) == ["a" * 250]


def test_a_link_to_nothing(tmp_path):
    (tmp_path / "a.txt").symlink_to(tmp_path / "none")
    refuse(tmp_path / "a.txt", "it is a link to nothing; remove it or give another name")


def test_no_regular_file():
    refuse(Path(os.devnull), "it is no regular file; give another name")


@pytest.mark.parametrize("error", [
    OSError(errno.ENOSPC, "No space left on device"),
    OSError("[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left on device"),
    RuntimeError("I/O error: No space left on device (os error 28)"),
    OSError(errno.EFBIG, "File too large"),
], ids=["python", "arrow", "safetensors", "limit"])  # fmt: skip
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, error):
    message = "cannot write .*a.txt: .*; free some, or write to another disk"
    with pytest.raises(UserError, match=message):
        fail(tmp_path / "a.txt", error)
    assert names(tmp_path) == []


def test_other_errors_are_no_full_disk():
    assert not is_no_room(OSError(errno.EACCES, "Permission denied"))
    assert not is_no_room(UserError("a text that says: no space left on device"))


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
sys.argv[0] = "charrobust"
from charrobust.cli import main
main()
"""


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl.gz"])
def test_an_attack_on_a_disk_without_room(tmp_path, suffix):
    source, output = tmp_path / f"in{suffix}", tmp_path / "out"
    rows = pd.DataFrame({"text": ["wonderful weather everywhere"] * 3000, "label": 1})
    if suffix == ".csv":
        rows.to_csv(source, index=False)
    elif suffix == ".parquet":
        rows.to_parquet(source, compression=None, use_dictionary=False)
    else:
        rows.to_json(source, orient="records", lines=True)
    output.mkdir()
    to = ["-o", output / f"a{suffix}", "--edits", output / "log.parquet"]
    arguments = ["attack", source, "--task", "classification", "--recipe", "charbert", *to]
    done = subprocess.run([sys.executable, "-c", FULL, *arguments], capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"error: cannot write {output}")
    assert done.stderr.count("\n") == 1
    assert names(output) == []
