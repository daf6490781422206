"""Output under its final name: whole, private where its input is, and never through what others put in the way."""

import multiprocessing
import os
import stat

import pytest

from charrobust.errors import UserError
from charrobust.files import beside, claimed, final_path, made, replacing


def names(folder):
    return [path.name for path in folder.iterdir()]


def fail(replaced, text):
    with replaced as temporary:
        temporary.write_text(text)
        raise KeyError


def fail_in(made_folder, *files):
    with made_folder:
        for path in files:
            path.touch()
        raise KeyError


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_appears_at_the_end(tmp_path):
    path = tmp_path / "a.txt"
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
        assert temporary.name == path.name
        assert final_path(temporary) == path
    assert path.read_text() == "new"
    assert names(tmp_path) == ["a.txt"]


def test_an_error_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(KeyError):
        fail(replacing(path), "half")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_of_two_writers_the_last_wins_whole(tmp_path):
    path = tmp_path / "a.txt"
    with replacing(path) as first:
        with replacing(path) as second:
            assert first != second
            first.write_text("first")
            second.write_text("second")
        assert path.read_text() == "second"
    assert path.read_text() == "first"


def test_nobody_else_may_enter_where_a_file_is_written(tmp_path):
    with beside(tmp_path / "a.txt") as temporary:
        assert mode(temporary.parent) == 0o700
        assert not temporary.exists()
    with beside(tmp_path / "a.txt") as other:
        assert other.parent.name != temporary.parent.name


@pytest.mark.parametrize(("given", "expected"), [(0o600, 0o600), (0o640, 0o640), (0o644, 0o644), (0o444, 0o644)])
def test_who_may_not_read_the_input_may_not_read_the_output(tmp_path, given, expected):
    source, path = tmp_path / "in.txt", tmp_path / "out.txt"
    source.touch()
    source.chmod(given)
    with replacing(path, like=source) as temporary:
        temporary.touch()
        temporary.chmod(0o644)
    assert mode(path) == expected


def test_a_folder_is_as_private_as_its_input(tmp_path):
    source = tmp_path / "in.txt"
    source.touch(0o600)
    with replacing(tmp_path / "out", like=source) as temporary:
        temporary.mkdir(0o755)
    assert mode(tmp_path / "out") == 0o700


def test_an_old_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "a.txt"
    path.touch()
    path.chmod(0o640)
    with replacing(path, like=tmp_path / "none") as temporary:
        temporary.touch()
    assert mode(path) == 0o640


def test_of_a_link_the_file_behind_it_is_replaced(tmp_path):
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "b.txt", tmp_path / "a.txt"
    target.write_text("old")
    link.symlink_to(target)
    with replacing(link) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert names(tmp_path / "far") == ["b.txt"]


def test_what_a_killed_run_left_of_the_path_goes(tmp_path):
    left, empty, new = (tmp_path / f".charrobust-part-{name}" for name in ("killed", "empty", "new"))
    for folder in (left, empty, new):
        folder.mkdir()
    (left / "a.txt").touch()
    for folder in (left, empty):  # a run that began this moment may not have locked its folder yet
        os.utime(folder, (0, 0))
    with replacing(tmp_path / "a.txt") as temporary:
        temporary.touch()
        with replacing(tmp_path / "b.txt") as other:
            os.utime(temporary.parent, (0, 0))
            other.touch()
    assert sorted(names(tmp_path)) == [".charrobust-part-new", "a.txt", "b.txt"]


def test_a_folder_that_stays_empty_goes_with_those_above_it(tmp_path):
    with pytest.raises(KeyError):
        fail_in(made(tmp_path / "a" / "b"))
    assert not (tmp_path / "a").exists()
    with pytest.raises(KeyError):
        fail_in(made(tmp_path / "a" / "b"), tmp_path / "a" / "c.txt")
    assert names(tmp_path / "a") == ["c.txt"]


def _hold(folder, taken, done):
    with claimed(folder):
        taken.set()
        done.wait()


def test_a_folder_is_claimed_by_one_process_until_its_end(tmp_path):
    context = multiprocessing.get_context("spawn")
    taken, done = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(tmp_path, taken, done))
    process.start()
    assert taken.wait(60)
    with (
        pytest.raises(UserError, match=r"in use by another run; wait for its end, or give another folder"),
        claimed(tmp_path),
    ):
        pass
    process.kill()  # which gives it no time to tidy up
    process.join()
    with claimed(tmp_path):
        assert not names(tmp_path)
