"""Output that cannot be written: one message, and nothing left behind."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from charrobust.errors import UserError
from charrobust.files import is_no_room, replacing


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
    assert os.listdir(tmp_path) == []


def test_a_name_of_250_letters_is_none(tmp_path):
    with replacing(tmp_path / ("a" * 250)) as temporary:
        temporary.touch()
    assert os.listdir(tmp_path) == ["a" * 250]


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
    with (
        pytest.raises(UserError, match=r"cannot write .*a.txt: .*; free some, or write to another disk"),
        replacing(tmp_path / "a.txt") as temporary,
    ):
        temporary.write_text("half")
        raise error
    assert os.listdir(tmp_path) == []


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


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet", ".jsonl.gz"])
def test_an_attack_on_a_disk_without_room(tmp_path, suffix):
    output = tmp_path / f"out{suffix}"
    arguments = [
        "attack",
        "reviews:test",
        "--recipe",
        "charbert",
        "-o",
        str(output),
        "--edits",
        str(tmp_path / "log.parquet"),
    ]
    done = subprocess.run([sys.executable, "-c", FULL, *arguments], capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: cannot write")
    assert done.stderr.count("\n") == 1
    assert os.listdir(tmp_path) == []
