"""``charrobust score`` and folders of ``attack``: mistakes."""

import pytest

from tests.scoring.evaluation.predicted import CASES, predict_file
from tests.tasks.data import read, write

CSV = "".join(f"k{number},story {number},{label}\n" for number, label in enumerate(["good", "bad"] * 3))


@pytest.fixture
def folder(run, tmp_path):
    """A folder of six reviews, attacked, with ids; and predictions for it."""
    path = write(tmp_path / "in.csv", "id,text,label\n" + CSV)
    result = run("attack", path, "--task", "classification", "-r", "swap", "-o", f"{tmp_path}/attacked/")
    assert result.status == 0, result.err
    for stem in ("clean", "attacked"):
        write(tmp_path / f"{stem}.csv", "id,prediction\n" + "".join(f"k{n},good\n" for n in range(6)))
    return tmp_path / "attacked"


def refused(run, folder, *options):
    """Return the message of a call that is refused without output."""
    result = run("score", folder, *options, "-o", folder.parent / "out")
    assert (result.status, result.out) == (2, ""), result.out
    assert "Traceback" not in result.err
    assert not (folder.parent / "out").exists()
    return result.err


ROWS = [f"k{n},good\n" for n in range(6)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,prediction\n" + "".join(ROWS[:5]), "clean.csv: expected a prediction for each example of in.csv, got none for id 'k5'"),
        ("id,prediction\n" + "".join(ROWS[:2]), "got none for id 'k2' and 3 more"),
        ("id,prediction\n" + "".join(ROWS) + "k9,good\n", "clean.csv, line 8: column 'id': 'k9' is none of the 6 ids of in.csv: 'k0', 'k1', 'k2', ..."),
        ("id,prediction\n" + "".join(ROWS) + "k0,good\n", "clean.csv, line 8: column 'id': the id 'k0' stands in line 2 already"),
        ("id,prediction\n,good\n", "clean.csv, line 2: column 'id': expected an id, got nothing"),
        ("id,prediction\n" + "".join(ROWS[:5]) + "k5,\n", "clean.csv, line 7: column 'prediction', id 'k5': expected a prediction, got nothing"),
        ("id,prediction\n" + "".join(ROWS[:5]) + "k5,NaN\n", "clean.csv, line 7: column 'prediction', id 'k5': expected a prediction, got nothing"),
        ("id,pred\n" + "".join(ROWS), "clean.csv, line 2: expected a column 'prediction', got the columns id, pred"),
        ("id,text,label\n" + CSV, "beside a text, 'label' holds what is right"),
        ("prediction\n" + "good\n" * 5, "clean.csv: expected 6 predictions, one for each example of in.csv in order, got 5, the last in line 6"),
        ("id,prediction\n", "clean.csv holds no predictions; expected 6"),
        ("id,prediction\nk0\n", "line 2: expected 2 fields"),
    ],
)  # fmt: skip
def test_rows(run, folder, content, message):
    write(folder.parent / "clean.csv", content)
    err = refused(run, folder, "-p", folder.parent / "clean.csv", "-p", folder.parent / "attacked.csv")
    assert message in err


@pytest.mark.parametrize("value", ["null", "NaN", '" "'])
def test_missing_values_in_json(run, folder, value):
    rows = [f'{{"id": "k{n}", "prediction": "good"}}\n' for n in range(5)]
    given = write(folder.parent / "clean.jsonl", "".join(rows) + f'{{"id": "k5", "prediction": {value}}}\n')
    err = refused(run, folder, "-p", given, "-p", folder.parent / "attacked.csv")
    assert "clean.jsonl, line 6: column 'prediction', id 'k5': expected a prediction, got nothing" in err


def test_files(run, folder):
    clean, given = folder.parent / "clean.csv", folder.parent / "attacked.csv"
    other = write(folder.parent / "atacked.csv", read(given))
    strange = write(folder.parent / "clean.xls", "")
    for options, message in [
        (("-p", clean), "has no predictions for 'attacked'; expected a file for each of 'clean', 'attacked', such as"),
        (("-p", given), "has no predictions for 'clean'"),
        (
            ("-p", clean, "-p", other),
            "atacked.csv: its name is that of no version; expected one of 'clean', 'attacked'",
        ),
        (("-p", clean, "-p", f"drop={given}"), "attacked.csv: there is no version 'drop'; expected one of"),
        (("-p", clean, "-p", f"clean={given}"), "there are two files of predictions for 'clean'"),
        (("-p", "nothing.csv"), "there is no such file or folder; expected FILE, VERSION=FILE or [NAME=]FOLDER"),
        (("-p", strange, "-p", given), "clean.xls: unknown file extension '.xls'"),
        (("-p", folder.parent, "--name", "x"), "--name is that of a system whose files are given one by one"),
        (("-p", folder.parent, "-p", folder.parent), "two systems are called"),
    ]:
        assert message in refused(run, folder, *options), options
    (folder.parent / "empty").mkdir()
    assert "got nothing in" in refused(run, folder, "-p", folder.parent / "empty")
    write(folder.parent / "clean.txt", "good\n" * 6)
    assert "two files hold predictions for 'clean'" in refused(run, folder, "-p", folder.parent)


