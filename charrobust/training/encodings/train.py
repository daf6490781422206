"""Training of robust encodings: from running text to a folder that stands before any model as a defence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import compress
from operator import ne
from pathlib import Path

from charrobust.environment import package_versions
from charrobust.errors import UserError, check_lists, hint
from charrobust.files import replacing
from charrobust.perturb import Recipe, load_recipe
from charrobust.perturb.recipe_files import recipe_names
from charrobust.progress import Progress, no_progress
from charrobust.systems.encodings import Encodings
from charrobust.training.corpora import documents, source_name
from charrobust.training.encodings.card import encodings_card
from charrobust.training.encodings.clusters import Clusters
from charrobust.training.encodings.reach import Reach, reach_of
from charrobust.training.encodings.settings import EncodingSettings
from charrobust.training.manifest import recipe_digest, write_manifest
from charrobust.training.pretraining.vocabulary import WordVocabulary
from charrobust.training.word_recognition.running_words import RunningWords

MANIFEST = "training.json"


@dataclass(frozen=True)
class EncodingMeasures:
    """How stable encodings are, and what they change.

    Attributes:
        vocabulary: Number of known words.
        encodings: Number of words that are read for them.
        stable: Share of the known running words of which no typo of the recipe is read otherwise.
        stable_before: The same if each word were read as itself, and its typos as the words that own them.
        changed: Share of them that is read as another word.
        outside: Share of the corpus' words that are not known.
    """

    vocabulary: int
    encodings: int
    stable: float
    stable_before: float
    changed: float
    outside: float


@dataclass(frozen=True)
class TrainedEncodings:
    """What a run yields.

    Attributes:
        output: Folder of the encodings.
        measures: How stable they are.
    """

    output: Path
    measures: EncodingMeasures


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
        UserError: There is something at ``output``, or something given does not serve: text, recipe.
    """
    check_lists(corpus=corpus)
    output, recipe = Path(output), _recipe(settings.recipe)
    if output.exists():
        raise UserError(f"the output {output} exists; give another name or remove it first")
    text = RunningWords.of(documents(corpus, column=column), progress)
    counts = _counts(text)
    vocabulary = WordVocabulary.of(counts, settings.vocabulary, lowercase=True).words
    times = [counts[word] for word in vocabulary]
    known = sum(times)
    reach = reach_of(vocabulary, recipe, progress)
    shares = [count / known for count in times]
    read_as = Clusters(shares, reach.owners, settings.fidelity).merged(progress)
    measures = EncodingMeasures(
        vocabulary=len(vocabulary),
        encodings=len(set(read_as)),
        stable=_share(times, _stable(reach, read_as)),
        stable_before=_share(times, _stable(reach, range(len(vocabulary)))),
        changed=_share(times, map(ne, read_as, range(len(vocabulary)))),
        outside=1 - known / len(text),
    )
    manifest = {
        "configuration": asdict(settings),
        "corpus": list(map(source_name, corpus)),
        "words": len(text),
        "digests": {"corpus": text.digest, "recipe": recipe_digest(recipe)},
        "language": language,
        "versions": package_versions(),
        "measured": asdict(measures),
    }
    encoded = {word: vocabulary[number] for word, number in zip(vocabulary, read_as, strict=True)}
    encodings = Encodings(settings.recipe, encoded, settings.neutral if settings.backoff == "neutral" else None)
    with replacing(output) as folder:
        folder.mkdir()
        encodings.save(folder)
        write_manifest(folder, manifest, MANIFEST)
        (folder / "README.md").write_text(encodings_card(manifest), encoding="utf-8")
    return TrainedEncodings(output, measures)


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


def _stable(reach: Reach, read_as: Sequence[int]) -> list[bool]:
    """Tell of each word whether all its typos are read as it is itself."""
    stable = []
    for word, owners in enumerate(reach.owners):
        readings = {read_as[owner] for owner in owners}
        stable.append(len(readings) == 1 and word not in reach.cut)
    return stable


def _share(times: Sequence[int], counted: Iterable[bool]) -> float:
    """Return the share of running words that count, given how often each word occurs."""
    return sum(compress(times, counted)) / sum(times)
