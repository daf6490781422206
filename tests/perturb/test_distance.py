"""Edit distance, and what changed between two texts."""

from hypothesis import given
from hypothesis import strategies as st

from charrobust.perturb.distance import changes, count_words, levenshtein

short = st.text(alphabet="abc é", max_size=8)


def slowly(old, new):
    """Return the edit distance by its definition."""
    if not old or not new:
        return len(old) + len(new)
    same = slowly(old[1:], new[1:]) + (old[0] != new[0])
    return same if old[0] == new[0] else min(same, slowly(old[1:], new) + 1, slowly(old, new[1:]) + 1)


@given(st.text(alphabet="abc", max_size=5), st.text(alphabet="abc", max_size=5))
def test_the_distance_is_that_of_the_definition(old, new):
    assert levenshtein(old, new) == slowly(old, new)


def test_known_distances():
    assert levenshtein("kitten", "sitting") == 3
    assert levenshtein("weather", "waether") == 2
    assert levenshtein("", "abc") == 3


@given(short, short)
def test_changes_lead_from_one_text_to_the_other(old, new):
    text, at = "", 0
    for change in changes(old, new):
        text += old[at : change.old[0]] + new[slice(*change.new)]
        at = change.old[1]
    assert text + old[at:] == new


def test_changes_are_whole_words():
    (change,) = changes("the fine weather", "the fien weather")
    assert (change.old, change.new, change.words, change.distance) == ((4, 8), (4, 8), 1, 2)
    assert changes("same", "same") == []
    assert count_words("it's fine, U.S.") == 5