def test_folders(run, folder):
    given = ("-p", folder.parent / "clean.csv", "-p", folder.parent / "attacked.csv")
    assert "holds no versions.json; write it with: charrobust attack" in refused(run, folder.parent, *given)
    assert "is no existing folder" in refused(run, folder / "x", *given)
    rows = read(folder / "attacked.csv").splitlines(keepends=True)
    write(folder / "attacked.csv", "".join(rows[:-1]))
    assert "does not line up with the clean data" in refused(run, folder, *given)
    (folder / "attacked.csv").unlink()
    assert "attacked.csv is missing, which versions.json names" in refused(run, folder, *given)
    write(folder / "versions.json", "{}")
    assert "expected schema 1 of Manifest, got None" in refused(run, folder, *given)


def test_ids_that_are_not_distinct(run, tmp_path):
    path = write(tmp_path / "in.csv", "id,text,label\na,one two,good\na,three four,bad\nb,five six,bad\n")
    run("attack", path, "--task", "classification", "-r", "swap", "-o", f"{tmp_path}/attacked/")
    for stem in ("clean", "attacked"):
        write(tmp_path / f"{stem}.csv", "id,prediction\nb,bad\na,good\na,bad\n")
    err = refused(run, tmp_path / "attacked", "-p", tmp_path / "clean.csv", "-p", tmp_path / "attacked.csv")
    assert "two of in.csv have the id 'a'; leave out the column" in err


@pytest.mark.parametrize(
    ("name", "answer", "message"),
    [
        ("tags", '["O"]', "expected 5 tags, one a token, got 1: ['O']"),
        ("spans", "Annika", "expected a list of (start, end, type), got 'Annika'"),
        ("numbers", "warm", "expected a finite number, got 'warm'"),
    ],
)
def test_predictions_of_another_shape(run, tmp_path, name, answer, message):
    case = CASES[name]
    path = write(tmp_path / case.file, case.content)
    run("attack", path, "--task", case.task, "-r", "swap", "-o", f"{tmp_path}/attacked/")
    given = predict_file(case, tmp_path / "attacked" / f"attacked{path.suffix}", tmp_path / "attacked.csv")
    lines = read(predict_file(case, tmp_path / "attacked" / f"clean{path.suffix}", tmp_path / "clean.txt"))
    write(tmp_path / "clean.txt", "\n".join([answer, *lines.splitlines()[1:]]) + "\n")
    err = refused(run, tmp_path / "attacked", "-p", tmp_path / "clean.txt", "-p", given)
    assert "clean.txt, line 1: column 'prediction', id '0': " in err
    assert message in err


def test_folders_of_attack(run, tmp_path):
    path = write(tmp_path / "in.csv", "id,text,label\n" + CSV)
    attack = ("attack", path, "--task", "classification", "-r", "swap")
    (tmp_path / "old").mkdir()
    write(tmp_path / "old" / "clean.csv", "mine")
    for options, message in [
        (("-o", f"{tmp_path}/new/", "--edits", tmp_path / "log.jsonl"), "leave out --edits: the folder"),
        (("-o", tmp_path / "old"), "clean.csv: there is one that no attack wrote; give another folder"),
        (("-o", tmp_path), "it holds the input"),
        (("-o", f"{path}/"), "it holds the input"),
        (("-o", tmp_path / "new.csv", "--seeds", "2"), "with several recipes or --seeds --output must be a folder"),
        (("-o", f"{tmp_path}/new/", "-r", "swap"), "two of the recipes are the same"),
        (("-o", f"{tmp_path}/deep/new/", "--label-column", "lable"), "did you mean 'label'"),
    ]:
        result = run(*attack, *options)
        assert (result.status, message in result.err) == (2, True), (options, result.err)
        assert {entry.name for entry in tmp_path.iterdir()} == {"in.csv", "old"}
    assert read(tmp_path / "old" / "clean.csv") == "mine"


def test_a_bad_record_leaves_nothing(run, tmp_path):
    path = write(tmp_path / "in.jsonl", '{"text": "one", "label": "a"}\n' * 3 + '{"text": 5, "label": "a"}\n')
    attack = ("attack", path, "--task", "classification", "-r", "swap", "-o", f"{tmp_path}/deep/new/")
    result = run(*attack)
    assert (result.status, "line 4" in result.err) == (2, True)
    assert {entry.name for entry in tmp_path.iterdir()} == {"in.jsonl"}
    result = run(*attack, "--bad-records", "skip")
    assert result.status == 0, result.err
    assert read(tmp_path / "deep" / "new" / "clean.jsonl").count("\n") == 3


def test_a_folder_of_attacked_files_is_no_data_set(run, folder, tmp_path):
    result = run("evaluate", "-m", "python:json:loads", "--data", folder, "-o", tmp_path / "out")
    assert (result.status, "give its clean file as --data and attacked ones as --attack" in result.err) == (2, True)
    assert not (tmp_path / "out").exists()
