"""What is said about gates that stand in no right place."""

import pytest

from charrobust.errors import UserError
from charrobust.systems.folding import Fold
from charrobust.systems.gates import Gate, Gated, gate_margin
from charrobust.systems.naming import SystemOptions, check_used, load_system
from charrobust.systems.restoration import behind_gates
from tests.scoring.fakes import FakePredictor, FakeRestorer, fake_system, reviews


@pytest.mark.parametrize("value", [-1.0, float("nan")])
def test_margins_below_zero_and_none(value):
    with pytest.raises(UserError, match="`name_margin` of a gate must be 0 or more"):
        Gate(name_margin=value)
    with pytest.raises(UserError, match="`margin` of a gate must be 0 or more"):
        Gate(margin=value)


@pytest.mark.parametrize("given", ["", "x", "-1", "nan", "1e", "2,5"])
def test_what_follows_the_sign(given):
    with pytest.raises(UserError, match="a number of 0 or more, or inf; got"):
        gate_margin(f"gate@{given}")


def test_gates_before_no_defence():
    with pytest.raises(UserError, match=r"'gate@2' stands before a model; .* gate\+spelling\+MODEL"):
        behind_gates(["spelling", "gate@2"])
    with pytest.raises(UserError, match="'gate' stands before 'gate@2'; leave one of the gates out"):
        behind_gates(["gate", "gate@2", "spelling"])


@pytest.mark.parametrize("restorer", [Fold(), FakeRestorer()])
def test_restorers_that_do_not_say_how_sure_they_are(restorer):
    with pytest.raises(UserError, match=f"and not before '{restorer.name}'"):
        Gated(restorer, Gate())


def test_a_gate_before_folding():
    with pytest.raises(UserError, match="and not before 'fold'"):
        load_system("gate+fold+model", loaded={"model": FakePredictor()})


def test_data_for_no_gate():
    with pytest.raises(UserError, match="no model stands behind a gate that `gate_on` could tell words; leave it out"):
        check_used(SystemOptions(gate_on=reviews()), [fake_system()])
