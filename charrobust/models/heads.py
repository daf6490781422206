"""Heads: pre-training, masked LM, classification of sequences and tokens, question answering, multiple choice."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.modeling_outputs import (
    MaskedLMOutput,
    MultipleChoiceModelOutput,
    QuestionAnsweringModelOutput,
    SequenceClassifierOutput,
    TokenClassifierOutput,
)

from .configuration import CharBertConfig
from .entry import CharacterEntry
from .head_parts import Head, LanguageModel, TransformHead, cross_entropy, labelled_alone, scores_and_loss
from .outputs import CharBertModelOutput, CharBertPreTrainingOutput
from .recognition import noisy_lm_loss
from .shapes import Float, Int, Shaped
from .word_context import expectation_loss

# What the text expects is taught beside the choice among the words that fit the characters, which is what counts.
_EXPECTATION = 0.2


class CharBertForPreTraining(LanguageModel):
    """Masked LM on the token channel, and noisy LM (equation 7) on the character channel.

    The noisy LM predicts the words that were noised: at the end of the character channel, as in the paper, or, where
    the channel recognises words, at its entry.
    """

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__(config)
        self.word_head: TransformHead | None = None
        if config.character_entry != "recognised":
            self.word_head = TransformHead(config, config.hidden_size, config.word_vocabulary_size)
        self.post_init()

    def forward(
        self,
        input_ids: Int[Tensor, "batch length"],
        attention_mask: Shaped[Tensor, "batch length"] | None = None,
        token_type_ids: Int[Tensor, "batch length"] | None = None,
        labels: Int[Tensor, "batch length"] | None = None,
        word_labels: Int[Tensor, "batch length"] | None = None,
        only_labelled: bool = False,
        only_words: bool = False,
        return_dict: bool | None = None,
        **inputs: Any,
    ) -> Any:
        """Predict masked tokens and noised words.

        Args:
            input_ids: See :meth:`CharBertModel.forward`, also for the others that are not named here.
            attention_mask: See there.
            token_type_ids: See there.
            labels: Token ids to predict, -100 where none, shape (batch, length).
            word_labels: Words to predict, -100 where none, same shape: word ids on every sub-token of a noised word;
                where the channel recognises words, numbers in the lexicon, or -1 where a word's own tokens are right.
            only_labelled: Whether to score the positions that have a label alone, which saves most of the work of
                the heads; scores then have the shapes (labels, vocabulary), and are None without labels.
            only_words: Whether to recognise words alone, without a run through the transformer: the output then has
                neither states nor scores of tokens.
            return_dict: Whether to return an object.
            inputs: Further arguments of :class:`CharBertModel`.

        Returns:
            Losses and scores of both tasks, as :class:`CharBertPreTrainingOutput`; a tuple without ``return_dict``.

        Raises:
            ValueError: Words alone are wanted of a channel that does not recognise any.
        """
        if self.word_head is not None:
            if only_words:
                raise ValueError("only_words needs a channel that recognises words: character_entry = 'recognised'")
            out = self.charbert(input_ids, attention_mask, token_type_ids, return_dict=True, **inputs)
            at_end = out.character_last_hidden_state
            words = self._words_at_end(self.word_head, at_end, word_labels, only_labelled=only_labelled)
        else:
            mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
            entry = self.charbert.character_entry(input_ids, mask, visible=inputs.get("character_mask"))
            words = self._words_at_entry(entry, input_ids, word_labels)
            out = CharBertModelOutput()
            if not only_words:
                inputs["entry"] = entry
                out = self.charbert(input_ids, attention_mask, token_type_ids, return_dict=True, **inputs)
        states = out.last_hidden_state
        if only_labelled and states is not None:
            states, labels = labelled_alone(states, labels)
        logits, mlm = scores_and_loss(self.lm_head, states, labels)
        losses = [loss for loss in (mlm, words["nlm_loss"]) if loss is not None]
        output = CharBertPreTrainingOutput(
            loss=torch.stack(losses).sum() if losses else None,
            mlm_loss=mlm,
            logits=logits,
            last_hidden_state=out.last_hidden_state,
            character_last_hidden_state=out.character_last_hidden_state,
            hidden_states=out.hidden_states,
            character_hidden_states=out.character_hidden_states,
            **words,
        )
        return self._as_asked(output, return_dict)

    def _words_at_end(
        self,
        head: TransformHead,
        states: Float[Tensor, "batch length size"],
        labels: Int[Tensor, "batch length"] | None,
        *,
        only_labelled: bool,
    ) -> dict[str, Any]:
        """Predict noised words from the last layer of the character channel."""
        chosen: Tensor | None = states
        if only_labelled:
            chosen, labels = labelled_alone(states, labels)
        scores, loss = scores_and_loss(head, chosen, labels)
        predictions = None if scores is None else scores.argmax(-1)
        return {"nlm_loss": loss, "word_logits": scores, "words": predictions}

    def _words_at_entry(
        self, entry: CharacterEntry, input_ids: Int[Tensor, "batch length"], labels: Int[Tensor, "batch length"] | None
    ) -> dict[str, Any]:
        """Predict words from their characters, and the words around them."""
        if entry.plausible is None or entry.words is None or labels is None:
            return {"nlm_loss": None}
        labelled = labels != -100
        # A word is asked for once, where it begins: one that noise split begins twice.
        asked = labelled & ~entry.words.continues
        own = self.charbert.known_as_read(input_ids, entry, asked)
        loss = noisy_lm_loss(entry.plausible.at(asked), labels[asked], own)
        if entry.expected is not None:
            loss = loss + _EXPECTATION * self._expectation(entry.expected[asked], labels[asked], own)
        return {"nlm_loss": loss, "words": entry.plausible.at(labelled).best}

    def _expectation(
        self, expected: Float[Tensor, "asked embedding"], labels: Int[Tensor, " asked"], own: Int[Tensor, " asked"]
    ) -> Float[Tensor, ""]:
        """Return the loss of what the text alone expects, in the places of words that are known."""
        word = torch.where(labels < 0, own, labels)
        is_known = word >= 0
        distinct, target = word[is_known].unique(return_inverse=True)
        return expectation_loss(expected[is_known], self.charbert.known_embeddings(distinct), target)


class CharBertForMaskedLM(LanguageModel):
    """Masked LM on the token channel."""

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__(config)
        self.post_init()

    def forward(
        self,
        input_ids: Int[Tensor, "batch length"] | None = None,
        attention_mask: Shaped[Tensor, "batch length"] | None = None,
        token_type_ids: Int[Tensor, "batch length"] | None = None,
        labels: Int[Tensor, "batch length"] | None = None,
        return_dict: bool | None = None,
        **inputs: Any,
    ) -> Any:
        """Predict masked tokens; arguments as for :class:`CharBertForPreTraining`."""
        out = self.charbert(input_ids, attention_mask, token_type_ids, return_dict=True, **inputs)
        logits = self.lm_head(out.last_hidden_state)
        loss = None if labels is None else cross_entropy(logits, labels)
        return self._scored(MaskedLMOutput, out, return_dict, loss=loss, logits=logits)


class CharBertForSequenceClassification(Head):
    """Classes of a text or a pair, or a number (``num_labels = 1``)."""

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__(config)
        self.classifier = nn.Linear(2 * config.hidden_size, config.label_count)
        self.post_init()

    def forward(
        self,
        input_ids: Int[Tensor, "batch length"] | None = None,
        attention_mask: Shaped[Tensor, "batch length"] | None = None,
        token_type_ids: Int[Tensor, "batch length"] | None = None,
        labels: Shaped[Tensor, " batch *several"] | None = None,
        return_dict: bool | None = None,
        **inputs: Any,
    ) -> Any:
        """Classify; ``labels`` of shape (batch,), or (batch, labels) where several hold at once."""
        out = self.charbert(input_ids, attention_mask, token_type_ids, return_dict=True, **inputs)
        logits = self.classifier(self.dropout(self._pooled(out, attention_mask)))
        loss = None if labels is None else self._loss(logits, labels)
        return self._scored(SequenceClassifierOutput, out, return_dict, loss=loss, logits=logits)

    def _loss(self, logits: Float[Tensor, "batch labels"], labels: Shaped[Tensor, " batch *several"]) -> Tensor:
        problem = self.config.problem_type
        if problem == "regression" or (problem is None and self.config.num_labels == 1):
            # Of one shape with the labels: (batch, 1) and (batch,) would be broadcast to all pairs of texts.
            predictions = logits.squeeze(-1)
            return functional.mse_loss(predictions, labels.to(logits.dtype).reshape(predictions.shape))
        # Floating-point labels are one yes or no a class, several of which may hold; whole numbers name the only one.
        if problem == "multi_label_classification" or labels.is_floating_point():
            return functional.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype))
        return cross_entropy(logits, labels)


class CharBertForTokenClassification(Head):
    """A class of each token: named entities, parts of speech."""

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__(config)
        self.classifier = nn.Linear(2 * config.hidden_size, config.label_count)
        self.post_init()

    def forward(
        self,
        input_ids: Int[Tensor, "batch length"] | None = None,
        attention_mask: Shaped[Tensor, "batch length"] | None = None,
        token_type_ids: Int[Tensor, "batch length"] | None = None,
        labels: Int[Tensor, "batch length"] | None = None,
        return_dict: bool | None = None,
        **inputs: Any,
    ) -> Any:
        """Classify tokens; ``labels`` of shape (batch, length), -100 where none."""
        out = self.charbert(input_ids, attention_mask, token_type_ids, return_dict=True, **inputs)
        logits = self.classifier(self.dropout(self._both(out)))
        loss = None if labels is None else cross_entropy(logits, labels)
        return self._scored(TokenClassifierOutput, out, return_dict, loss=loss, logits=logits)


class CharBertForQuestionAnswering(Head):
    """Start and end of an answer."""

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__(config)
        self.qa_outputs = nn.Linear(2 * config.hidden_size, 2)
        self.post_init()

    def forward(
        self,
        input_ids: Int[Tensor, "batch length"] | None = None,
        attention_mask: Shaped[Tensor, "batch length"] | None = None,
        token_type_ids: Int[Tensor, "batch length"] | None = None,
        start_positions: Int[Tensor, " batch *one"] | None = None,
        end_positions: Int[Tensor, " batch *one"] | None = None,
        return_dict: bool | None = None,
        **inputs: Any,
    ) -> Any:
        """Score starts and ends; positions of shape (batch,), those outside the sequence do not count."""
        out = self.charbert(input_ids, attention_mask, token_type_ids, return_dict=True, **inputs)
        start, end = self.qa_outputs(self._both(out)).unbind(-1)
        loss = None
        if start_positions is not None and end_positions is not None:
            # Positions beyond the text all become one more class, behind the last position, which is ignored.
            outside = start.size(1)
            start_loss = cross_entropy(start, start_positions.view(-1).clamp(0, outside), ignore=outside)
            end_loss = cross_entropy(end, end_positions.view(-1).clamp(0, outside), ignore=outside)
            loss = (start_loss + end_loss) / 2
        return self._scored(
            QuestionAnsweringModelOutput, out, return_dict, loss=loss, start_logits=start, end_logits=end
        )


class CharBertForMultipleChoice(Head):
    """The best of several texts."""

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__(config)
        self.classifier = nn.Linear(2 * config.hidden_size, 1)
        self.post_init()

    def forward(
        self,
        input_ids: Int[Tensor, "batch choices length"] | None = None,
        attention_mask: Shaped[Tensor, "batch choices length"] | None = None,
        token_type_ids: Int[Tensor, "batch choices length"] | None = None,
        labels: Int[Tensor, " batch"] | None = None,
        return_dict: bool | None = None,
        **inputs: Any,
    ) -> Any:
        """Score choices: inputs of shape (batch, choices, length), ``labels`` of shape (batch,)."""
        if input_ids is None:
            raise ValueError("expected input_ids of shape (batch, choices, length)")
        # Each choice is a text of its own to the model.
        inputs |= {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
        for name, value in inputs.items():
            if isinstance(value, Tensor):
                inputs[name] = value.flatten(0, 1)
        out = self.charbert(return_dict=True, **inputs)
        pooled = self._pooled(out, inputs["attention_mask"])
        logits = self.classifier(self.dropout(pooled)).view(input_ids.shape[:2])
        loss = None if labels is None else cross_entropy(logits, labels)
        return self._scored(MultipleChoiceModelOutput, out, return_dict, loss=loss, logits=logits)
