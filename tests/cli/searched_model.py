"""A model whose worst case is known: it counts two words."""

ROWS = (
    {"text": "a great film", "label": "positive"},
    {"text": "the great one", "label": "positive"},
    {"text": "good good food", "label": "positive"},
    {"text": "nothing said", "label": "positive"},
)
ASKED = []


def mood(texts):
    """Return a score for each label."""
    ASKED.extend(texts)
    scores = []
    for text in texts:
        votes = text.count("great") + text.count("good") - 0.5
        scores.append({"positive": 0.5 + votes / 10, "negative": 0.5 - votes / 10})
    return scores


def label(texts):
    """Return the label alone."""
    return [max(each, key=each.get) for each in mood(texts)]
