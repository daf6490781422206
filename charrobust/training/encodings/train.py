"""Training of robust encodings: from running text to a folder that stands before any model as a defence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from charrobust.environment import package_versions
from charrobust.errors import UserError, check_lists, hint
from charrobust.perturb import Recipe, load_recipe
from charrobust.perturb.recipe_files import recipe_names
from charrobust.progress import Progress, no_progress
from charrobust.systems.encodings import Encodings
from charrobust.training.corpora import documents, source_name
from charrobust.training.encodings.card import encodings_card
from charrobust.training.encodings.clusters import Clusters
from charrobust.training.encodings.reach import Reach, check_edits, reach_of
from charrobust.training.encodings.settings import EncodingSettings
from charrobust.training.manifest import recipe_digest
from charrobust.training.pretraining.vocabulary import WordVocabulary
from charrobust.training.run import Run, RunKind
from charrobust.training.word_recognition.running_words import RunningWords

ENCODINGS = RunKind(
    manifest="training.json", settings=EncodingSettings, fixed=("corpus", "words", "digests"), content="the text"
)


@dataclass(frozen=True)
class TrainedEncodings:
    """What a run yields.

    Attributes:
        output: Folder of the encodings.
        words: Words of the vocabulary.
        encodings: Words that are read for them.
        stable: Share of the vocabulary's running words of which no typo of the recipe is read otherwise.
        stable_before: The same if each word were read as itself, and its typos as the word that owns them.
        changed: Share of them that is read as another word.
        outside: Share of the corpus' words that are not in the vocabulary.
    """

    output: Path
    words: int
    encodings: int
    stable: float
    stable_before: float
    changed: float
    outside: float


def train_encodings(
    settings: EncodingSettings,
    corpus: Sequence[str | Path],
    output: str | Path,
    *,
    column: str = "text",
    language: str | None = None,
    progress: Progress = no_progress,
) -> TrainedEncodings:
    """Put the words of running text in clusters whose typos are read alike, and write them.

    ``output`` then holds ``encodings.json`` (what each word is read as), ``README.md`` (a card) and ``training.json``
    (settings, versions, measures). A model is to be fine-tuned on what it will read: behind the encodings.

    Args:
        settings: What the encodings are made of.
        corpus: Text whose words are known; see :func:`charrobust.training.corpora.documents`.
        output: Folder to write.
        column: The column that holds the text, where there are columns.
        language: Language of the corpus for the card, such as ``en``.
        progress: Called with a stage, how far it is and where it ends (0 if unknown).

    Returns:
        Where the encodings were written, and how stable they are.

    Raises:
        UserError: Something given does not serve: text, folder, recipe.
    """
    check_lists(corpus=corpus)
    recipe = _recipe(settings.recipe)
    text = RunningWords.of(documents(corpus, column=column), progress)
    counts = _counts(text)
    vocabulary = WordVocabulary.of(counts, settings.vocabulary, lowercase=True).words
    check_edits(vocabulary, recipe)
    times = [counts[word] for word in vocabulary]
    known = sum(times)
    manifest = {
        "configuration": asdict(settings),
        "corpus": list(map(source_name, corpus)),
        "words": len(text),
        "digests": {"corpus": text.digest, "recipe": recipe_digest(recipe)},
        "language": language,
        "versions": package_versions(),
    }
    run = Run(ENCODINGS, Path(output), manifest, progress=progress)
    with run.claimed():
        reach = reach_of(vocabulary, recipe, progress)
        shares = [count / known for count in times]
        read_as = Clusters(shares, reach.of_each(), settings.fidelity).merged(progress)
        neutral = settings.neutral if settings.backoff == "neutral" else None
        encoded = {word: vocabulary[number] for word, number in zip(vocabulary, read_as, strict=True)}
        Encodings(settings.recipe, encoded, neutral).save(run.output)
        done = _measured(run.output, times, reach, read_as, outside=1 - known / len(text))
        run.manifest |= {name: value for name, value in asdict(done).items() if name not in ("output", "words")}
        run.manifest["vocabulary"] = done.words
        run.finish(encodings_card(run.manifest))
    return done


def _recipe(name: str) -> Recipe:
    """Load a recipe that ships, for encodings must find the same one wherever they are used.

    Raises:
        UserError: It is none.
    """
    if name not in recipe_names():
        raise UserError(f"encodings are made for a recipe that ships, got {name!r}; {hint(name, recipe_names())}")
    return load_recipe(name)


def _counts(text: RunningWords) -> Mapping[str, int]:
    """Return how often each word occurs, in lower case; those that hold a digit are not read as others."""
    counts: Counter[str] = Counter()
    for word, times in text.counts().items():
        if not any(map(str.isdigit, word)):
            counts[word.lower()] += times
    return counts


def _measured(
    output: Path, times: Sequence[int], reach: Reach, read_as: Sequence[int], *, outside: float
) -> TrainedEncodings:
    """Return how stable encodings are, and how many running words they change, given how often each word occurs."""
    stable = stable_before = changed = 0
    for word, (count, owners) in enumerate(zip(times, reach.of_each(), strict=True)):
        if len({read_as[owner] for owner in owners}) == 1:
            stable += count
        if len(owners) == 1:
            stable_before += count
        if read_as[word] != word:
            changed += count
    known = sum(times)
    return TrainedEncodings(
        output,
        words=len(times),
        encodings=len(set(read_as)),
        stable=stable / known,
        stable_before=stable_before / known,
        changed=changed / known,
        outside=outside,
    )
