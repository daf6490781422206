"""Configuration of CharBERT models."""

from __future__ import annotations

from typing import Any, cast

from transformers import AutoConfig, PreTrainedConfig
from transformers.configuration_utils import SubConfigSpec

CHOICES = {
    "interaction": ("gated", "highway", "released", "paper"),
    "character_encoder": ("gru", "cnn"),
    "character_rnn": ("sequence", "token", "word"),
    "character_entry": ("raw", "embedded", "recognised"),
    "lexicon_keys": ("stored", "spelled"),
    "padding": ("masked", "released"),
}


class CharBertConfig(PreTrainedConfig):
    """What a CharBERT model is made of (Ma et al., COLING 2020).

    Attributes:
        backbone_config: Configuration of the transformer that both channels run through.
        interaction: ``gated`` (the identity on the token channel at initialisation), ``highway`` (the same, each
            channel a mean of both weighted by position), ``released`` (what the published weights compute) or
            ``paper`` (equations 3 to 6).
        interaction_layers: Numbers of the layers after which the channels interact; None for all. Behind the last
            of them the channels merge, and the remaining layers run once.
        interaction_shared: Whether one set of interaction weights serves all layers, as in the published models.
        character_encoder: ``gru`` reads characters by a bidirectional GRU (the paper), ``cnn`` by convolutions of
            several widths (ELMo), which know no sequence.
        character_rnn: ``word`` reads the characters of each word's tokens together, ``token`` those of each token
            alone, ``sequence`` those of the whole input (the paper).
        character_entry: ``raw`` lets character vectors enter layer 0 as they are (the paper), ``embedded`` takes
            them through the backbone's positions and normalisation; ``recognised`` puts in their place the mean
            embedding of the known words that each word may stand for (see :mod:`.recognition`).
        padding: ``masked`` keeps padding out of the recurrent network, the convolution and the mean; ``released``
            lets it in, as the published weights expect.
        character_vocabulary: The characters, by id; id 0 is the blank of special tokens, gaps and padding.
        character_embedding_size: Size of character embeddings.
        character_hidden_size: Size of the recurrent network in each direction; None for a quarter of what enters.
            Only ``recognised`` leaves the choice.
        max_token_characters: Width of the table of each token's characters.
        max_word_characters: Characters of a word that ``character_rnn = "word"`` reads at most.
        lexicon_size: Number of known words, for ``recognised``.
        lexicon_keys: By what known words are looked up: ``stored``, a weight of each word, for words of one token;
            ``spelled``, by what their own characters ask for, for words of a list, of several tokens, small or with a
            capital (see :mod:`.known_words`).
        lexicon_tokens: Most tokens of a known word, where keys are spelled.
        lexicon_key_size: Size of the vectors by which known words are looked up.
        lexicon_candidates: Number of known words that share in a mean.
        recogniser_context_size: Size of the recurrent network over words that tells which known words the text makes
            likely, in each direction; 0 for none, each word being recognised by its own characters alone.
        fold: Whether its tokenizer is to fold look-alikes, invisible characters and full width, see
            :func:`charrobust.models.folding.folded`; one that is loaded beside the model by its name then does.
        word_vocabulary_size: Size of the word vocabulary of the noisy language model.
        keep_pooler: Whether the backbone keeps its pooler.
        backbone_name: Where the backbone comes from; a channel that is kept apart joins it on loading.
        initializer_range: Standard deviation of new weights.
    """

    model_type = "charbert"
    sub_configs_defaults = {"backbone_config": SubConfigSpec(config_class=AutoConfig, model_type="bert")}  # noqa: RUF012

    backbone_config: dict[str, Any] | PreTrainedConfig | None = None
    interaction: str = "gated"
    interaction_layers: list[int] | None = None
    interaction_shared: bool = True
    character_encoder: str = "gru"
    character_rnn: str = "word"
    character_entry: str = "raw"
    padding: str = "masked"
    character_vocabulary: list[str] | None = None
    character_embedding_size: int = 256
    character_hidden_size: int | None = None
    max_token_characters: int = 16
    max_word_characters: int = 24
    lexicon_size: int = 0
    lexicon_keys: str = "stored"
    lexicon_tokens: int = 4
    lexicon_key_size: int = 96
    lexicon_candidates: int = 16
    recogniser_context_size: int = 0
    fold: bool = False
    word_vocabulary_size: int = 30_000
    keep_pooler: bool = False
    backbone_name: str | None = None
    initializer_range: float = 0.02
    tie_word_embeddings: bool = True
    classifier_dropout: float = 0.1

    def __post_init__(self, **kwargs: Any) -> None:
        """Check the choices.

        Args:
            kwargs: Further fields of :class:`transformers.PreTrainedConfig`.

        Raises:
            ValueError: A choice is not known, or a layer is not there.
        """
        super().__post_init__(**kwargs)
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name} = {getattr(self, name)!r} is not known; expected one of {', '.join(known)}")
        if self.character_entry == "recognised" and (self.character_rnn != "word" or self.lexicon_size < 1):
            raise ValueError(
                f"character_entry = 'recognised' needs whole words and a lexicon: expected character_rnn = 'word' and "
                f"lexicon_size of 1 or more, got {self.character_rnn!r} and {self.lexicon_size}"
            )
        if self.character_encoder == "cnn" and self.character_rnn == "sequence":
            raise ValueError(
                "character_encoder = 'cnn' reads words and tokens by themselves: expected character_rnn = 'word' or "
                "'token', got 'sequence', which needs character_encoder = 'gru'"
            )
        if self.character_hidden_size is not None and self.character_entry != "recognised":
            raise ValueError("character_hidden_size is set, but only character_entry = 'recognised' leaves the choice")
        if self.character_vocabulary is None:
            self.character_vocabulary = [""]
        if self.interaction_layers is not None:
            self._check_layers(self.interaction_layers)
        self.pad_token_id = self.body_config.pad_token_id

    def _check_layers(self, layers: list[int]) -> None:
        last = self.num_hidden_layers - 1
        if not layers or min(layers) < 0 or max(layers) > last:
            raise ValueError(
                f"interaction_layers = {layers}: expected at least one of 0 to {last}, the layers of the backbone"
            )

    @property
    def body_config(self) -> PreTrainedConfig:
        """Configuration of the backbone, which the library has made an object of by now."""
        return cast(PreTrainedConfig, self.backbone_config)

    @property
    def characters(self) -> list[str]:
        """The characters by id, behind the blank."""
        return cast(list[str], self.character_vocabulary)

    @property
    def label_count(self) -> int:
        """Number of labels; the library types it as one that may be missing, and always sets it."""
        return cast(int, self.num_labels)

    @property
    def hidden_size(self) -> int:
        """Size of the backbone's states."""
        return int(self.body_config.hidden_size)

    @property
    def vocab_size(self) -> int:
        """Size of the backbone's vocabulary."""
        return int(self.body_config.vocab_size)

    @vocab_size.setter
    def vocab_size(self, value: int) -> None:
        self.body_config.vocab_size = value

    @property
    def num_hidden_layers(self) -> int:
        """Number of the backbone's layers."""
        return int(self.body_config.num_hidden_layers)

    @property
    def interacting(self) -> tuple[int, ...]:
        """Numbers of the layers after which the channels interact, in order."""
        if self.interaction_layers is None:
            return tuple(range(self.num_hidden_layers))
        return tuple(sorted(self.interaction_layers))

    @property
    def merges_after(self) -> int | None:
        """Number of the layer behind which the channels merge; None where they stay two to the end."""
        last = self.interacting[-1]
        return last if last < self.num_hidden_layers - 1 else None
