"""CoNLL files: comments, tokens that begin with #, tabs and blanks."""

import pytest

from charrobust.datasets.formats import base as formats_base
from charrobust.datasets.formats import format_of
from charrobust.errors import DataError
from tests.datasets.reading import attacked, records_of

SENTENCE = [{"tokens": ["Anna", "saw", "Oslo"], "tags": ["B-PER", "O", "B-LOC"]}]
SPACED = "Anna _ _ B-PER\nsaw _ _ O\nOslo _ _ B-LOC\n"
TABBED = "Anna\tB-PER\nsaw\tO\nOslo\tB-LOC\n"
COMMENTS = {
    "MultiCoNER": "# id 0000\tdomain=en\n" + SPACED,
    "columns named first": "# columns: token tag\n" + TABBED.replace("\t", " "),
    "sent_id": "# sent_id = 1\n# text = Anna saw Oslo\n" + TABBED,
    "id without blank": "#id=7\n" + TABBED,
    "a tab behind it": "#\ttext\n" + TABBED,
    "one word": "# text\n" + TABBED.replace("\t", " "),
    "as many words as columns": "# one two three\n" + SPACED,
    "as many words as columns, with a name": "# id 0000 domain=en\n" + SPACED,
    "inside of the sentence": SPACED.replace("saw", "# a remark\nsaw"),
    "a paragraph of its own": "# a remark in many words\n\n" + SPACED,
    "of CoNLL-2012": "#begin document (bc/cctv/00); part 000\n" + SPACED + "\n#end document\n",
    "at the end": SPACED + "# the end of the file\n",
    "several hashes": "## Part one of two\n" + TABBED,
}


def conll(path, content, name="in.conll", **options):
    (path / name).write_bytes(content.encode())
    return format_of(path / name, **options)


@pytest.mark.parametrize("name", ["in.conll", "in.bio", "in.iob"])
@pytest.mark.parametrize("case", COMMENTS)
def test_comments_are_kept_and_are_no_tokens(tmp_path, case, name):
    content = COMMENTS[case] + "\n" + COMMENTS[case]
    source = conll(tmp_path, content, name)
    assert records_of(source) == SENTENCE * 2
    made = attacked(source, tmp_path, "tagging").decode()
    for old, new in zip(content.splitlines(), made.splitlines(), strict=True):
        if old.startswith("#") or not old:
            assert new == old
        assert new[len(new) - 2 :] == old[len(old) - 2 :]
    assert made != content


def test_tokens_that_begin_with_a_hash_are_tokens(tmp_path):
    content = (
        "#throwback\tO\n#\tO\n#1\tB-LOC\n## x\tO\nAnna\tB-PER\nsays\tO\n# 1 fan\tB-LOC\nto\tI-LOC\nit\tO\n#\tB-NEW\n"
    )
    tokens = ["#throwback", "#", "#1", "## x", "Anna", "says", "# 1 fan", "to", "it", "#"]
    # B-LOC stands in no other line, and is written as a tag is
    assert records_of(conll(tmp_path, content))[0]["tokens"] == tokens
    spaced = content.replace("\t", " ").replace("## x", "##").replace("# 1 fan", "#1fan")
    tokens = [token.replace("## x", "##").replace("# 1 fan", "#1fan") for token in tokens]
    assert records_of(conll(tmp_path, spaced))[0]["tokens"] == tokens


def test_a_hash_in_a_treebank(tmp_path):
    content = "# # B-NP\n1.6 CD I-NP\nbillion CD I-NP\n# a remark\nrose VBD B-VP\n"
    assert records_of(conll(tmp_path, content))[0]["tokens"] == ["#", "1.6", "billion", "rose"]


@pytest.mark.parametrize(
    "line",
    ["#throwback", "#", "#throwback NN B-NP", "# CD O", "# VBD B-NP", "#mystery NN XX"],
)
def test_what_may_be_either_is_refused(tmp_path, line):
    content = f"Anna NNP B-NP O\nsaw VBD B-VP O\n{line}\n"
    if line == "#mystery NN XX":
        content = "Anna NNP NN\nsaw VBD NN\n#mystery NN XX\n"
    with pytest.raises(DataError, match=r"line 3: .* may be a comment or a token .*; set `comments` to true"):
        records_of(conll(tmp_path, content))


