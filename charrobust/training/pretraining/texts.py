"""What a run reads: packed text to train on and to measure on, and the words of the noisy LM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from charrobust.errors import UserError
from charrobust.models.characters import token_pieces
from charrobust.models.known_words import known_words
from charrobust.perturb.recipe_files import load_recipe
from charrobust.progress import Progress
from charrobust.training.corpora import documents
from charrobust.training.pretraining.collation import NoisyCollator
from charrobust.training.pretraining.configuration import Configuration
from charrobust.training.pretraining.evaluation import HeldOut
from charrobust.training.pretraining.manifest import CORPUS, EVALUATION, VOCABULARY
from charrobust.training.pretraining.packing import PackedCorpus, open_packed, pack
from charrobust.training.pretraining.vocabulary import WordVocabulary

# Share of the blocks, and how many at most, that are measured on: that is done often, and training waits for it.
_HELD_OUT_SHARE, _HELD_OUT_MOST = 0.01, 200


@dataclass(frozen=True)
class Sources:
    """Where text comes from.

    Attributes:
        corpus: Text to train on; may be empty where it is packed already.
        evaluation: Text to measure on; may be empty.
        column: The column that holds the text, where there are columns.
    """

    corpus: Sequence[str | Path]
    evaluation: Sequence[str | Path] = ()
    column: str = "text"


@dataclass(frozen=True)
class Texts:
    """Packed text.

    Attributes:
        configuration: The run.
        tokenizer: The tokenizer that it was packed with.
        corpus: Text to train on.
        blocks: Number of its blocks that are trained on: the first.
        measured: Text to measure on, which may be the same.
        measured_blocks: Numbers of its blocks that are measured on.
        vocabulary: The words of the noisy LM; None without one.
        every_word: Whether the noisy LM is told of words that stay as they are, too.
    """

    configuration: Configuration
    tokenizer: Any
    corpus: PackedCorpus
    blocks: int
    measured: PackedCorpus
    measured_blocks: range
    vocabulary: WordVocabulary | None
    every_word: bool = False

    @property
    def words(self) -> int:
        """Number of words of the noisy LM; 1 without one."""
        if self.vocabulary is None:
            return 1
        return len(self.vocabulary.words)

    def of_lexicon(self, model: Any) -> Texts:
        """Return the same texts for a model whose noisy LM predicts the words of its lexicon.

        Args:
            model: A CharBERT model that recognises words.

        Returns:
            The texts.
        """
        known = tuple(known_words(model.charbert, token_pieces(self.tokenizer)))
        # Others are as the tokenizer's normaliser writes words.
        lowercase = model.config.lexicon_keys == "spelled"
        return replace(self, vocabulary=WordVocabulary(known, lowercase=lowercase), every_word=True)

    def collator(self) -> NoisyCollator:
        """Return what makes batches to train on."""
        data = self.configuration.data
        # Without a masked LM, masks would only hide words from the other losses.
        mask_share = data.mask_share if self.configuration.objective.mlm else 0.0
        return self._collator(
            self.corpus,
            share=data.noise_share,
            mask_share=mask_share,
            seed=self.configuration.training.seed,
            clean=bool(self.configuration.objective.distillation),
        )

    def held_out(self) -> HeldOut:
        """Return what is measured on, with noise and masks that no batch of the training has."""
        data, seed = self.configuration.data, self.configuration.training.seed + 1
        # Two collators, as masks would move the vectors of words, and noise the loss of masked tokens.
        noisy = self._collator(self.measured, share=data.noise_share, mask_share=0.0, seed=seed, clean=True)
        masked = None
        if self.configuration.objective.mlm:
            masked = self._collator(self.measured, share=0.0, mask_share=data.mask_share, seed=seed, clean=False)
        return HeldOut(
            noisy,
            masked,
            blocks=self.measured_blocks,
            batch_size=self.configuration.training.batch_size,
        )

    def _collator(self, corpus: PackedCorpus, **options: Any) -> NoisyCollator:
        data = self.configuration.data
        return NoisyCollator(
            corpus,
            self.tokenizer,
            load_recipe(data.recipe),
            vocabulary=self.vocabulary,
            every_word=self.every_word,
            masking=data.masking,
            **options,
        )


def prepare(
    configuration: Configuration, sources: Sources, output: Path, *, tokenizer: Any, progress: Progress
) -> Texts:
    """Pack text and collect the words of the noisy LM, or open what is there already.

    Args:
        configuration: The run.
        sources: Where text comes from.
        output: The run's folder.
        tokenizer: The backbone's tokenizer.
        progress: Called with the words read so far.

    Returns:
        The packed text to train on and to measure on, with the words of the noisy LM.

    Raises:
        UserError: Text cannot be read or fills no block, or the word vocabulary is missing.
    """
    load_recipe(configuration.data.recipe)  # a mistake in it is told before hours of packing

    def packed(files: Sequence[str | Path], name: str) -> PackedCorpus:
        # A folder appears once its corpus is whole, so that one that is there can be opened.
        if (output / name).is_dir():
            return open_packed(output / name, tokenizer)
        if not files:
            raise UserError(f"{output / name} holds no packed text; give the text of the run as `corpus`")
        texts = documents(files, column=sources.column)
        size = configuration.data.block_size
        return pack(texts, tokenizer, output / name, block_size=size, progress=progress)

    corpus = packed(sources.corpus, CORPUS)
    vocabulary = _vocabulary(configuration, corpus, output / VOCABULARY)
    if sources.evaluation or (output / EVALUATION).is_dir():
        measured = packed(sources.evaluation, EVALUATION)
        blocks, measured_blocks = len(corpus), range(min(len(measured), _HELD_OUT_MOST))
    else:
        # The last blocks, and not random ones: one document at most is on both sides of the border.
        measured, blocks = corpus, _first_held_out(corpus)
        measured_blocks = range(blocks, len(corpus))
    return Texts(
        configuration,
        tokenizer,
        corpus,
        blocks=blocks,
        measured=measured,
        measured_blocks=measured_blocks,
        vocabulary=vocabulary,
    )


def _first_held_out(corpus: PackedCorpus) -> int:
    """Return the first of the last blocks of a corpus, which are not trained on.

    Raises:
        UserError: None would be left to train on.
    """
    held_out = min(max(1, round(_HELD_OUT_SHARE * len(corpus))), _HELD_OUT_MOST)
    if held_out >= len(corpus):
        raise UserError(
            f"the corpus fills one block of {corpus.block_size} tokens, and one is needed to measure on; "
            "give more text, text to measure on (`evaluation`), or a smaller `data.block_size`"
        )
    return len(corpus) - held_out


def _vocabulary(configuration: Configuration, corpus: PackedCorpus, path: Path) -> WordVocabulary | None:
    """Return the words of the noisy LM, from their file where a run goes on."""
    # A channel that recognises words predicts those of its lexicon, which its tokenizer tells.
    if not configuration.objective.nlm or configuration.recognises:
        return None
    # Beside a checkpoint a missing file is an error, which loading tells: other words would have other numbers.
    if path.exists() or any(path.parent.glob("checkpoint-*")):
        return WordVocabulary.load(path)
    vocabulary = WordVocabulary.of_corpus(corpus, configuration.data.word_vocabulary, configuration.data.lowercase)
    vocabulary.save(path)
    return vocabulary
