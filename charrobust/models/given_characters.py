"""Characters that a caller gives, as the released models take them: one sequence a text, and where tokens lie in it."""

from __future__ import annotations

import torch
from torch import Tensor

from .characters import CharacterSequences
from .recording import values_are_known
from .shapes import Int, Shaped


def explicit_sequences(
    input_ids: Int[Tensor, "batch length"],
    mask: Shaped[Tensor, "batch length"],
    *,
    characters: Int[Tensor, "batch characters"] | None,
    start: Int[Tensor, ...] | None,
    end: Int[Tensor, ...] | None,
) -> CharacterSequences | None:
    """Return the character sequences that a caller gives, checked; None where none are given.

    Args:
        input_ids: Token ids, shape (batch, length).
        mask: 1 for tokens and 0 for padding, same shape.
        characters: Character ids, shape (batch, characters).
        start: Place of each token's first character, shape (batch, length).
        end: Place of its last.

    Returns:
        The sequences, or None.

    Raises:
        ValueError: Characters without positions, positions without characters, of another shape or outside them.
    """
    if characters is None:
        if start is not None or end is not None:
            raise ValueError("start_ids and end_ids were given without char_input_ids; give all three or none")
        return None
    if start is None or end is None:
        raise ValueError("char_input_ids were given without start_ids and end_ids: each token needs its positions")
    if start.shape != input_ids.shape or end.shape != input_ids.shape:
        raise ValueError(
            f"start_ids and end_ids must have the shape of input_ids, {tuple(input_ids.shape)}; got "
            f"{tuple(start.shape)} and {tuple(end.shape)}"
        )
    if values_are_known():
        # Checked here, for on a GPU gathering outside is a failed assertion on the device, which names no cause.
        furthest = int(torch.maximum(start, end).max())
        if furthest >= characters.size(1):
            raise ValueError(
                f"a token ends at character {furthest}, but char_input_ids hold only {characters.size(1)} characters"
            )
    # A text ends where its last token does; padding, whose positions may be anything, is set to 0 first.
    return CharacterSequences(characters, start=start, end=end, lengths=(end * mask.bool()).amax(1) + 1)


def letters_of_tokens(sequences: CharacterSequences, width: int) -> Int[Tensor, "batch length width"]:
    """Take sequences apart into the characters of each token; more than the width are cut.

    Args:
        sequences: The sequences.
        width: Characters of a token at most.

    Returns:
        Character ids, the blank behind them, shape (batch, length, width).
    """
    steps = torch.arange(width, device=sequences.characters.device)
    # What lies behind the sequence or behind a token is read at another place, and blanked.
    places = (sequences.start.unsqueeze(-1) + steps).clamp(max=sequences.characters.size(1) - 1)
    letters = sequences.characters.gather(1, places.flatten(1)).view(places.shape)
    return letters * (steps <= (sequences.end - sequences.start).unsqueeze(-1))
