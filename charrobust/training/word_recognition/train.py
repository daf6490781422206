"""Training of a word recogniser: from running text to a folder that stands before any model as a defence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import torch

from charrobust.environment import package_versions
from charrobust.errors import DataError, UserError, check_lists
from charrobust.models.semi_character import SemiCharacterConfig, SemiCharacterRecogniser
from charrobust.perturb import Recipe, load_recipe
from charrobust.progress import Progress, no_progress
from charrobust.systems.recognition import WordRecognition
from charrobust.systems.restoration import SPELLING, Restorer
from charrobust.systems.spelling import Spelling
from charrobust.training.corpora import documents, source_name
from charrobust.training.manifest import recipe_digest
from charrobust.training.pretraining.vocabulary import WordVocabulary
from charrobust.training.run import Run, RunKind
from charrobust.training.word_recognition.card import recogniser_card
from charrobust.training.word_recognition.data import Readings, alphabet_of
from charrobust.training.word_recognition.errors import WordErrors, word_errors
from charrobust.training.word_recognition.running_words import RunningWords
from charrobust.training.word_recognition.settings import RecogniserSettings
from charrobust.training.word_recognition.steps import CHECKPOINT, Training

RECOGNISER = RunKind(
    manifest="recogniser.json",
    settings=RecogniserSettings,
    fixed=("corpus", "evaluation", "words", "vocabulary", "digests"),
    content="the text",
)
_SHARE = 10  # the most of a corpus that is held out is one part in this many


@dataclass(frozen=True)
class TrainedRecogniser:
    """What a run yields.

    Attributes:
        output: Folder of the recogniser.
        words: Words of the vocabulary.
        outside: Share of the corpus' words that are not among them.
        errors: Word error rates on held-out text.
    """

    output: Path
    words: int
    outside: float
    errors: list[WordErrors]


def train_recogniser(
    settings: RecogniserSettings,
    corpus: Sequence[str | Path],
    output: str | Path,
    *,
    background: str | Path | None = None,
    evaluation: Sequence[str | Path] = (),
    column: str = "text",
    language: str | None = None,
    resume: bool = False,
    progress: Progress = no_progress,
) -> TrainedRecogniser:
    """Train a word recogniser on running text, and write it with all that tells how it came about.

    ``output`` then holds the network, ``README.md`` (a model card), ``recogniser.json`` (settings, versions, measures),
    ``metrics.jsonl`` and, with the back-off ``background``, the second recogniser.

    Args:
        settings: What the run is made of.
        corpus: Text to train on; see :func:`charrobust.training.corpora.documents`.
        output: Folder to write.
        background: Folder of the recogniser that is fallen back on; with the back-off ``background`` alone.
        evaluation: Text to measure on; without any, the last documents of the corpus, which are then not trained on.
        column: The column that holds the text, where there are columns.
        language: Language of the corpus for the model card, such as ``en``; on resumption, None for that of the run.
        resume: Whether to go on from the checkpoint that an interrupted run left there, exactly as if there had been
            no end.
        progress: Called with a stage, how far it is, where it ends (0 if unknown) and the newest metrics.

    Returns:
        Where the recogniser was written, and what was measured.

    Raises:
        UserError: Something given does not serve: text, folder, recipe, background; or, on resumption, the settings or
            the text differ from those of the run.
        Interrupted: A signal ended the run.
    """
    check_lists(corpus=corpus, evaluation=evaluation)
    output, recipe = Path(output), load_recipe(settings.recipe)
    fallback = _background(settings, background)
    texts = _read_texts(settings, corpus, evaluation=evaluation, column=column, progress=progress)
    # Right before the network, whose first weights are random, whatever this process has drawn before.
    torch.manual_seed(settings.seed)
    network = _network(settings, recipe, texts.learnt)
    digests = {
        "corpus": texts.learnt.digest,
        "measured": texts.measured.digest,
        "recipe": recipe_digest(recipe),
        "background": None if fallback is None else fallback.fingerprint,
    }
    outside = _outside(texts.learnt, network)
    manifest = {
        "configuration": asdict(settings),
        "corpus": list(map(source_name, corpus)),
        "evaluation": list(map(source_name, evaluation)),
        "words": len(texts.learnt),
        "vocabulary": len(network.words),
        "digests": digests,
        "outside": outside,
        "language": language,
        "versions": package_versions(),
    }
    run = Run(RECOGNISER, output, manifest, resumes=resume, progress=progress)
    run.manifest["language"] = language or run.manifest.get("language")
    if resume and not (output / CHECKPOINT).exists():
        raise UserError(f"{output} holds no interrupted run to resume: there is no {CHECKPOINT}; leave out `resume`")
    with run.claimed():
        readings = Readings(texts.learnt, network, recipe=recipe, settings=settings)
        Training(run, settings, network=network, readings=readings).run()
        recogniser = WordRecognition(network.cpu(), None if fallback is None else fallback.network)
        progress("measuring", 0, 0, {})
        errors = word_errors(texts.measured.documents(), recipe, _compared(recogniser), seed=settings.seed + 1)
        recogniser.save(output)
        run.manifest["measured"] = list(map(asdict, errors))
        run.finish(recogniser_card(run.manifest, errors))
        # Only now: until the card is there, the run can still be resumed.
        (output / CHECKPOINT).unlink(missing_ok=True)
    return TrainedRecogniser(output, len(network.words), outside, errors=errors)


def _background(settings: RecogniserSettings, folder: str | Path | None) -> WordRecognition | None:
    """Load the recogniser that is fallen back on."""
    wanted = settings.backoff == "background"
    if wanted and folder is None:
        raise UserError("the back-off background needs a second recogniser; name its folder as `background`")
    if folder is not None and not wanted:
        raise UserError(
            f"a background recogniser is given, but the back-off is {settings.backoff}; leave out `background`, or "
            "give `backoff` = background"
        )
    if folder is None:
        return None
    return WordRecognition.load(Path(folder))


@dataclass(frozen=True)
class _Texts:
    """Text to train on, and text to measure on."""

    learnt: RunningWords
    measured: RunningWords


def _read_texts(
    settings: RecogniserSettings,
    corpus: Sequence[str | Path],
    *,
    evaluation: Sequence[str | Path],
    column: str,
    progress: Progress,
) -> _Texts:
    """Read text; without any to measure on, the last documents of the corpus are held out."""
    learnt = RunningWords.of(documents(corpus, column=column), progress)
    if evaluation:
        return _Texts(learnt, RunningWords.of(documents(evaluation, column=column), progress))
    learnt, measured = learnt.split(min(settings.held_out, len(learnt) // _SHARE))
    if not len(learnt):
        raise DataError(
            "the corpus is one document, and one is needed to measure on; give more text, one document a line, or "
            "text to measure on (`evaluation`)"
        )
    return _Texts(learnt, measured)


def _network(settings: RecogniserSettings, recipe: Recipe, text: RunningWords) -> SemiCharacterRecogniser:
    """Build a network for the words of a text."""
    counts = text.counts()
    words = WordVocabulary.of(counts, settings.vocabulary, lowercase=True).words
    config = SemiCharacterConfig(
        alphabet=alphabet_of(counts),
        hidden_size=settings.hidden_size,
        word_size=settings.word_size,
        dropout=settings.dropout,
        shortest=max(1, recipe.min_length - 1),  # where a letter was left out, the word is shorter by one
        backoff=settings.backoff,
        neutral=settings.neutral,
    )
    return SemiCharacterRecogniser(config, words).to("cuda" if torch.cuda.is_available() else "cpu")


def _outside(text: RunningWords, network: SemiCharacterRecogniser) -> float:
    """Return the share of words that are not in the vocabulary."""
    missed = 0
    for word, times in text.counts().items():
        if word.lower() not in network.classes:
            missed += times
    return missed / len(text)


def _compared(recogniser: WordRecognition) -> dict[str, Restorer]:
    """Return the recogniser, and beside it the spelling corrector where that is installed."""
    restorers: dict[str, Restorer] = {}
    if find_spec("symspellpy"):
        restorers[SPELLING] = Spelling.load()
    restorers[recogniser.name] = recogniser
    return restorers
