"""Results that no card can be made of."""

from dataclasses import replace

import pytest

from charrobust.errors import UserError
from charrobust.report.cards import cards_of, write_cards
from charrobust.scoring.evaluation.searches import SCREENED
from tests.report import sample_results


def test_proofs_that_half_precision_told(tmp_path):
    results = sample_results.searched()
    screened = replace(results, notes=(*results.notes, SCREENED))
    for make in (lambda: list(cards_of(screened, "Ada")), lambda: write_cards(screened, tmp_path, measured_by="Ada")):
        with pytest.raises(UserError, match="a `card` tells what is proved, which `screen` leaves to half precision"):
            make()
    assert not list(tmp_path.iterdir())
