"""Windows of questions: each holds the question and a part of the context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from charrobust.tasks.examples import Example
from charrobust.tasks.windows.windower import Window, Windower

_QUESTION = 64  # tokens of a question at most (Devlin et al., "BERT", NAACL 2019)
_SPECIAL = 8  # more than any model's special tokens around a pair


def question_windows(windower: Windower, first: int, examples: Sequence[Example]) -> Iterator[Window]:
    """Yield the windows of questions.

    Args:
        windower: What makes windows.
        first: Number of the first of the examples.
        examples: The examples; their texts are question and context.

    Yields:
        The windows, those of an example one after the other.
    """
    # Where windows are short, half of each is left to the context.
    most = min(_QUESTION, windower.max_length // 2)
    questions = _shortened(windower, [example.texts[0] for example in examples], most)
    encoded = windower.encoded(
        questions,
        [example.texts[1] for example in examples],
        truncation="only_second",
        max_length=windower.max_length,
        # A tokenizer refuses to share more than a window holds of the context beside the longest question.
        stride=min(windower.stride, max(0, windower.max_length - most - _SPECIAL)),
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    # The answer "none" is read at the class token, which is not the first one in every family of models; a family
    # without it takes the first.
    begun = windower.tokenizer.cls_token_id
    # A long context makes several rows; the mapping says which question each of them is of.
    for row, (ids, example) in enumerate(zip(encoded["input_ids"], encoded["overflow_to_sample_mapping"], strict=True)):
        # Part 0 is the question, 1 the context, and None a special token.
        in_context = np.array([part == 1 for part in encoded.sequence_ids(row)])
        spans = np.array(encoded["offset_mapping"][row], np.int32)
        places = np.flatnonzero(in_context).astype(np.int32)
        yield Window(
            first + example,
            ids,
            segments=windower.segments_of(encoded, row),
            places=places,
            keys=spans[places, 0],
            ends=spans[places, 1],
            null=ids.index(begun) if begun in ids else 0,
        )


def _shortened(windower: Windower, questions: list[str], most: int) -> list[str]:
    """Return questions of no more than some tokens."""
    spans = windower.encoded(questions, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    shortened = []
    for text, places in zip(questions, spans, strict=True):
        # Cut in the text, where its last token ends: the tokenizer itself may cut only the context ("only_second").
        shortened.append(text if len(places) <= most else text[: places[most - 1][1]])
    return shortened
