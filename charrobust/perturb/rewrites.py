"""What holds for rewritten words, whether their form was drawn or is one of all that there are."""

from __future__ import annotations

from charrobust.perturb.clusters import composed, is_composed
from charrobust.perturb.operators.base import WordOperator

# Rewriting a word and aligning the two forms takes the square of its length, or more. No real word is so long.
LONGEST_REWRITTEN = 250


def in_form_of(word: str, rewritten: str, operator: WordOperator) -> str:
    """Return the new form of a word, in normal form C where the word is and the operator keeps it."""
    if operator.keeps_form and is_composed(word):
        return composed(rewritten)
    return rewritten


def breaks_token(word: str, rewritten: str, whole_tokens: bool) -> bool:
    """Tell whether a word would vanish, or a token become another number of tokens.

    Args:
        word: The word.
        rewritten: Its new form.
        whole_tokens: Whether the word is a token, which must stay one.

    Returns:
        Whether the form must not be written.
    """
    # A token with another blank would be another number of tokens in its file.
    return not rewritten or (whole_tokens and _blanks(rewritten) != _blanks(word))


def _blanks(text: str) -> list[str]:
    return list(filter(str.isspace, text))
