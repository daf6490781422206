"""Labels that are written as no multi-label data set writes them."""

import pytest

from charrobust.datasets.load import load_data
from charrobust.errors import DataError, UserError
from charrobust.tasks.multilabel.record import MultiLabel


def load(*values, **options):
    records = [{"text": f"a fine film {number}", "labels": value} for number, value in enumerate(values)]
    return load_data(records, name="films", task=options.pop("task", "multilabel"), **options)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ((["joy"], "joy"), {}, "row 2: column 'labels': expected a list of labels, got 'joy'"),
        ((["joy"], "joy|trust"), {}, "got 'joy|trust'; labels with a sign between them need `label_separator`"),
        ((["joy"], {"joy": 1}), {}, "expected a list of labels, got {'joy': 1}"),
        ((["joy"], [3]), {}, "row 2: column 'labels': expected the names of labels, as text, got 3 in [3]"),
        (([3], ["joy"]), {}, "expected the numbers of labels, got 'joy' in ['joy']"),
        ((["joy", 3],), {}, "expected names or numbers of labels, or 0 or 1 for each label, got ['joy', 3]"),
        ((["joy", "joy"],), {}, "label 'joy' stands twice in ['joy', 'joy']"),
        (([3, 3],), {}, "label 3 stands twice in [3, 3]"),
        (([5], [0, 0, 1]), {}, "`label_form` = multi-hot"),
        ((["joy", None],), {}, "got ['joy', None]"),
        ((["joy"], ["joy", None]), {}, "expected the names of labels, as text, got None in ['joy', None]"),
        ((["joy"], ["joy", "-"]), {}, "the missing label '-' stands among others in ['joy', '-']"),
        (([1, 0],), {}, "[1, 0] may be numbers of labels, or 0 or 1 for each label; say with `label_form`"),
        (([1, 0],), {"class_names": ["a", "b"]}, "say with `label_form` = numbers or multi-hot"),
        (([0, 0, 1], [0, 1]), {}, "expected 0 or 1 for each of 3 labels, got 2: [0, 1]"),
        (([0, 0, 1],), {"class_names": ["a", "b"]}, "expected 0 or 1 for each of 2 labels, got 3"),
        (([0, 0, 1], [0, 2, 1]), {}, "expected 0 or 1 for each label, got 2"),
        (([0, 0, 1], [0, -1, 1]), {}, "expected 0 or 1 for each label, got -1"),
        (([0.2, 0.8],), {}, "got [0.2, 0.8]"),
        (([7],), {"class_names": ["a", "b"]}, "label 7 has no name: there are 2 class names"),
        (("joy||trust",), {"label_separator": "|"}, "the missing label '' stands among others"),
        (([["joy"]],), {}, "got [['joy']]"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(values, options, message):
    with pytest.raises(DataError) as caught:
        load(*values, **options)
    assert "films, row" in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(("toxic", "message"), [(2, "got 2"), ("", "got ''"), ("yes", "got 'yes'")])
def test_a_column_that_holds_something_else(toxic, message):
    records = [{"text": "a", "toxic": toxic, "threat": 1}]
    with pytest.raises(DataError, match="row 1: column 'toxic', 'threat': expected 0 or 1 for each label") as caught:
        load_data(records, name="films", task="multilabel", label_column=["toxic", "threat"])
    assert message in str(caught.value)


def test_a_column_that_is_not_there():
    records = [{"text": "a", "toxic": 1, "thread": 0}]
    with pytest.raises(DataError, match="label column 'threat' is missing; did you mean 'thread'"):
        load_data(records, task="multilabel", label_column=["toxic", "threat"])


def test_several_columns_are_not_for_one_class():
    records = [{"text": "a", "toxic": 1, "threat": 0}]
    with pytest.raises(UserError, match="'classification' reads one `label_column`, got toxic, threat; for several"):
        load_data(records, task="classification", label_column=["toxic", "threat"])


def test_a_list_is_no_class():
    with pytest.raises(DataError, match=r"row 1: column 'labels' must hold one label, got \[\]; is `task` multilabel"):
        load([], task="classification")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"label_separator": ""}, "`label_separator` is empty"),
        ({"label_form": "one-hot"}, "`label_form` is 'one-hot'; expected names, numbers, multi-hot"),
        ({"label": ("text", "b")}, "column 'text' cannot be both text and label"),
        ({"label": ("a", "b"), "class_names": ("x",)}, "there are 2 label columns"),
    ],
)
def test_columns_that_do_not_fit(columns, message):
    with pytest.raises(UserError, match=message):
        MultiLabel(("text",), **columns)
