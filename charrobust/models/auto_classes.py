"""What the Auto classes of the transformers library need besides registration, for channels kept apart.

A channel has the tokenizer of its backbone, and those that come with the package have names, which the library would
look up on the hub.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from transformers import AutoTokenizer, PreTrainedTokenizerFast

from .channels import channel_directory, tokenizer_directory
from .folding import folded
from .tokenizers import is_to_fold

# What says where in its own repository a channel lies, and nothing of that of its backbone.
_OF_THE_CHANNEL = ("subfolder", "revision", "_commit_hash")


class ChannelTokenizer(PreTrainedTokenizerFast):
    """Loads the tokenizer of a CharBERT model: that of its backbone, where the model is a channel kept apart."""

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: Any, *init_inputs: Any, **kwargs: Any) -> Any:
        """Load a tokenizer, as the library does.

        Args:
            pretrained_model_name_or_path: Directory, hub id, or the name of a channel that comes with the package.
            init_inputs: See :meth:`transformers.AutoTokenizer.from_pretrained`.
            kwargs: See there.

        Returns:
            The tokenizer.
        """
        if channel_directory(pretrained_model_name_or_path) is None:
            # A whole model whose files do not name the class of its tokenizer.
            return PreTrainedTokenizerFast.from_pretrained(pretrained_model_name_or_path, *init_inputs, **kwargs)
        passed_on = {name: value for name, value in kwargs.items() if name not in _OF_THE_CHANNEL}
        of_backbone = tokenizer_directory(pretrained_model_name_or_path)
        tokenizer = AutoTokenizer.from_pretrained(of_backbone, *init_inputs, **passed_on)
        return folded(tokenizer) if is_to_fold(pretrained_model_name_or_path) else tokenizer


def know_shipped_names(auto_class: Any) -> None:
    """Make an Auto class take the names of the channels that come with the package; all else stays as it was.

    The library has a registry for types of models but none for names: it looks up every name on the hub, before the
    class of the model is asked.

    Args:
        auto_class: A class of the library with ``from_pretrained``.
    """
    library = auto_class.from_pretrained.__func__

    @wraps(library)
    def from_pretrained(cls: Any, pretrained_model_name_or_path: Any, *arguments: Any, **named: Any) -> Any:
        channel = channel_directory(pretrained_model_name_or_path)
        return library(cls, pretrained_model_name_or_path if channel is None else channel, *arguments, **named)

    auto_class.from_pretrained = classmethod(from_pretrained)
