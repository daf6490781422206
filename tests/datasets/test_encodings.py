"""Text that is not UTF-8: read and written as it is where its encoding is named, else told the right conversion."""

import gzip
import json

import pytest

from charrobust.datasets.formats import format_of
from charrobust.errors import DataError, UserError
from tests.datasets.reading import attacked, records_of
from tests.tasks.data import SQUAD

QUOTED = "He said “wonderful” truly"
FILES = {
    "in.csv": f"text,label\n{QUOTED},1\nIt is naïve,0\n",
    "in.tsv": f"text\tlabel\r\n{QUOTED}\t1\r\n",
    "in.jsonl": json.dumps({"text": QUOTED, "label": 1}, ensure_ascii=False) + "\n",
    "in.json": json.dumps([{"text": QUOTED, "label": 1}], ensure_ascii=False),
    "in.conll": "“ O\nwonderful O\n” O\nnaïve B-X\n",
    "squad.json": json.dumps(SQUAD, ensure_ascii=False).replace("shallow", "“shallow”"),
}
TASKS = {"in.conll": "tagging", "squad.json": "qa"}


def written(path, data, **options):
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return format_of(path, **options)


@pytest.mark.parametrize("compressed", ["", ".gz"])
@pytest.mark.parametrize(
    "encoding", ["windows-1252", "cp1252", "utf-16", "utf-16-be", "utf-32", "utf-8-sig", "gb18030"]
)
@pytest.mark.parametrize("name", FILES)
def test_the_encoding_is_kept(tmp_path, name, encoding, compressed):
    content, task = FILES[name], TASKS.get(name, "classification")
    recipe = "charbert"
    wanted = attacked(written(tmp_path / name, content.encode()), tmp_path, task, recipe).decode()
    source = written(tmp_path / (name + compressed), content.encode(encoding), encoding=encoding)
    made = attacked(source, tmp_path, task, recipe)
    made = gzip.decompress(made) if compressed else made
    assert made == wanted.encode(encoding)
    assert wanted != content


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_the_order_of_bytes_is_kept(tmp_path, mark):
    codec = "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be"
    for encoding in ("utf-16", codec):
        source = written(tmp_path / "in.csv", mark + FILES["in.csv"].encode(codec), encoding=encoding)
        made = attacked(source, tmp_path)
        assert made.startswith(mark)
        assert not made[2:].startswith(mark)
        assert made[2:].decode(codec).startswith("text,label\n")


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        (QUOTED, "windows-1252", "windows-1252"),
        ("It is naïve", "latin-1", "latin1"),
        ("10 €", "windows-1252", "windows-1252"),
        (QUOTED, "utf-16", "utf-16"),
        (QUOTED, "utf-16-le", "utf-16-le"),
        (QUOTED, "utf-16-be", "utf-16-be"),
        ("plain text", "utf-16-le", "utf-16-le"),
        ("Замечательная история", "utf-16-le", "utf-16-le"),
        (QUOTED, "utf-32", "utf-32"),
        ("plain text", "utf-32-be", "utf-32-be"),
    ],
)
@pytest.mark.parametrize("name", ["in.csv", "in.tsv", "in.jsonl", "in.json", "in.conll"])
def test_the_right_conversion_is_told(tmp_path, name, text, encoding, told):
    content = FILES[name].replace(QUOTED, text).replace("naïve", text.split()[-1])
    if "“" not in text:
        content = content.replace("“", text[0]).replace("”", text[0])
    source = written(tmp_path / name, content.encode(encoding))
    with pytest.raises(DataError) as caught:
        records_of(source)
    assert f"iconv -f {told} -t utf-8" in str(caught.value)
    assert f"set `encoding` to {told}" in str(caught.value)
    assert records_of(written(tmp_path / name, content.encode(encoding), encoding=told))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Замечательная история", "windows-1251"), ("Замечательная история", "koi8-r"), ("素晴らしい音楽", "shift_jis"), ("素晴らしい音楽", "gb18030"), ("\x81\x8d", "latin-1")],
)  # fmt: skip
def test_no_wrong_conversion_is_told(tmp_path, text, encoding):
    source = written(tmp_path / "in.csv", f"text,label\n{text},1\n".encode(encoding))
    with pytest.raises(DataError, match=r"from the encoding that it has, or set `encoding` .for example"):
        records_of(source)


def test_a_broken_character_in_utf8_is_to_be_mended(tmp_path):
    data = "text,label\nnaïve “music”,1\nnaïve,0\n".encode().replace("naïve,0".encode(), b"na\xefve,0")
    with pytest.raises(DataError, match=r"line 3: not UTF-8: .* the rest of the file is UTF-8: mend this line"):
        records_of(written(tmp_path / "in.csv", data))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress(b"text,label\na,1\n", mtime=0), r"compressed with gzip: end its name with \.gz"),
        (b"PAR1\xff\xff", r"it is a Parquet file: end its name with \.parquet"),
        (b"PK\x03\x04\xff\xff", "it is a zip archive"),
        (b"text,label\nwonder\0ful,1\n", r"in\.csv, line 2: binary \(a NUL byte\): expected text"),
        (b"text,label\nwonderful \0films,1\n", r"in\.csv, line 2: binary \(a NUL byte\): expected text"),
        ("text,label\nna\xefve \0films,1\n".encode(), r"in\.csv, line 2: binary \(a NUL byte\): expected text"),
    ],
)
def test_other_files_are_called_what_they_are(tmp_path, data, message):
    with pytest.raises(DataError, match=message):
        records_of(written(tmp_path / "in.csv", data))


def test_a_wrong_encoding_is_refused(tmp_path):
    data = FILES["in.csv"].encode("windows-1252")
    with pytest.raises(
        DataError, match=r"line 2: byte 0x93 is a control character in latin-1; set `encoding` to .*windows-1252"
    ):
        records_of(written(tmp_path / "in.csv", data, encoding="latin-1"))
    with pytest.raises(DataError, match=r"line 2: not ascii: byte 0x93"):
        records_of(written(tmp_path / "in.csv", data, encoding="ascii"))
    with pytest.raises(DataError, match=r"no byte order mark, which utf-16 needs; set `encoding` to utf-16-le or"):
        records_of(written(tmp_path / "in.csv", data, encoding="utf-16"))
    with pytest.raises(DataError, match=r"line \d: not utf-16-le"):
        records_of(written(tmp_path / "in.csv", data + b"\xd8\xd8", encoding="utf-16-le"))
    for name in ("latin-17", "rot13", "hex"):
        with pytest.raises(UserError, match="encoding"):
            format_of(tmp_path / "in.csv", encoding=name)


def test_characters_that_an_encoding_lacks_are_refused(tmp_path):
    source = written(
        tmp_path / "in.csv", "text,label\nwonderful weather in december,1\n".encode("ascii"), encoding="ascii"
    )
    (tmp_path / "mine.toml").write_text(
        'summary = "s"\nsource = "s"\nseed = 1\n[[operators]]\nname = "add"\nletters = "ё"\n', encoding="utf-8"
    )
    with pytest.raises(
        DataError, match=r"cannot write .*out\.in\.csv: .* holds 'ё', which the encoding ascii does not"
    ):
        attacked(source, tmp_path, recipe=str(tmp_path / "mine.toml"))
    assert not (tmp_path / "out.in.csv").exists()
