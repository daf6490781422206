"""Ways in which files are damaged: bytes, values of JSON, values of TOML."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

_DEEP = "a place for brackets"  # json.dumps cannot write as deep as files may be nested
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    3.5,
    float("nan"),
    float("inf"),
    10**12,
    10**400,
    1e308,
    "",
    "hello",
    "\ud800",
    "../../outside",
    "\x1b[31m",
    [],
    {},
    [[]],
    {"a": {"label": 1}},
    _DEEP,
)


def damaged_bytes(content: bytes, rng: random.Random) -> bytes:
    """Flip a byte, cut the end off, put bytes in, or replace all."""
    way = rng.randrange(6)
    place = rng.randrange(len(content) + 1)
    if way == 0:
        return content[:place]
    if way == 1:
        return rng.choice([b"", b"\xff\xfe\x00", b"hello", b"[" * 20_000, b"\x80\x04K\x01."])
    if way == 2:
        return content[:place] + rng.choice([b"\xff", b"\x00", b"[" * 3_000, b'{"a":' * 3_000]) + content[place:]
    changed = bytearray(content)
    for _ in range(rng.choice([1, 1, 4, 50])):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def damaged_json(content: bytes, rng: random.Random) -> bytes:
    """Delete, swap or double some of the values of a JSON file; at times damage its bytes."""
    if rng.random() < 0.15:
        return damaged_bytes(content, rng)
    value = json.loads(content)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        value = _damaged(value, rng)
    brackets = rng.choice(["[", '{"a":']) * 3_000
    return json.dumps(value).replace(json.dumps(_DEEP), brackets).encode()


def damaged_toml(content: bytes, rng: random.Random) -> bytes:
    """Damage lines of a TOML file; at times its bytes."""
    if rng.random() < 0.3:
        return damaged_bytes(content, rng)
    lines = content.decode().split("\n")
    settable = [number for number, line in enumerate(lines) if "=" in line]
    number = rng.choice(settable or [0])
    name = lines[number].partition("=")[0]
    values = ["nan", "-inf", "-1", "1" + "0" * 30, '""', '"\\u0000"', "[]", "{}", "[" * 500 + "]" * 500, "true", '"x"']
    changed: list[Callable[[], str]] = [
        lambda: "",
        lambda: lines[number] + "\n" + lines[number],
        lambda: f"{name}= {rng.choice(values)}",
        lambda: f"{name.strip()}x = 1",
    ]
    lines[number] = rng.choice(changed)()
    return "\n".join(lines).encode()


def _damaged(value: Any, rng: random.Random) -> Any:
    """Return a value with one change, at any depth."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        if rng.random() < 0.15:
            return {name: value[name] for name in value if name != key}
        if rng.random() < 0.05:
            return {**value, "unheard of": rng.choice(VALUES)}
        return {**value, key: _damaged(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        number = rng.randrange(len(value))
        way = rng.random()
        if way < 0.15:
            return value[:number] + value[number + 1 :]
        if way < 0.25:
            return [*value, value[number]]
        return [*value[:number], _damaged(value[number], rng), *value[number + 1 :]]
    return rng.choice(VALUES)
