"""From scores of tokens to tags of words."""

import numpy as np

from charrobust.tasks.examples import Example
from charrobust.tasks.tagging.head import TaggingHead
from charrobust.tasks.windows.windower import Window


def test_words_that_no_window_answers_for_are_outside():
    head = TaggingHead(("B", "O"))
    window = Window(0, [], keys=np.array([1], np.int32))
    assert head.predictions([window], [np.array([0])], [Example("0", ("a", "b"), None)]) == [("O", "B")]


def test_ignored_tags_are_not_learnt():
    window = Window(0, [], keys=np.array([0, 1, 2], np.int32))
    lesson = TaggingHead(("B", "O")).lesson(window, Example("0", ("a", "b", "c"), ("O", None, "B")))
    assert lesson.tolist() == [1, -100, 0]
