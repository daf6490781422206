"""Are the keys of all keyboard layouts where XKB has them?

python benchmarks/check_layouts.py [--xkb DIR]

DIR holds the data of xkeyboard-config, by default that of this machine (Debian: package xkb-data). They are read by
libxkbcommon, which must be installed. Prints a line for each layout, and the keys that differ; ends with 1 if any does.
"""

from __future__ import annotations

import argparse
import ctypes
import ctypes.util
import sys
from collections.abc import Iterator
from pathlib import Path

from charrobust import resources
from charrobust.perturb.keyboards import Layout, load_layout

# What XKB calls each layout: the country, and the variant in brackets. `qwerty-grid` is no keyboard.
XKB_NAMES = {
    "ar-101": "ara",
    "cs-qwertz": "cz",
    "de-qwertz": "de",
    "el-greek": "gr",
    "es-qwerty": "es",
    "fi-qwerty": "fi",
    "fr-azerty": "fr",
    "hi-inscript": "in(deva)",
    "it-qwerty": "it",
    "pl-qwerty": "pl",
    "pt-qwerty": "pt",
    "ru-jcuken": "ru",
    "sv-qwerty": "se",
    "tr-q": "tr",
    "ua-jcuken": "ua",
    "uk-qwerty": "gb",
    "us-international": "us(intl)",
    "us-qwerty": "us",
}
# The keys of a keyboard, from top to bottom, where each row begins, in key widths, and on which boards.
ROWS = (
    (0.0, ["TLDE", *(f"AE{number:02}" for number in range(1, 13))]),
    (1.5, [f"AD{number:02}" for number in range(1, 13)]),
    (1.75, [f"AC{number:02}" for number in range(1, 12)]),
    (2.25, [f"AB{number:02}" for number in range(1, 11)]),
)
# The last key of the second row, or of the third; and one before the fourth, which European boards alone have.
ANSI_KEY, ISO_KEYS = ("BKSL", 13.5, 1), (("BKSL", 12.75, 2), ("LSGT", 1.25, 3))
# Signs of dead keys: what they write before a blank, where XKB has a name for it and no character.
DEAD_KEYS = {
    "dead_acute": "´΄'",
    "dead_grave": "`",
    "dead_circumflex": "^",
    "dead_tilde": "~",
    "dead_diaeresis": "¨",
}
LIGATURES = {"ﻻ"}  # keys that write two letters, which a layout leaves out


class Xkb:
    """Keyboard layouts as libxkbcommon reads them."""

    def __init__(self, folder: Path) -> None:
        name = ctypes.util.find_library("xkbcommon")
        if name is None:
            sys.exit("libxkbcommon is not installed (Debian: apt-get install libxkbcommon0)")
        self._library = library = ctypes.CDLL(name)
        pointer, number, text = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_char_p
        library.xkb_context_new.restype = pointer
        library.xkb_context_include_path_append.argtypes = [pointer, text]
        library.xkb_keymap_new_from_names.restype = pointer
        library.xkb_keymap_new_from_names.argtypes = [pointer, pointer, ctypes.c_int]
        library.xkb_keymap_key_by_name.argtypes = [pointer, text]
        library.xkb_keymap_key_by_name.restype = number
        library.xkb_keymap_key_get_syms_by_level.argtypes = [pointer, number, number, number, pointer]
        no_default_includes = 1
        self._context = library.xkb_context_new(no_default_includes)
        if not library.xkb_context_include_path_append(self._context, str(folder).encode()):
            sys.exit(f"{folder} is no folder of XKB data; expected one that holds symbols/ and rules/")

    def load(self, name: str) -> int:
        """Read a layout, such as ``us(intl)``, on a board of 105 keys."""
        layout, _, variant = name.rstrip(")").partition("(")
        # rules, model, layout, variant, options
        names = (ctypes.c_char_p * 5)(b"evdev", b"pc105", layout.encode(), variant.encode(), b"")
        keymap = self._library.xkb_keymap_new_from_names(self._context, names, 0)
        if not keymap:
            sys.exit(f"XKB has no layout {name}")
        return int(keymap)

    def written(self, keymap: int, key: str, level: int) -> str:
        """Return what a key writes: a character, the name of a dead key, or nothing."""
        code = self._library.xkb_keymap_key_by_name(keymap, key.encode())
        symbols = ctypes.POINTER(ctypes.c_uint32)()
        count = self._library.xkb_keymap_key_get_syms_by_level(keymap, code, 0, level, ctypes.byref(symbols))
        if count != 1:
            return ""
        if character := self._library.xkb_keysym_to_utf32(symbols[0]):
            return chr(character)
        name = ctypes.create_string_buffer(64)
        self._library.xkb_keysym_get_name(symbols[0], name, len(name))
        return name.value.decode()


def key_places(layout: Layout) -> Iterator[tuple[str, float, int]]:
    """Return (name, column, row) of the keys of the board that a layout is for, American or European."""
    for row, (start, keys) in enumerate(ROWS):
        for number, key in enumerate(keys):
            yield key, start + number, row
    has_ansi_key = any((column, row) == ANSI_KEY[1:] for _, column, row in layout.places)
    yield from [ANSI_KEY] if has_ansi_key else ISO_KEYS


def is_same(mine: str, theirs: str) -> bool:
    """Tell whether a key is what XKB has there: ligatures are left out, and dead keys written as their signs."""
    if theirs in LIGATURES:
        return not mine
    return mine == theirs or (bool(mine) and mine in DEAD_KEYS.get(theirs, ""))


def differences(layout: Layout, xkb: Xkb, name: str) -> Iterator[str]:
    """Return what of a layout is not as XKB has it."""
    keymap = xkb.load(name)
    ours = {(column, row): key for key, column, row in layout.places}
    for key, column, row in key_places(layout):
        mine, theirs = ours.pop((column, row), ""), xkb.written(keymap, key, 0)
        if not is_same(mine, theirs):
            yield f"{key} writes {mine!r}, and in XKB {theirs!r}"
        shifted = layout.uppercase.get(mine)
        if shifted and shifted != xkb.written(keymap, key, 1):
            yield f"{key} with shift writes {shifted!r}, and in XKB {xkb.written(keymap, key, 1)!r}"
    for (column, row), key in ours.items():
        yield f"{key!r} in row {row + 1}, column {column:g} is no key of a board"


def main() -> int:
    """Check all layouts; return 1 where one differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--xkb", type=Path, default=Path("/usr/share/X11/xkb"), help="folder of XKB data")
    xkb = Xkb(parser.parse_args().xkb)
    any_differs = False
    for name in resources.names("attacks/keyboards"):
        if name not in XKB_NAMES:
            print(f"{name}: not in XKB")
            continue
        layout = load_layout(name)
        found = list(differences(layout, xkb, XKB_NAMES[name]))
        print(f"{name}: {len(layout.places)} keys, {len(found)} differ from {XKB_NAMES[name]}")
        print("".join(f"  {difference}\n" for difference in found), end="")
        any_differs = any_differs or bool(found)
    return int(any_differs)


if __name__ == "__main__":
    sys.exit(main())
