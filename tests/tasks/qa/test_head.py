"""From scores of starts and ends to answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.tasks.examples import Example
from charrobust.tasks.qa.head import AnswerHead, WindowAnswer, best_answer
from charrobust.tasks.windows.windower import Window

SCORES = st.lists(st.integers(-50, 50), min_size=1, max_size=9)


@given(st.data())
def test_the_best_answer_is_that_of_all(data):
    starts = np.array(data.draw(SCORES), np.float32)
    ends = np.array(data.draw(st.lists(st.integers(-50, 50), min_size=len(starts), max_size=len(starts))), np.float32)
    most = data.draw(st.integers(1, 10))
    places = np.arange(1, len(starts), dtype=np.int32)
    window = Window(0, [0] * len(starts), places=places, keys=10 * places, ends=10 * places + 9)
    found = best_answer(starts, ends, window, most=most)
    assert found.null == starts[0] + ends[0]
    all_scores = [starts[a] + ends[b] for a in places for b in places if a <= b < a + most]
    if all_scores:
        assert found.score == max(all_scores)
        assert starts[found.start // 10] + ends[found.end // 10] == found.score
        assert 0 < found.end - found.start <= 10 * most
    else:
        assert found.score == -np.inf


@pytest.mark.parametrize(("no_answer", "expected"), [(False, "north"), (True, "")])
def test_no_answer(no_answer, expected):
    head = AnswerHead(no_answer=no_answer)
    examples = [Example("0", ("?", "the north"), ())]
    windows = [Window(0, []), Window(0, [])]
    answers = [WindowAnswer(3.0, 4, 9, 9.0), WindowAnswer(1.0, 0, 3, 4.0)]
    assert head.predictions(windows, answers, examples) == [expected]


def test_an_answer_in_one_window_beats_none_in_others():
    answers = [WindowAnswer(3.0, 4, 9, -2.0), WindowAnswer(-1.0, 0, 3, 40.0)]
    head = AnswerHead(no_answer=True)
    assert head.predictions([Window(0, [])] * 2, answers, [Example("0", ("?", "the north"), ())]) == ["north"]
