"""Numbers of hundreds and thousands of digits, which neither floats nor Python's reading of digits take."""

import pytest

from charrobust import load_data
from charrobust.errors import DataError, UserError
from charrobust.tasks.answers import number_in
from charrobust.tasks.labels import sorted_labels
from charrobust.tasks.offsets import whole_number

BEYOND_FLOATS, BEYOND_DIGITS = 10**401, "9" * 5000


def test_a_number_that_no_float_holds():
    with pytest.raises(DataError, match="column 'label' must hold a number, got 1000"):
        load_data([{"text": "good", "label": BEYOND_FLOATS}], task="regression")
    with pytest.raises(UserError, match="expected a finite number, got 1000"):
        number_in(BEYOND_FLOATS)


def test_an_offset_of_thousands_of_digits():
    assert whole_number(BEYOND_DIGITS) is None
    record = {"text": "good", "spans": [{"start": "0", "end": BEYOND_DIGITS, "label": "X"}]}
    with pytest.raises(DataError, match="spans has start '0' and end '999"):
        load_data([record], task="spans")


def test_a_label_of_thousands_of_digits_is_a_name():
    assert sorted_labels([BEYOND_DIGITS, "10", "2"]) == ("2", "10", BEYOND_DIGITS)
