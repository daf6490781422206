"""CharBertModel: a token channel and a character channel through one transformer."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.utils.generic import ModelOutput

from .backbones import find_module, halve, module_at
from .configuration import CharBertConfig
from .entry import CharacterEntry, TwoChannelInputs
from .given_characters import explicit_sequences
from .interaction import INTERACTIONS, GatedMerge, ReleasedInteraction
from .outputs import CharBertModelOutput
from .recording import is_recorded, values_are_known
from .shapes import Float, Int, Shaped


@dataclass
class _Run:
    """What the hooks need to know of the call under way.

    Attributes:
        entry: Makes the input of the character channel from that of the token channel.
        mask: 1 for tokens and 0 for padding, shape (batch, length, 1); None where there is nothing to mask.
        batch: Size of the batch, of which the stacked states have two.
        length: Length of the texts, of which states may have more where a backbone reads whole windows.
        layer: Number of the layer that runs next.
        merged: Whether the channels are one by now.
        states: Both channels' states so far, where the caller wants them.
    """

    entry: CharacterEntry
    mask: Tensor | None
    batch: int
    length: int
    layer: int = 0
    merged: bool = False
    states: list[tuple[Tensor, Tensor]] | None = None


class CharBertModel(TwoChannelInputs):
    """A transformer with a token channel and a character channel that interact after its layers.

    Ma, Cui, Si, Liu, Wang, Hu: CharBERT, COLING 2020. Characters come from a table by token id, so that any
    tokenizer, collator and pipeline of the backbone serves; sequences given explicitly are taken instead.

    The backbone runs once, on a batch of twice the size: the token channel above, the character channel below.
    Hooks put the characters in and let the halves interact; outside of a call they do nothing.
    """

    def __init__(self, config: CharBertConfig) -> None:
        super().__init__(config)
        count = 1 if config.interaction_shared else len(config.interacting)
        self.interactions = nn.ModuleList(INTERACTIONS[config.interaction](config) for _ in range(count))
        # A highway needs no merger: its channels are means of both, and the token channel goes on.
        needs_merge = config.merges_after is not None and config.interaction != "highway"
        self.merge = GatedMerge(config.hidden_size) if needs_merge else None
        # Looked up once: the configuration works them out anew at each question, and every layer asks.
        self._interacting, self._merges_after = config.interacting, config.merges_after
        # Not every backbone takes segments or positions, and tokenizers may give them all the same.
        self._accepted = set(inspect.signature(self.backbone.forward).parameters)
        self._run: _Run | None = None
        self._attach_hooks()
        self.post_init()

    def _attach_hooks(self) -> None:
        # Bound methods, not closures: in a deep copy a closure would still point at the old interaction.
        # Put in at the word embedding, characters get the backbone's positions and normalisation; raw ones do not.
        paths = self.family.entry if self.config.character_entry == "raw" else (self.family.words,)
        find_module(self.backbone, paths).register_forward_hook(self._enter)
        for layer in self.backbone.get_submodule(self.family.layers).children():
            layer.register_forward_pre_hook(self._before_layer, with_kwargs=True)
            layer.register_forward_hook(self._after_layer)
        # It reads states that may be of one channel by then, beside inputs and a mask that are still of two.
        between = module_at(self.backbone, self.family.between)
        if between is not None:
            between.register_forward_pre_hook(self._before_layer, with_kwargs=True)

    def forward(
        self,
        input_ids: Int[Tensor, "batch length"] | None = None,
        attention_mask: Shaped[Tensor, "batch length"] | None = None,
        token_type_ids: Int[Tensor, "batch length"] | None = None,
        position_ids: Int[Tensor, "batch length"] | None = None,
        task_type_ids: Int[Tensor, "batch length"] | None = None,
        global_attention_mask: Shaped[Tensor, "batch length"] | None = None,
        char_input_ids: Int[Tensor, "batch characters"] | None = None,
        start_ids: Int[Tensor, ...] | None = None,
        end_ids: Int[Tensor, ...] | None = None,
        character_mask: Shaped[Tensor, "batch length"] | None = None,
        entry: CharacterEntry | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        return_dict: bool | None = None,
    ) -> CharBertModelOutput | tuple[Any, ...]:
        """Run both channels.

        Args:
            input_ids: Token ids, shape (batch, length).
            attention_mask: 1 for tokens and 0 for padding, same shape.
            token_type_ids: Segments, same shape, for backbones that have them.
            position_ids: Positions, same shape, for backbones that take them.
            task_type_ids: Kinds of task, same shape, for ERNIE.
            global_attention_mask: 1 for tokens that attend to all others and are attended to by all, same shape, for
                Longformer; None for no such token.
            char_input_ids: Character ids, shape (batch, characters); None takes those of the tokens.
            start_ids: Place of each token's first character, shape (batch, length).
            end_ids: Place of its last, same shape.
            character_mask: 0 for tokens whose characters are not to be seen, shape (batch, length).
            entry: What enters the character channel, as ``character_entry`` made it of the same tokens; None makes it.
            output_hidden_states: Whether to return the states after each layer; None takes the configuration's.
            output_attentions: Whether to return attention weights; likewise.
            return_dict: Whether to return an object; likewise.

        Returns:
            States of both channels, each of shape (batch, length, hidden size), as an object or a tuple.

        Raises:
            ValueError: Characters without positions, positions outside them, no ``input_ids``, or inputs that the
                backbone does not take.
            RuntimeError: The model runs under ``torch.nn.DataParallel``.
        """
        if input_ids is None:
            raise ValueError("expected input_ids: characters belong to tokens, so embeddings cannot stand in for them")
        if char_input_ids is not None and character_mask is not None:
            raise ValueError("character_mask hides characters of tokens; leave hidden ones out of char_input_ids")
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        self._check_ready()

        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        sequences = explicit_sequences(input_ids, mask, characters=char_input_ids, start=start_ids, end=end_ids)
        batch, length = input_ids.shape
        inputs = {"input_ids": input_ids, "attention_mask": mask}
        inputs |= self._taken({"token_type_ids": token_type_ids, "position_ids": position_ids})
        inputs |= self._taken(
            {"task_type_ids": task_type_ids, "global_attention_mask": global_attention_mask}, needed=True
        )
        if self.family.fit is not None:
            gap = self.family.fit(self.backbone, length) - length
            inputs = self._lengthened(inputs, gap)
            input_ids, mask = inputs["input_ids"], inputs["attention_mask"]
            sequences = None if sequences is None else sequences.lengthened(gap)
            character_mask = None if character_mask is None else functional.pad(character_mask, (0, gap))
            entry = None if gap else entry  # it is as long as the text
        if entry is None:
            entry = self.character_entry(input_ids, mask, sequences=sequences, visible=character_mask)
        run = _Run(entry, self._interaction_mask(mask), batch, length)
        if output_hidden_states:
            run.states = []
        stacked = {name: values.repeat(2, 1) for name, values in inputs.items()}

        self._start(run, input_ids)
        # Disarmed also after an error, or the next call of the backbone alone would be taken for one of two channels.
        try:
            output = self.backbone(
                **stacked, output_attentions=bool(output_attentions), return_dict=True, **self.family.inputs
            )
        finally:
            self._stop()
        result: CharBertModelOutput | tuple[Any, ...] = self._as_asked(_unstacked(output, run), return_dict)
        return result

    def _taken(self, inputs: dict[str, Tensor | None], *, needed: bool = False) -> dict[str, Tensor]:
        """Return the inputs that are given and that the backbone takes.

        Args:
            inputs: Inputs by name.
            needed: Whether to refuse those that it does not take, instead of leaving them out.

        Raises:
            ValueError: It does not take one that is given.
        """
        given = {name: values for name, values in inputs.items() if values is not None}
        others = given.keys() - self._accepted
        if needed and others:
            raise ValueError(
                f"{', '.join(sorted(others))} given, but a backbone of the family "
                f"{self.config.body_config.model_type!r} takes no such input; leave it out"
            )
        return {name: values for name, values in given.items() if name not in others}

    def _lengthened(self, inputs: dict[str, Tensor], gap: int) -> dict[str, Tensor]:
        """Put padding behind texts, as the backbone would."""
        padding = self.config.pad_token_id or 0
        padded = {}
        for name, values in inputs.items():
            # Positions of padding are told by the token in the library's models, too.
            value = padding if name in ("input_ids", "position_ids") else 0
            padded[name] = functional.pad(values, (0, gap), value=value)
        return padded

    def _check_ready(self) -> None:
        """Refuse a call that would go wrong.

        Raises:
            ValueError: The table of characters is not that of the vocabulary.
            RuntimeError: This is a replica of ``torch.nn.DataParallel``, whose hooks belong to the original.
        """
        if getattr(self, "_is_replica", False):
            raise RuntimeError(
                "torch.nn.DataParallel cannot run two channels: several GPUs are visible, but the launch is not "
                "distributed. Start with torchrun or accelerate launch, or show one GPU only (CUDA_VISIBLE_DEVICES=0)"
            )
        rows, tokens = self.token_characters.size(0), self.get_input_embeddings().weight.size(0)
        if rows != tokens:
            raise ValueError(
                f"the character table has {rows} rows, the vocabulary {tokens} tokens: they do not belong together; "
                "use resize_token_embeddings, or build the model with from_backbone"
            )

    def _interaction_mask(self, mask: Shaped[Tensor, "batch length"]) -> Float[Tensor, "batch length 1"] | None:
        """Return what keeps padding out of interactions; None where it is let in, or there is none."""
        if self.config.padding == "released":
            return None
        # Whether there is padding is looked up only where that costs no waiting for a device.
        if values_are_known() and mask.device.type == "cpu" and bool(mask.all()):
            return None
        return mask.unsqueeze(-1).to(self.dtype)

    def _start(self, run: _Run, input_ids: Int[Tensor, "batch length"]) -> None:
        """Arm the hooks for a call."""
        self._run = run
        if is_recorded():  # whether folding pays depends on sizes that a recorded program keeps free
            return
        for module in self.interactions:
            if isinstance(module, ReleasedInteraction):
                module.prepare(input_ids.numel())

    def _stop(self) -> None:
        """Disarm the hooks, which other calls of the backbone's modules would fire."""
        self._run = None
        for module in self.interactions:
            if isinstance(module, ReleasedInteraction):
                module.release()

    def _enter(self, module: nn.Module, inputs: Any, output: Tensor) -> Tensor | None:
        """Replace the second half of the input of layer 0 by the characters."""
        run = self._run
        if run is None:
            return None
        # Both halves are the token channel here, as the ids were repeated: the second half was made to be replaced.
        own = self._batch_first(output)[: run.batch]
        stacked = torch.cat([own, run.entry.enter(own).to(output.dtype)])
        return self._batch_first(stacked)

    def _before_layer(self, module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Note the input of layer 0; behind the merger, give layers one channel's arguments."""
        run = self._run
        if run is None:
            return None
        if run.states is not None and run.layer == 0:
            # Families differ in whether they name the argument.
            states = inputs[0] if inputs else named["hidden_states"]
            run.states.append(self._channels(states, run.batch, run.length))
        if not run.merged:
            return None
        cut = partial(halve, batch=run.batch, axis=self.family.batch_axis)
        return tuple(map(cut, inputs)), {
            name: cut(value, is_mask=name == "attention_mask") for name, value in named.items()
        }

    def _after_layer(self, module: nn.Module, inputs: Any, output: Any) -> Any:
        """Let the channels interact; behind the last interaction they merge."""
        run = self._run
        if run is None:
            return None
        # In a tuple, the states come before attention weights and the like.
        states = output[0] if isinstance(output, tuple) else output
        layer = run.layer
        # Calls are counted, not modules: ALBERT runs one group of layers again and again.
        run.layer += 1
        if not run.merged:
            states = self._interact(states, layer, run)
        if run.states is not None:
            run.states.append(self._channels(states, run.batch, run.length))
        return (states, *output[1:]) if isinstance(output, tuple) else states

    def _interact(self, states: Float[Tensor, ...], layer: int, run: _Run) -> Float[Tensor, ...]:
        """Return the stacked states behind a layer after the interaction; those of one channel if they merge there."""
        token, character = self._channels(states, run.batch)
        if layer in self._interacting:
            number = 0 if self.config.interaction_shared else self._interacting.index(layer)
            token, character = self.interactions[number](token, character, run.mask)
        if layer == self._merges_after:
            run.merged = True
            # From here on the batch has its own size, and the layers behind cost half.
            merged = token if self.merge is None else self.merge(token, character)
            return self._batch_first(merged)
        return self._batch_first(torch.cat([token, character]))

    def _channels(
        self, states: Float[Tensor, ...], batch: int, length: int | None = None
    ) -> tuple[Float[Tensor, "batch length size"], Float[Tensor, "batch length size"]]:
        """Take stacked states apart, cut to a length if one is given; both are the same where channels merged."""
        states = self._batch_first(states)[:, :length]
        if states.size(0) == batch:
            return states, states
        return states[:batch], states[batch:]

    def _batch_first(self, states: Float[Tensor, ...]) -> Float[Tensor, ...]:
        """Swap the batch axis of the backbone's states and the first one; the same turns them back."""
        return states if self.family.batch_axis == 0 else states.transpose(0, 1)


def _unstacked(output: ModelOutput, run: _Run) -> CharBertModelOutput:
    """Take the output of the backbone apart into channels."""
    token, character = _halves(output["last_hidden_state"][:, : run.length], run.batch)
    parts: dict[str, Any] = {"last_hidden_state": token, "character_last_hidden_state": character}
    pooled, attentions = output.get("pooler_output"), output.get("attentions")
    if pooled is not None:
        parts["pooler_output"], parts["character_pooler_output"] = _halves(pooled, run.batch)
    if run.states is not None:
        parts["hidden_states"], parts["character_hidden_states"] = zip(*run.states, strict=True)
    if attentions is not None:
        # Of the tokens that attend; those attended to may be of windows and blocks, and stay as the backbone has them.
        weights = [_halves(layer[:, :, : run.length], run.batch) for layer in attentions]
        parts["attentions"], parts["character_attentions"] = zip(*weights, strict=True)
    return CharBertModelOutput(**parts)


def _halves(stacked: Float[Tensor, ...], batch: int) -> tuple[Float[Tensor, ...], Float[Tensor, ...]]:
    """Return the channels of a stacked tensor; the same one twice where they merged."""
    # Counted from both ends: the same rows where the channels merged. Attention weights may be stacked in one layer,
    # and in the next one not.
    return stacked[:batch], stacked[-batch:]
