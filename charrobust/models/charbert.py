"""CharBertModel: a token channel and a character channel through one transformer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from transformers.utils import ModelOutput

from .backbones import family_of, find, halve, make_backbone, module_at
from .character_encoder import CharacterEncoder
from .characters import ALONE, BLANK, CharacterSequences, build_sequences, build_words
from .configuration import CharBertConfig
from .interaction import INTERACTIONS, GatedMerge, ReleasedInteraction
from .pretrained import CharBertPreTrainedModel
from .recognition import Recogniser

# The released models cut the characters of a text at this many a token.
_RELEASED_CHARACTERS = 6


@dataclass
class CharBertModelOutput(ModelOutput):
    """States of both channels.

    Attributes:
        last_hidden_state: Token channel, shape (batch, length, size).
        character_last_hidden_state: Character channel, same shape; the same tensor where the channels merged.
        pooler_output: Pooled token channel, shape (batch, size), if the backbone keeps its pooler.
        character_pooler_output: Pooled character channel.
        hidden_states: Token channel: input of layer 0, then the output of each layer after the interaction.
        character_hidden_states: Character channel; as long as the channels are two.
        attentions: Attention weights of the token channel, by layer.
        character_attentions: Those of the character channel, as long as the channels are two.
    """

    last_hidden_state: Tensor | None = None
    character_last_hidden_state: Tensor | None = None
    pooler_output: Tensor | None = None
    character_pooler_output: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    character_hidden_states: tuple[Tensor, ...] | None = None
    attentions: tuple[Tensor, ...] | None = None
    character_attentions: tuple[Tensor, ...] | None = None


@dataclass
class _Run:
    """What the hooks need to know of the call under way."""

    entering: Callable[[Tensor], Tensor]
    mask: Tensor | None
    batch: int
    layer: int = 0
    merged: bool = False
    states: list[tuple[Tensor, Tensor]] | None = None


class CharBertModel(CharBertPreTrainedModel):
    """A transformer with a token channel and a character channel that interact after its layers.

    Ma, Cui, Si, Liu, Wang, Hu: CharBERT, COLING 2020. Characters come from a table by token id, so that any
    tokenizer, collator and pipeline of the backbone serves; sequences given explicitly are taken instead.
    """

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__(config)
        self.family = family_of(config.backbone_config)
        self.backbone = make_backbone(config.backbone_config, keep_pooler=config.keep_pooler)
        size = config.hidden_size
        if config.character_entry != "raw":
            size = find(self.backbone, (self.family.words,)).embedding_dim
        if config.character_entry == "recognised":
            self.recogniser = Recogniser(config, 4 * (config.character_hidden_size or size // 4))
            self.continuation = nn.Parameter(torch.zeros(size))
            self.register_buffer("lexicon", torch.zeros(config.lexicon_size, dtype=torch.int32))
            size = 4 * (config.character_hidden_size or size // 4)
        if config.character_rnn == "word":
            self.register_buffer("token_roles", torch.full((config.vocab_size,), ALONE, dtype=torch.int8))
        self.character_encoder = CharacterEncoder(config, size)
        count = 1 if config.interaction_shared else len(config.interacting)
        self.interactions = nn.ModuleList(INTERACTIONS[config.interaction](config) for _ in range(count))
        merges = config.interacting[-1] < config.num_hidden_layers - 1
        self.merge = GatedMerge(size=config.hidden_size) if merges and config.interaction != "highway" else None
        self._merges_after = config.interacting[-1] if merges else None
        self.register_buffer(
            "token_characters", torch.zeros(config.vocab_size, config.max_token_characters, dtype=torch.int32)
        )
        self._accepted = set(inspect.signature(self.backbone.forward).parameters)
        self._interacting = config.interacting
        self._run: _Run | None = None
        self._attach_hooks()
        self.post_init()

    def _attach_hooks(self) -> None:
        entry = self.family.entry if self.config.character_entry == "raw" else (self.family.words,)
        find(self.backbone, entry).register_forward_hook(self._enter)
        for layer in self.backbone.get_submodule(self.family.layers):
            layer.register_forward_pre_hook(self._before_layer, with_kwargs=True)
            layer.register_forward_hook(self._after_layer)
        between = module_at(self.backbone, self.family.between)
        if between is not None:
            between.register_forward_pre_hook(self._before_layer, with_kwargs=True)

    def get_input_embeddings(self) -> nn.Module:
        """Return the backbone's word embedding."""
        return self.backbone.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the backbone's word embedding."""
        self.backbone.set_input_embeddings(value)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        char_input_ids: Tensor | None = None,
        start_ids: Tensor | None = None,
        end_ids: Tensor | None = None,
        character_mask: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        return_dict: bool | None = None,
    ) -> CharBertModelOutput | tuple[Tensor, ...]:
        """Run both channels.

        Args:
            input_ids: Token ids, shape (batch, length).
            attention_mask: 1 for tokens and 0 for padding, same shape.
            token_type_ids: Segments, same shape, for backbones that have them.
            position_ids: Positions, same shape, for backbones that take them.
            char_input_ids: Character ids, shape (batch, characters); None takes those of the tokens.
            start_ids: Place of each token's first character, shape (batch, length).
            end_ids: Place of its last.
            character_mask: 0 for tokens whose characters are not to be seen, shape (batch, length).
            output_hidden_states: Whether to return the states after each layer.
            output_attentions: Whether to return attention weights.
            return_dict: Whether to return an object; None takes the configuration's.

        Raises:
            ValueError: Characters without positions, positions outside them, or no ``input_ids``.
        """
        if input_ids is None:
            raise ValueError("expected input_ids: characters belong to tokens, so embeddings cannot stand in for them")
        if getattr(self, "_is_replica", False):
            raise RuntimeError(
                "torch.nn.DataParallel cannot run two channels: several GPUs are visible, but the launch is not "
                "distributed. Start with torchrun or accelerate launch, or show one GPU only (CUDA_VISIBLE_DEVICES=0)"
            )
        rows = self.get_input_embeddings().weight.size(0)
        if self.token_characters.size(0) != rows:
            raise ValueError(
                f"the character table has {self.token_characters.size(0)} rows, the vocabulary {rows} tokens: they do "
                "not belong together; use resize_token_embeddings, or build the model with from_backbone"
            )
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        entering = self._entering(input_ids, mask, char_input_ids, start_ids, end_ids, character_mask)
        output_hidden_states = (
            self.config.output_hidden_states if output_hidden_states is None else output_hidden_states
        )
        run = _Run(
            entering,
            None if self._pads_nothing(mask) else mask.unsqueeze(-1).to(self.dtype),
            input_ids.size(0),
            states=[] if output_hidden_states else None,
        )
        given = {"token_type_ids": token_type_ids, "position_ids": position_ids}
        stacked = {
            name: value.repeat(2, 1) for name, value in given.items() if value is not None and name in self._accepted
        }
        self._run = run
        folding = [module for module in self.interactions if isinstance(module, ReleasedInteraction)]
        try:
            for module in folding:
                module.prepare(input_ids.numel())
            out = self.backbone(
                input_ids=input_ids.repeat(2, 1),
                attention_mask=mask.repeat(2, 1),
                output_attentions=bool(
                    self.config.output_attentions if output_attentions is None else output_attentions
                ),
                return_dict=True,
                **stacked,
                **self.family.inputs,
            )
        finally:
            self._run = None
            for module in folding:
                module.release()
        return self._answer(self._result(out, run), return_dict)

    def _pads_nothing(self, mask: Tensor) -> bool:
        """Tell whether padding is let in, or there is none; looked up only where that costs no waiting."""
        if self.config.padding == "released":
            return True
        return mask.device.type == "cpu" and not torch.compiler.is_compiling() and bool(mask.all())

    def _entering(
        self,
        input_ids: Tensor,
        mask: Tensor,
        characters: Tensor | None,
        start: Tensor | None,
        end: Tensor | None,
        seen: Tensor | None,
    ) -> Callable[[Tensor], Tensor]:
        """Return what makes the input of the character channel from that of the token channel.

        Both have the shape (batch, length, size).
        """
        if characters is None and (start is not None or end is not None):
            raise ValueError("start_ids and end_ids were given without char_input_ids; give all three or none")
        if characters is not None and seen is not None:
            raise ValueError("character_mask hides characters of tokens; leave hidden ones out of char_input_ids")
        if self.config.character_rnn == "sequence":
            found = self._sequences(input_ids, mask.bool(), characters, start, end, seen)
            vectors = self.character_encoder(found.characters, found.start, found.end, found.lengths)
        else:
            if characters is None:
                letters = self._letters(input_ids, seen)
            else:
                letters = self._given_letters(self._sequences(input_ids, mask.bool(), characters, start, end))
            if self.config.character_rnn == "word":
                return self._from_words(letters, input_ids, mask)
            # a token's vector depends on its characters alone, so each is computed once
            distinct, place = torch.unique(letters.flatten(0, 1), dim=0, return_inverse=True)
            vectors = self.character_encoder.words(distinct)[place.view(input_ids.shape)]
        return self._unchanged(vectors, mask)

    def _unchanged(self, vectors: Tensor, mask: Tensor) -> Callable[[Tensor], Tensor]:
        """Let character vectors enter whatever the token channel holds."""
        entering = (vectors * mask.unsqueeze(-1) if self.config.padding == "masked" else vectors).to(self.dtype)
        return lambda _: entering

    def _letters(self, input_ids: Tensor, seen: Tensor | None) -> Tensor:
        """Return the characters of tokens, shape (batch, length, width)."""
        letters = self.token_characters[input_ids].long()
        return letters if seen is None else letters * seen.unsqueeze(-1).long()

    def _given_letters(self, found: CharacterSequences) -> Tensor:
        """Return the characters of tokens in given sequences, shape (batch, length, width)."""
        steps = torch.arange(self.config.max_token_characters, device=found.characters.device)
        places = (found.start.unsqueeze(-1) + steps).clamp(max=found.characters.size(1) - 1)
        letters = found.characters.gather(1, places.flatten(1)).view(places.shape)
        return letters * (steps <= (found.end - found.start).unsqueeze(-1))

    def _from_words(self, letters: Tensor, input_ids: Tensor, mask: Tensor) -> Callable[[Tensor], Tensor]:
        """Encode the characters of each word; each of its tokens gets the word's vector."""
        roles = torch.where(mask.bool(), self.token_roles[input_ids], ALONE)
        words = build_words(letters * mask.unsqueeze(-1), roles, self.config.max_word_characters)
        vectors = self.character_encoder.words(words.letters)
        if self.config.character_entry != "recognised":
            return self._unchanged(vectors[words.place], mask)
        likely, kept = self.recogniser(vectors, words.single, self.lexicon, self.get_input_embeddings().weight)
        kept = torch.where(words.letters[:, :1] == BLANK, torch.ones_like(kept), kept)
        likely, kept = (likely * (kept < 1))[words.place], kept[words.place]
        instead = likely + (1 - kept) * words.continues.unsqueeze(-1) * self.continuation
        return lambda own: kept * own + instead

    def _sequences(
        self,
        input_ids: Tensor,
        mask: Tensor,
        characters: Tensor | None,
        start: Tensor | None,
        end: Tensor | None,
        seen: Tensor | None = None,
    ) -> CharacterSequences:
        """Return the given character sequences, or those of the tokens."""
        if characters is None:
            released = self.config.padding == "released"
            everything = torch.ones_like(mask) if released else mask
            limit = _RELEASED_CHARACTERS * input_ids.size(1) if released else None
            return build_sequences(self._letters(input_ids, seen), everything, limit)
        if start is None or end is None:
            raise ValueError("char_input_ids were given without start_ids and end_ids: each token needs its positions")
        if start.shape != input_ids.shape or end.shape != input_ids.shape:
            raise ValueError(
                f"start_ids and end_ids must have the shape of input_ids, {tuple(input_ids.shape)}; got "
                f"{tuple(start.shape)} and {tuple(end.shape)}"
            )
        if not torch.compiler.is_compiling() and int(torch.maximum(start, end).max()) >= characters.size(1):
            raise ValueError(
                f"a token ends at character {int(torch.maximum(start, end).max())}, but char_input_ids hold only "
                f"{characters.size(1)} characters"
            )
        return CharacterSequences(characters, start, end, (end * mask).amax(1) + 1)

    def _enter(self, module: nn.Module, inputs: Any, output: Tensor) -> Tensor | None:
        """Replace the second half of the input of layer 0 by the characters."""
        run = self._run
        if run is None:
            return None
        axis = self.family.batch_axis
        own = output.narrow(axis, 0, run.batch)
        characters = run.entering(own) if axis == 0 else run.entering(own.transpose(0, 1)).transpose(0, 1)
        return torch.cat([own, characters.to(output.dtype)], dim=axis)

    def _before_layer(self, module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Note the input of layer 0; behind the merger, give layers one channel's arguments."""
        run = self._run
        if run is None:
            return None
        if run.states is not None and run.layer == 0:
            states = inputs[0] if inputs else named["hidden_states"]
            run.states.append(self._split(states, run.batch))
        if not run.merged:
            return None
        cut = partial(halve, batch=run.batch, axis=self.family.batch_axis)
        return tuple(map(cut, inputs)), {name: cut(value) for name, value in named.items()}

    def _after_layer(self, module: nn.Module, inputs: Any, output: Any) -> Any:
        """Let the channels interact; behind the last interaction they merge."""
        run = self._run
        if run is None:
            return None
        states = output[0] if isinstance(output, tuple) else output
        layer, run.layer = run.layer, run.layer + 1
        if not run.merged:
            token, character = self._split(states, run.batch)
            if layer in self._interacting:
                where = 0 if self.config.interaction_shared else self._interacting.index(layer)
                token, character = self.interactions[where](token, character, run.mask)
            if layer == self._merges_after:
                run.merged = True
                token = character = token if self.merge is None else self.merge(token, character)
            states = self._join(token, character, merged=run.merged)
            if run.states is not None:
                run.states.append((token, character))
        elif run.states is not None:
            run.states.append(self._split(states, run.batch))
        return (states, *output[1:]) if isinstance(output, tuple) else states

    def _split(self, states: Tensor, batch: int) -> tuple[Tensor, Tensor]:
        """Take stacked states apart; both of shape (batch, length, size)."""
        if self.family.batch_axis == 1:
            states = states.transpose(0, 1)
        if states.size(0) == batch:
            return states, states
        return states[:batch], states[batch:]

    def _join(self, token: Tensor, character: Tensor, *, merged: bool) -> Tensor:
        states = token if merged else torch.cat([token, character])
        return states if self.family.batch_axis == 0 else states.transpose(0, 1)

    def _result(self, out: Any, run: _Run) -> CharBertModelOutput:
        def split(value: Tensor) -> tuple[Tensor, Tensor]:
            return value[: run.batch], value[-run.batch :]

        token, character = split(out.last_hidden_state)
        pooled = out.get("pooler_output")
        attentions = out.get("attentions")
        return CharBertModelOutput(
            last_hidden_state=token,
            character_last_hidden_state=character,
            pooler_output=None if pooled is None else split(pooled)[0],
            character_pooler_output=None if pooled is None else split(pooled)[1],
            hidden_states=None if run.states is None else tuple(states for states, _ in run.states),
            character_hidden_states=None if run.states is None else tuple(states for _, states in run.states),
            attentions=None if attentions is None else tuple(split(weights)[0] for weights in attentions),
            character_attentions=None if attentions is None else tuple(split(weights)[1] for weights in attentions),
        )
