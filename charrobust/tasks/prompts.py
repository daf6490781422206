"""What a language model is asked of an example, whoever asks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from charrobust.tasks.examples import Example


@dataclass(frozen=True)
class Prompt:
    """A question to a language model.

    Attributes:
        instruction: What it is to do.
        parts: What it is to read: (name, text), in order.
        answers: The right answers, any of which will do.
        choices: The answers that there are to choose from; none where the answer is free.
    """

    instruction: str
    parts: tuple[tuple[str, str], ...]
    answers: tuple[str, ...]
    choices: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it as one text."""
        parts = [f"{name}: {text}" for name, text in self.parts]
        return "\n".join([f"{self.instruction}\n", *parts])


def prompt_to_choose(example: Example, names: Sequence[str], classes: Sequence[str]) -> Prompt:
    """Return a prompt that asks for the class of a text or a pair.

    Args:
        example: The example, whose target is a class.
        names: What its texts are called.
        classes: The classes.

    Returns:
        The prompt.
    """
    parts = tuple(zip(map(_capitalised, names), example.texts, strict=True))
    instruction = f"Which of these fits: {', '.join(classes)}?"
    return Prompt(instruction, parts, (example.target,), tuple(classes))


def _capitalised(name: str) -> str:
    """Return a name with its first letter as a capital; the others stay."""
    return name[:1].upper() + name[1:]
