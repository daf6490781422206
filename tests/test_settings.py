"""Declared fields: what is read, what is refused, and with which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import pytest

from charrobust.errors import UserError
from charrobust.settings import (
    Checked,
    declared_options,
    differences,
    field_texts,
    parse_change,
    read,
    read_changed,
    read_file,
    setting,
)


@dataclass(frozen=True, kw_only=True)
class Oven(Checked):
    """An oven."""

    heat: float = setting(180.0, low=50, high=250, options=("--heat", "-h"))
    """How hot it is, in
    ``degrees``."""
    fan: bool = setting(False, options=("--fan/--no-fan",), may_change=True)
    """Whether there is a fan."""
    timer: int | Literal["never"] = 60


@dataclass(frozen=True, kw_only=True)
class Cake(Checked):
    """A cake."""

    name: str
    flour: str = setting("wheat", choices=("wheat", "spelt"))
    eggs: int | None = setting(None, low=1)
    toppings: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)
    oven: Oven = field(default_factory=Oven)


@dataclass(frozen=True)
class Slice:
    """A part of a plain dataclass, as results have them."""

    span: tuple[int, int]
    weight: float


@dataclass(frozen=True)
class Menu:
    """A plain dataclass that holds others."""

    slices: tuple[Slice, ...]
    best: Slice | None = None


def test_what_is_written_is_read():
    cake = Cake(name="a", eggs=3, toppings=("cream",), oven=Oven(heat=200, timer="never"))
    assert read(Cake, asdict(cake)) == cake
    menu = Menu((Slice((0, 3), 1.5),), Slice((1, 2), 2.0))
    assert read(Menu, asdict(menu)) == menu
    assert read(Menu, {"slices": [{"span": [0, 3], "weight": 2}]}) == Menu((Slice((0, 3), 2.0),))


def test_whole_numbers_become_floats_and_lists_tuples():
    cake = Cake(name="a", toppings=["cream"], oven=Oven(heat=200))
    assert (cake.toppings, type(cake.oven.heat)) == (("cream",), float)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "key 'name' is missing"),
        ([], "expected keys with values, got []"),
        ({"name": 1}, "name must be of type str, got 1"),
        ({"nmae": "a"}, "unknown key 'nmae'; did you mean 'name'?"),
        ({"flour": "spelled"}, "unknown flour 'spelled'; did you mean 'spelt'?"),
        ({"eggs": 0}, "eggs must be at least 1, got 0"),
        ({"eggs": True}, "eggs must be of type int, got True"),
        ({"toppings": "cream"}, "toppings must be a list of strings, got 'cream'"),
        ({"toppings": ["cream", 1]}, "toppings must be a list of strings, got ['cream', 1]"),
        ({"oven": 3}, "oven must be written as a [oven] table, got 3"),
        ({"oven": {"heet": 3}}, "[oven] unknown key 'heet'; did you mean 'heat'?"),
        ({"oven": {"heat": 300}}, "[oven] heat must be between 50 and 250, got 300.0"),
        ({"oven": {"heat": float("nan")}}, "[oven] heat must be a finite number, got nan"),
        ({"oven": {"heat": 10**400}}, "[oven] heat must be of type float, got 1000"),
        ({"oven": {"timer": "soon"}}, "[oven] timer must be of type int or 'never', got 'soon'"),
    ],
)
def test_mistakes_of_settings(content, message):
    whole = {"name": "a"} | content if isinstance(content, dict) and content and "nmae" not in content else content
    with pytest.raises(UserError) as raised:
        read(Cake, whole)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"slices": "many"}, "slices must be a list, got 'many'"),
        ({"slices": [3]}, "slices[0] must be written as a [slices[0]] table, got 3"),
        ({"slices": [{"span": [0, 1]}]}, "[slices[0]] key 'weight' is missing"),
        ({"slices": [{"span": [0], "weight": 1}]}, "[slices[0]] span must be a list, got [0]"),
        ({"slices": [{"span": [0, "1"], "weight": 1}]}, "[slices[0]] span[1] must be of type int, got '1'"),
        ({"slices": [], "best": {"span": [0, 1], "weight": "1"}}, "[best] weight must be of type float, got '1'"),
        ({"slices": [], "best": 3}, "best must be written as a [best] table, got 3"),
    ],
)
def test_mistakes_have_their_place(content, message):
    with pytest.raises(UserError) as raised:
        read(Menu, content)
    assert str(raised.value).startswith(message)


def test_changes():
    cake = read_changed(Cake, {"name": "a", "oven": {"heat": 100}}, {"oven.fan": True, "flour": "spelt", "eggs": None})
    assert cake == Cake(name="a", flour="spelt", oven=Oven(heat=100, fan=True))
    assert read_changed(Cake, {"name": "a"}, {"notes.season": "autumn"}).notes == {"season": "autumn"}
    with pytest.raises(UserError, match=r"unknown key 'name\.x': name is no table; Known: notes, oven"):
        read_changed(Cake, {"name": "a"}, {"name.x": 1})
    assert parse_change("oven.heat = 200") == ("oven.heat", 200)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "cake.toml"
    path.write_text('name = "a"\neggs = 3\n', encoding="utf-8-sig")
    assert read_file(Cake, path, {"eggs": 4}) == Cake(name="a", eggs=4)


def test_differences_but_for_what_may_change():
    one, other = Cake(name="a"), Cake(name="b", oven=Oven(heat=100, fan=True))
    assert differences(one, other) == ["name: 'a', now 'b'", "oven.heat: 180.0, now 100.0"]


def test_options_and_their_help():
    heat, fan = declared_options(Cake)
    assert (heat.path, heat.names, heat.type, heat.default) == ("oven.heat", ("--heat", "-h"), float, 180.0)
    assert heat.help == "How hot it is, in degrees."
    assert (fan.names, fan.type) == (("--fan/--no-fan",), bool)
    assert field_texts(Cake) == {}