def test_an_option_says_what_is_a_comment(tmp_path):
    content = "#throwback X\nAnna O\n"
    assert records_of(conll(tmp_path, content, comments=True))[0]["tokens"] == ["Anna"]
    assert records_of(conll(tmp_path, content, comments=False))[0]["tokens"] == ["#throwback", "Anna"]
    with pytest.raises(DataError, match="line 1: '#throwback' may be a comment or a token"):
        records_of(conll(tmp_path, "#throwback\n#love\n"))


@pytest.mark.parametrize(("comments", "token_column"), [(True, 0), (False, 0), (None, 0), (True, 1)])
def test_no_token_becomes_a_comment(comments, token_column, tmp_path):
    content = "# a remark in many words\n" if comments else ""
    content += "".join(f"{name} {name} O\n" for name in ("Anna", "Oslo"))
    source = conll(tmp_path, content, comments=comments, token_column=token_column)
    (block,) = source.blocks()
    records = [{"tokens": ["#nna", "Oslo"], "tags": ["O", "O"]}]
    if comments and token_column == 0:
        with pytest.raises(DataError, match="'Anna Anna O' would become '#nna Anna O', a comment; take another seed"):
            source.render(block, records, ("tokens",))
        return
    made = source.render(block, records, ("tokens",)).decode()
    written = conll(tmp_path, made, "out.conll", comments=comments, token_column=token_column)
    assert records_of(written) == records


def test_later_lines_say_what_a_tag_is(tmp_path, monkeypatch):
    monkeypatch.setattr(formats_base, "BLOCK_BYTES", 3)
    content = "# SYM\nsaw VB\n\n# one\nAnna NN\n\nx SYM\n"
    source = conll(tmp_path, content.replace("# one", "# one = 1"))
    assert [record["tokens"] for record in records_of(source)] == [["#", "saw"], ["Anna"], ["x"]]
    with pytest.raises(DataError, match=r"line 4: '# one' may be a comment or a token .no other line has the tag"):
        records_of(conll(tmp_path, content))


def test_lines_with_tabs_are_split_at_tabs(tmp_path):
    content = "New York\tB-LOC\n Los  Angeles \tB-LOC\r\nsleeps\tO \n"
    source = conll(tmp_path, content)
    assert records_of(source) == [{"tokens": ["New York", " Los  Angeles ", "sleeps"], "tags": ["B-LOC", "B-LOC", "O"]}]
    made = attacked(source, tmp_path, "tagging").decode()
    assert [line.split("\t")[1] for line in made.split("\n")[:-1]] == ["B-LOC", "B-LOC\r", "O "]
    assert made.startswith("New York") or " " in made.split("\t", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("New York\tB-LOC\nsleeps O\n", r"line 2: expected 2 columns .* found 1, set apart by tabs"),
        ("sleeps O\nNew York\tB-LOC\n", r"line 2: expected columns set apart by blanks .* found a tab"),
        ("sleeps O\nYork\tB-LOC\n", r"line 2: expected columns set apart by blanks .* found a tab"),
        ("York\tB-LOC\nsleeps\t\n", r"line 2: expected 2 columns"),
        ("York\tLOC\tB-LOC\nsleeps\t\tO\nhe\tO\t\n", r"line 3: expected 3 columns"),
        ("York\tB-LOC\n\tO\n", r"line 2: the token is empty"),
        ("York LOC\rO he\n", r"line 1: a carriage return"),
        ("York\tLOC\n\nsleeps\tV\tO\n", r"line 3: expected 2 columns as in the lines before, found 3"),
    ],
)
def test_other_columns_are_refused(tmp_path, content, message):
    with pytest.raises(DataError, match=message):
        records_of(conll(tmp_path, content))


def test_widths_are_those_of_the_file_in_whatever_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(formats_base, "BLOCK_BYTES", 3)
    with pytest.raises(DataError, match="line 4: expected 2 columns as in the lines before, found 3"):
        records_of(conll(tmp_path, "a O\n\n\nb X O\n"))
