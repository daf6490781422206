"""What enters layer 0 in the character channel: vectors of characters, or the words that they may stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from .backbones import family_of, make_backbone
from .character_cnn import CharacterCnn
from .character_encoder import CharacterEncoder
from .characters import ALONE, BLANK, CharacterSequences, WordCharacters, build_sequences, build_words, distinct_rows
from .configuration import CharBertConfig
from .given_characters import letters_of_tokens
from .known_words import OTHERWISE, SMALL, letters_of_words, places_in_words
from .pretrained import CharBertPreTrainedModel
from .recognition import Plausible, Recogniser
from .recording import values_are_known
from .shapes import Bool, Float, Int, Shaped
from .word_cache import WordCache, may_be_kept
from .word_context import WordContext, WordOrder, fit

# The released models cut the characters of a text at this many a token.
_RELEASED_CHARACTERS = 6
_KEYS_AT_ONCE = 1024


@dataclass(frozen=True)
class CharacterEntry:
    """What enters the character channel.

    Attributes:
        enter: Makes the input of the character channel from that of the token channel; both of shape (batch, length,
            size).
        plausible: The known words that the word of each token may stand for, with shapes of (batch, length, ...); None
            of channels that recognise no words.
        words: The words of the tokens; None of such channels, too.
        expected: What the text expects in the place of each token's word, shape (batch, length, embedding); None of
            channels without context.
    """

    enter: Callable[[Tensor], Tensor]
    plausible: Plausible | None = None
    words: WordCharacters | None = None
    expected: Float[Tensor, "batch length embedding"] | None = None


class TwoChannelInputs(CharBertPreTrainedModel):
    """A backbone, and a character encoder beside it that makes the input of a second channel."""

    token_characters: Int[Tensor, "vocabulary width"]
    token_roles: Int[Tensor, " vocabulary"]
    lexicon: Int[Tensor, "words ..."]
    lexicon_counts: Int[Tensor, "words cases"]
    token_cases: Int[Tensor, " vocabulary"]

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__(config)
        self.family = family_of(config.body_config)
        self.backbone = make_backbone(config.body_config, keep_pooler=config.keep_pooler)
        size = config.hidden_size
        if config.character_entry != "raw":
            # The size of the word embedding, where characters then enter; states may have another (ALBERT, ELECTRA).
            size = self.get_input_embeddings().embedding_dim
        if config.character_entry == "recognised":
            self.continuation = nn.Parameter(torch.zeros(size))
            # Two directions at two ends, hence four; the recogniser alone reads these vectors, so their size is free.
            size = 4 * (config.character_hidden_size or size // 4)
            self.recogniser = Recogniser(config, size)
            self.context: WordContext | None = None
            if config.recogniser_context_size:
                embedding = self.get_input_embeddings().embedding_dim
                self.context = WordContext(embedding, config.recogniser_context_size)
            self.word_cache = WordCache()
            self._hold_lexicon(config)
        if config.character_rnn == "word":
            self.register_buffer("token_roles", torch.full((config.vocab_size,), ALONE, dtype=torch.int8))
        self.character_encoder: CharacterEncoder | CharacterCnn
        if config.character_encoder == "cnn":
            self.character_encoder = CharacterCnn(config, size)
        else:
            self.character_encoder = CharacterEncoder(config, size)
        # A buffer: saved and moved with the weights, never trained; a saved model knows characters without a tokenizer.
        table = torch.zeros(config.vocab_size, config.max_token_characters, dtype=torch.int32)
        self.register_buffer("token_characters", table)

    def _hold_lexicon(self, config: CharBertConfig) -> None:
        """Make room for what is known of the words of the lexicon."""
        if config.lexicon_keys == "stored":
            self.register_buffer("lexicon", torch.zeros(config.lexicon_size, dtype=torch.int32))
            return
        cases = (config.lexicon_size, 2)
        self.register_buffer("lexicon", torch.zeros(*cases, config.lexicon_tokens, dtype=torch.int32))
        self.register_buffer("lexicon_counts", torch.ones(cases, dtype=torch.int8))
        self.register_buffer("token_cases", torch.zeros(config.vocab_size, dtype=torch.int8))

    def known_letters(self, words: Int[Tensor, " words"]) -> Int[Tensor, "words characters"]:
        """Return the characters of known words, where keys are spelled.

        Args:
            words: Their numbers in the lexicon, shape (words,).

        Returns:
            Character ids, the blank behind them, shape (words, characters).
        """
        width = self.config.max_word_characters
        return letters_of_words(self.lexicon[words], self.lexicon_counts[words], self.token_characters, width)

    def known_embeddings(self, words: Int[Tensor, "*words"]) -> Float[Tensor, "*words embedding"]:
        """Return the backbone's embeddings of known words, the mean over the tokens of each.

        Args:
            words: Their numbers in the lexicon, shape (...).

        Returns:
            Shape (..., embedding).
        """
        embeddings = self.get_input_embeddings().weight
        if self.config.lexicon_keys == "stored":
            return functional.embedding(self.lexicon[words], embeddings)
        # As they are written in small letters. Behind the tokens of a word stand others, which do not count.
        counts = self.lexicon_counts[words, SMALL].unsqueeze(-1)
        counted = torch.arange(self.lexicon.size(-1), device=words.device) < counts
        weights = (counted / counts).to(embeddings.dtype).flatten(0, -2)
        tokens = self.lexicon[words, SMALL].flatten(0, -2)
        # One row a word: the embeddings of all tokens would be a tensor several times as large.
        means = functional.embedding_bag(tokens, embeddings, mode="sum", per_sample_weights=weights)
        return means.view(*words.shape, -1)

    @torch.no_grad()
    def make_keys(self) -> None:
        """Make the keys of known words anew, of the weights as they are; nothing where keys are stored."""
        if self.config.character_entry != "recognised" or self.config.lexicon_keys == "stored":
            return
        letters = self.known_letters(torch.arange(len(self.lexicon), device=self.lexicon.device))
        lengths = (letters != BLANK).sum(1).clamp(min=1)
        # Words of like length together: a recurrent network takes a step for each letter of the longest.
        for words in lengths.argsort(stable=True).split(_KEYS_AT_ONCE):
            vectors = self.character_encoder.words(letters[words, : int(lengths[words].max())])
            self.recogniser.keys.weight[words] = self.recogniser.query(vectors)

    def known_as_read(
        self, input_ids: Int[Tensor, "batch length"], entry: CharacterEntry, asked: Bool[Tensor, "batch length"]
    ) -> Int[Tensor, " asked"]:
        """Return which known word each of some words is, as it is read.

        Args:
            input_ids: Token ids, shape (batch, length).
            entry: What was made of them; of a channel that recognises words.
            asked: The tokens of whose words that is wanted, shape (batch, length).

        Returns:
            Its number in the lexicon, or -1 where it is none, shape (asked,).
        """
        plausible, words = cast(Plausible, entry.plausible).at(asked), cast(WordCharacters, entry.words)
        if self.config.lexicon_keys == "stored":
            # The number in the lexicon of each token of the vocabulary, if it stands for a word.
            numbers = input_ids.new_full((self.config.vocab_size,), -1)
            numbers[self.lexicon.long()] = torch.arange(len(self.lexicon), device=input_ids.device)
            return numbers[input_ids[asked]].masked_fill(~plausible.single, -1)
        read = words.letters[words.place[asked]]
        candidates = self.known_letters(plausible.words.flatten()).view(*plausible.words.shape, -1)
        read = functional.pad(read, (0, candidates.size(-1) - read.size(-1)))
        is_same = (candidates == read.unsqueeze(1)).all(-1)
        return torch.where(is_same, plausible.words, -1).amax(-1)

    def get_input_embeddings(self) -> nn.Embedding:
        """Return the backbone's word embedding."""
        return cast(nn.Embedding, self.backbone.get_input_embeddings())

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the backbone's word embedding."""
        self.backbone.set_input_embeddings(value)

    def character_entry(
        self,
        input_ids: Int[Tensor, "batch length"],
        mask: Shaped[Tensor, "batch length"],
        *,
        sequences: CharacterSequences | None = None,
        visible: Shaped[Tensor, "batch length"] | None = None,
    ) -> CharacterEntry:
        """Return what makes the input of the character channel from that of the token channel.

        Args:
            input_ids: Token ids, shape (batch, length).
            mask: 1 for tokens and 0 for padding, same shape.
            sequences: The characters; None takes those of the tokens.
            visible: 0 for tokens whose characters are not to be seen, shape (batch, length).

        Returns:
            How states of the token channel become those of the character channel.
        """
        if self.config.character_rnn == "sequence":
            if sequences is None:
                sequences = self._sequences(input_ids, mask.bool(), visible)
            return self._unchanged(self.character_encoder(sequences), mask)
        if sequences is None:
            letters = self._letters(input_ids, visible)
        else:
            letters = letters_of_tokens(sequences, self.config.max_token_characters)
        if self.config.character_rnn == "word":
            return self._from_words(letters, input_ids, mask)
        # Tokens are read alone, so that one that occurs often is encoded once.
        distinct, place = distinct_rows(letters.flatten(0, 1))
        vectors = self.character_encoder.words(distinct)
        return self._unchanged(vectors[place.view(input_ids.shape)], mask)

    def _unchanged(
        self, vectors: Float[Tensor, "batch length size"], mask: Shaped[Tensor, "batch length"]
    ) -> CharacterEntry:
        """Let character vectors enter whatever the token channel holds."""
        if self.config.padding == "masked":
            vectors = vectors * mask.unsqueeze(-1)
        entering = vectors.to(self.dtype)
        # The hook hands over the token channel's input, which raw and embedded characters do not look at.
        return CharacterEntry(lambda _: entering)

    def _from_words(
        self,
        letters: Int[Tensor, "batch length width"],
        input_ids: Int[Tensor, "batch length"],
        mask: Shaped[Tensor, "batch length"],
    ) -> CharacterEntry:
        """Encode the characters of each word; each of its tokens gets the word's vector."""
        # Padding must continue no word, whatever token stands for it.
        roles = torch.where(mask.bool(), self.token_roles[input_ids], ALONE)
        words = build_words(letters * mask.bool().unsqueeze(-1), roles, self.config.max_word_characters)
        if self.config.character_entry != "recognised":
            return self._unchanged(self.character_encoder.words(words.letters)[words.place], mask)
        of_words = self._plausible(words)
        plausible, expected = of_words.at(words.place), None
        likely, kept = self._means(plausible, words, input_ids, distinct=of_words)
        if self.context is not None:
            own = functional.embedding(input_ids, self.get_input_embeddings().weight)
            order = WordOrder.of(~words.continues & mask.bool())
            plausible, expected = self._in_context(self.context, kept * own + likely, plausible, order)
            likely, kept = self._means(plausible, words, input_ids)
        # What has no characters (special tokens, hidden ones) is no word, and stays; 0 < kept < 1 elsewhere.
        has_none = (words.letters[:, 0] == BLANK)[words.place].unsqueeze(-1)
        kept = torch.where(has_none, 1.0, kept)
        likely = likely * ~has_none
        return CharacterEntry(lambda own: kept * own + likely, plausible, words, expected)

    def _plausible(self, words: WordCharacters) -> Plausible:
        """Return the known words that each distinct word may stand for, by its characters alone."""
        if self.training and values_are_known():
            # Weights may now change in ways that leave no trace, such as through `data`.
            self.word_cache.forget()
        weights = [*self.character_encoder.parameters(), *self.recogniser.parameters(), self.recogniser.keys.weight]
        if torch.is_grad_enabled():
            return self._read(words.letters, words.single)
        # In full precision whatever the call's: words are few, and what is read may serve later calls.
        with torch.autocast(words.letters.device.type, enabled=False):
            if self.training or not may_be_kept(weights):
                return self._read(words.letters, words.single)
            return self.word_cache.look_up(words.letters, words.single, weights=weights, read=self._read)

    def _read(self, letters: Int[Tensor, "words characters"], single: Bool[Tensor, " words"]) -> Plausible:
        """Return the known words that some words may stand for."""
        return self.recogniser.plausible(self.character_encoder.words(letters), single)

    def _means(
        self,
        plausible: Plausible,
        words: WordCharacters,
        input_ids: Int[Tensor, "batch length"],
        *,
        distinct: Plausible | None = None,
    ) -> tuple[Float[Tensor, "batch length embedding"], Float[Tensor, "batch length 1"]]:
        """Return the mean embedding of known words for each token, and what is left for its own.

        Args:
            plausible: The known words that the word of each token may stand for.
            words: The words.
            input_ids: Token ids, shape (batch, length).
            distinct: The same of each distinct word, where all tokens of a word have the same.

        Returns:
            Shapes (batch, length, embedding) and (batch, length, 1).
        """
        if self.config.lexicon_keys == "spelled":
            return self._mean_in_place(plausible, words, input_ids)
        if distinct is None:
            likely, kept = self._mean(plausible)
        else:
            likely, kept = (values[words.place] for values in self._mean(distinct))
        # Every token of a word gets the whole word's embedding; those behind the first are told apart by a vector.
        return likely + (1 - kept) * words.continues.unsqueeze(-1) * self.continuation, kept

    def _mean(self, plausible: Plausible) -> tuple[Float[Tensor, "*words embedding"], Float[Tensor, "*words 1"]]:
        """Return the mean embedding of known words of one token, and what is left for a word's own tokens."""
        shares, kept = self.recogniser.shares(plausible)
        return self._embedded(shares, self.lexicon[plausible.words]), kept

    def _embedded(
        self, shares: Float[Tensor, "*words candidates"], tokens: Int[Tensor, "*words candidates"]
    ) -> Float[Tensor, "*words embedding"]:
        """Return the mean embedding of tokens; of the encoder's own, which gradients reach if it is trained."""
        embeddings = self.get_input_embeddings().weight
        # Shape (..., candidates, embedding).
        candidates = functional.embedding(tokens, embeddings)
        return torch.einsum("...c,...ce->...e", shares.to(embeddings.dtype), candidates)

    def _mean_in_place(
        self, plausible: Plausible, words: WordCharacters, input_ids: Int[Tensor, "batch length"]
    ) -> tuple[Float[Tensor, "batch length embedding"], Float[Tensor, "batch length 1"]]:
        """Return the mean embedding of the tokens that known words of several have in the place of each token."""
        place = places_in_words(words.continues)
        # A word is written as its first token is.
        first = torch.arange(place.size(1), device=place.device) - place
        case = self.token_cases[input_ids].gather(1, first).unsqueeze(-1).long()
        is_known_case = case != OTHERWISE
        known = plausible.words, case * is_known_case
        at = place.clamp(max=self.config.lexicon_tokens - 1).unsqueeze(-1)
        shares, kept = self.recogniser.shares(plausible)
        shares = shares * is_known_case
        # Where the word has no token of its own for a place, the last one stands again, told apart by a vector.
        again = (shares * (place.unsqueeze(-1) >= self.lexicon_counts[known])).sum(-1, keepdim=True)
        likely = self._embedded(shares, self.lexicon[*known, at]) + again * self.continuation
        return likely, torch.where(is_known_case, kept, 1.0)

    def _in_context(
        self,
        context: WordContext,
        alone: Float[Tensor, "batch length embedding"],
        plausible: Plausible,
        order: WordOrder,
    ) -> tuple[Plausible, Float[Tensor, "batch length embedding"]]:
        """Return the known words with the scores that they have in the text, and what it expects, for each token."""
        rows = torch.arange(alone.size(0), device=alone.device).unsqueeze(1)
        # Once a word, at its first token: the same word stands in other places, too, and is expected there or not.
        expected, keep = context(alone[rows, order.first], order)
        of_words = plausible.at((rows, order.first))
        of_words = of_words.in_context(fit(expected, self.known_embeddings(of_words.words)), keep)
        return of_words.at((rows, order.number)), expected[rows, order.number]

    def _letters(
        self, input_ids: Int[Tensor, "batch length"], visible: Shaped[Tensor, "batch length"] | None
    ) -> Int[Tensor, "batch length width"]:
        """Return the characters of tokens by the table, without those that are hidden."""
        letters = self.token_characters[input_ids].long()
        return letters if visible is None else letters * visible.unsqueeze(-1).long()

    def _sequences(
        self,
        input_ids: Int[Tensor, "batch length"],
        mask: Shaped[Tensor, "batch length"],
        visible: Shaped[Tensor, "batch length"] | None,
    ) -> CharacterSequences:
        """Write the characters of tokens one behind the other."""
        letters = self._letters(input_ids, visible)
        if self.config.padding == "masked":
            return build_sequences(letters, mask, None)
        # The released models read padding as tokens, and have a fixed length.
        return build_sequences(letters, torch.ones_like(mask), _RELEASED_CHARACTERS * input_ids.size(1))
