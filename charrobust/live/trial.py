"""What the live page shows of a sentence: its edits, and what is said of it before and after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from charrobust.errors import UserError
from charrobust.live.participants import Participant, sentence_of
from charrobust.perturb import Attack, EditedText, load_recipe, recipe_names
from charrobust.perturb.recipe_examples import can_run
from charrobust.report.highlights import fragments
from charrobust.systems.defended import Defended
from charrobust.systems.system import System
from charrobust.visible import visible_in

LONGEST = 2000  # characters of a sentence
_CLASSES = 5  # the likeliest classes that are shown


@dataclass(frozen=True)
class Question:
    """What is asked on the page.

    Attributes:
        text: The sentence.
        recipe: Name of a recipe that ships.
        severity: Share of the eligible words that are edited.
        seed: Seed of the edits.
    """

    text: str
    recipe: str
    severity: float
    seed: int

    @classmethod
    def of(cls, sent: Any) -> Question:
        """Read what a browser sent.

        Args:
            sent: JSON.

        Returns:
            The question.

        Raises:
            UserError: It is none.
        """
        fields = {"text": str, "recipe": str, "severity": int | float, "seed": int}
        if not isinstance(sent, dict) or sent.keys() != fields.keys():
            raise UserError(f"expected an object with {', '.join(fields)}")
        for name, kind in fields.items():
            if not isinstance(sent[name], kind) or isinstance(sent[name], bool):
                raise UserError(f"{name}: got {sent[name]!r:.100}")
        if len(sent["text"]) > LONGEST:
            raise UserError(f"the text has {len(sent['text']):,} characters; the page takes {LONGEST:,} at most")
        return cls(**sent)


class Trial:
    """Answers questions of the page.

    Attributes:
        recipes: The recipes that can run here, by name, with what they do.
    """

    def __init__(self, asked: Sequence[Participant] = ()) -> None:
        """Take those into use who are asked.

        Args:
            asked: The participants.
        """
        self._asked = asked
        loaded = {name: load_recipe(name) for name in recipe_names()}
        runnable = {name: recipe for name, recipe in loaded.items() if all(map(can_run, recipe.operators))}
        self.recipes = {name: recipe.summary for name, recipe in runnable.items()}

    def answer(self, question: Question) -> Any:
        """Answer a question.

        Args:
            question: The question.

        Returns:
            What the page shows, as JSON has it; characters that a page would obey are escapes.

        Raises:
            UserError: There is no such recipe, or a system cannot be asked.
        """
        attack = _attack(question, self.recipes)
        edited = attack.text(question.text)
        clean_spans = [(*edit.old, edit.operator) for edit in edited.edits]
        attacked_spans = [(*edit.new, edit.operator) for edit in edited.edits]
        edits = [{"operator": edit.operator, "before": edit.old_text, "after": edit.new_text} for edit in edited.edits]
        shown = {
            "severity": attack.recipe.severity,
            "clean": fragments(edited.source, clean_spans),
            "attacked": fragments(edited.text, attacked_spans),
            "edits": edits,
            "models": [_said(participant, edited) for participant in self._asked],
        }
        return visible_in(shown)


def _attack(question: Question, known: dict[str, str]) -> Attack:
    """Return the attack that is asked for.

    Raises:
        UserError: No recipe of that name can run here.
    """
    if question.recipe not in known:
        raise UserError(f"unknown recipe {question.recipe!r:.100}")
    recipe = load_recipe(question.recipe)
    # A recipe by count edits a number of words a text, which is no share: it keeps its own.
    severity = question.severity if recipe.edited_words is None else None
    return Attack.load(recipe, severity=severity, seed=question.seed)


def _said(participant: Participant, edited: EditedText) -> dict[str, Any]:
    """Return what a participant says of both texts."""
    both = (edited.source, edited.text)
    said: dict[str, Any] = {"name": participant.name, "clean": {}, "attacked": {}}
    for version, text in zip(("clean", "attacked"), both, strict=True):
        if text.strip():
            said[version] = _said_of_text(participant, text)
    return said


def _said_of_text(participant: Participant, text: str) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if participant.system is not None:
        said = _prediction(participant.system, text)
    if participant.read is not None:
        # Behind defences a channel reads what they wrote.
        said["readings"] = list(map(asdict, participant.read(said.get("read", text))))
    return said


def _prediction(system: System, text: str) -> dict[str, Any]:
    """Return what a system says of a text, how probable classes are, and what it reads behind defences."""
    task, example = sentence_of(system.task, text)
    said: dict[str, Any] = {}
    if isinstance(system, Defended) and system.restorers:
        said["read"] = " ".join(system.corrected([example])[0].texts)
    scores = system.scores([example])
    if scores is not None:
        rows = zip(system.labels, scores[0].tolist(), strict=True)
        return said | {"classes": sorted(rows, key=lambda row: -row[1])[:_CLASSES]}
    prediction = system.predict([example])[0]
    if task.pretokenized:
        pairs = zip(example.texts, prediction, strict=True)
        return said | {"prediction": " ".join(f"{word}/{tag}" for word, tag in pairs)}
    return said | {"prediction": task.prediction_text(prediction)}
