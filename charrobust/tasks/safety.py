"""How safe labels are under noise: what an edit may do to what a text says, and whether the label can change by it.

The levels are those of certainty. CERTAIN: what is labelled reads the same to a person, or the program moves the label
along exactly. RARE: the label may change, which people found to be rare, or nobody has counted. REFUSED: the program
cannot keep the label right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from charrobust.errors import RecipeError

if TYPE_CHECKING:
    from charrobust.perturb import Recipe

CERTAIN, RARE, REFUSED = "certain", "rare", "refused"


class Safety(NamedTuple):
    """How safe labels are under an effect.

    Attributes:
        certainty: ``CERTAIN``, ``RARE`` or ``REFUSED``.
        why: Why, with a source.
    """

    certainty: str
    why: str


SAFETY: dict[str, Safety] = {
    "spelling": Safety(CERTAIN, "people read the word: Pruthi, Dhingra, Lipton, ACL 2019, section 3"),
    "other-word": Safety(RARE, "another word of the language may stand there: Tan et al., ACL 2020"),
    "spacing": Safety(CERTAIN, "people read the words: Kukich, ACM Computing Surveys 1992"),
    "word-loss": Safety(RARE, "a word that decides, such as a negation, may be lost: Wei, Zou, EMNLP 2019, section 5"),
    "word-order": Safety(RARE, "who did what may be exchanged: Sinha et al., EMNLP 2021"),
    "repetition": Safety(CERTAIN, "nothing is lost and nothing is new"),
    "punctuation": Safety(RARE, "a question and a statement may read alike without marks: Peskov et al., 2019"),
    "sentence-loss": Safety(RARE, "the sentence that decides may be lost"),
    "sentence-order": Safety(RARE, "what follows from what may be lost: Lewis et al., ACL 2020"),
    "addition": Safety(CERTAIN, "what is added is of another matter: Jia, Liang, EMNLP 2017; Ribeiro et al., ACL 2020"),
}


def doubts_of(safety: Mapping[str, Safety], recipe: Recipe, task: str) -> list[str]:
    """Return what may happen to labels under a recipe, though rarely.

    Args:
        safety: How safe the labels of a task are under each effect.
        recipe: The recipe.
        task: Name of the task.

    Returns:
        A sentence for each effect by which a label may change; none where none can.

    Raises:
        RecipeError: Labels would not hold under it.
    """
    doubts = []
    for effect in recipe.effects:
        certainty, why = safety[effect]
        if certainty == REFUSED:
            raise RecipeError(f"recipe {recipe.name!r} ({effect}): labels of the task {task!r} would not hold: {why}")
        if certainty == RARE:
            doubts.append(f"recipe {recipe.name!r} may change a label, though rarely ({effect}): {why}")
    return doubts
