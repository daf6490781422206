"""What all CharBERT models share: configuration, initialisation, building from a pretrained encoder."""

from __future__ import annotations

import copy
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, Self, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoConfig, AutoTokenizer, PreTrainedConfig, PreTrainedModel, initialization
from transformers.utils.generic import ModelOutput

from .backbones import family_of, loader_of
from .channels import backbone_directory, backbone_name, channel_directory, load_channel
from .character_cnn import Dense, Filters, Letters
from .character_encoder import CharacterEncoder
from .characters import ALONE, BLANK, character_table, character_vocabulary, lexicon, token_pieces, token_roles
from .configuration import CharBertConfig
from .interaction import GatedInteraction, GatedMerge, HighwayInteraction
from .kept_tables import KEYS, KeptTables
from .known_words import SMALL, check_lexicon, known_tables, read_lexicon, token_cases
from .publishing import AUTO_MAP, copy_modules, knows_all_heads
from .recognition import Direction, Recogniser, SpelledKeys
from .sentence_files import SentenceFiles, read_sentence_files, write_sentence_files
from .shapes import Int
from .weights import a_pooler, check_finite, load_whole, nothing
from .word_context import Silent

# Of queries and keys: a word then scores 25 by its own spelling, and 0 by letters that have nothing to do with it.
_LENGTH = 5.0
# What slips put into words of any language.
_PRINTED = tuple(string.digits + string.punctuation)


class CharacterTables(Protocol):
    """What a model knows of the tokens of its tokenizer, as buffers of its body.

    Attributes:
        token_characters: Character ids of each token, shape (vocabulary, characters a token).
        token_roles: What each token is to a word, shape (vocabulary,), where words are read.
        token_cases: How each token is written, shape (vocabulary,), where keys are spelled.
    """

    token_characters: Int[Tensor, "vocabulary width"]
    token_roles: Int[Tensor, " vocabulary"]
    token_cases: Int[Tensor, " vocabulary"]


class MakesKeys(Protocol):
    """A body that may look up known words by keys that are made of its weights."""

    def make_keys(self) -> None:
        """Make them."""


class CharBertPreTrainedModel(PreTrainedModel):
    """What all CharBERT models share: configuration, initialisation, building from a backbone."""

    config_class = CharBertConfig
    config: CharBertConfig
    base_model_prefix = "charbert"
    supports_gradient_checkpointing = True
    accepts_loss_kwargs = False  # the keyword arguments of heads are inputs, not arguments of a loss
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_attention_backend = True
    # How sentence-transformers makes vectors of the encoder's states; empty where the encoder does not say.
    sentence_files: SentenceFiles = {}  # noqa: RUF012 - never changed in place

    def resize_token_embeddings(self, new_num_tokens: int | None = None, *arguments: Any, **named: Any) -> nn.Embedding:
        """Change the size of the vocabulary; new tokens have no characters until the table is given some."""
        embedding = super().resize_token_embeddings(new_num_tokens, *arguments, **named)
        tables = cast(CharacterTables, self.base_model)
        size = embedding.weight.size(0)
        tables.token_characters = _resized(tables.token_characters, size, BLANK)
        if self.config.character_rnn == "word":
            tables.token_roles = _resized(tables.token_roles, size, ALONE)
        if self.config.character_entry == "recognised" and self.config.lexicon_keys == "spelled":
            tables.token_cases = _resized(tables.token_cases, size, SMALL)
        self.config.vocab_size = size
        return embedding

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        """Initialise new weights, the recurrent networks and gates among them, which the library leaves alone.

        Left alone, what a checkpoint lacks would be whatever the memory held.
        """
        # By the library's own functions, which leave alone what a checkpoint has filled; those of torch would not.
        if isinstance(module, nn.GRU):
            bound = module.hidden_size**-0.5  # as a GRU of PyTorch starts
            for weight in module.parameters():
                initialization.uniform_(weight, -bound, bound)
        elif isinstance(module, nn.LayerNorm):
            initialization.ones_(module.weight)
            initialization.zeros_(module.bias)
        elif isinstance(module, GatedInteraction):
            # Gates of zero: until they are trained, the token channel of a pretrained encoder stays as it was.
            initialization.zeros_(module.token_gate)
        elif isinstance(module, GatedMerge | HighwayInteraction):
            initialization.zeros_(module.gate)
        elif isinstance(module, Recogniser):
            initialization.zeros_(module.known)
            if isinstance(module.keys, SpelledKeys):
                initialization.zeros_(module.keys.weight)
                initialization.zeros_(module.keys.bias)
            # scores of words are compared, so their spread must not depend on the sizes of the layers before them
            for layer in module.modules():
                if isinstance(layer, nn.Linear):
                    initialization.normal_(layer.weight, std=layer.in_features**-0.5)
        elif isinstance(module, Silent):
            initialization.zeros_(module.weight)
            initialization.zeros_(module.bias)
        elif isinstance(module, Direction):
            initialization.constant_(module.length, _LENGTH)
        elif isinstance(module, Letters):
            initialization.normal_(module.weight)
        elif isinstance(module, Filters | Dense):
            # As for the recogniser: filters of all widths are to answer alike.
            initialization.normal_(module.weight, std=module.weight[0].numel() ** -0.5)
            initialization.zeros_(cast(Tensor, module.bias))
        elif isinstance(module, CharacterEncoder) and self.config.character_entry == "recognised":
            initialization.normal_(module.embedding.weight)
        # Told by the attribute, as the module of its class imports this one.
        elif isinstance(continuation := getattr(module, "continuation", None), Tensor):
            initialization.zeros_(continuation)
        else:
            super()._init_weights(module)

    def _as_asked(self, output: ModelOutput, return_dict: bool | None) -> Any:
        """Return an output as an object or as a tuple, as the call or the configuration wants it."""
        if return_dict is None:
            return_dict = self.config.return_dict
        return output if return_dict else output.to_tuple()

    def save_pretrained(self, save_directory: Any, is_main_process: bool = True, *arguments: Any, **named: Any) -> None:
        """Write the model, as the library does, so that it loads elsewhere with any head.

        An encoder gets the files that say how vectors are made of its states.

        Args:
            save_directory: Where to.
            is_main_process: Whether this process is the one that writes.
            arguments: See :meth:`transformers.PreTrainedModel.save_pretrained`.
            named: See there.
        """
        # The library itself would name, and copy, the class of this model alone.
        is_published = self._auto_class is not None and knows_all_heads()
        if is_published:
            self.config.auto_map = dict(AUTO_MAP)
        super().save_pretrained(save_directory, is_main_process, *arguments, **named)
        if is_main_process and is_published:
            copy_modules(Path(save_directory))
        if is_main_process and self.base_model is self:  # what a head reads is no vector of a text
            write_sentence_files(self.sentence_files, save_directory)

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: Any, *model_args: Any, **kwargs: Any) -> Self:
        """Load a model, as the library does; a character channel kept apart joins its backbone.

        Args:
            pretrained_model_name_or_path: Directory, hub id, or the name of a channel that comes with the package
                (``charbert-minilm-l6``).
            model_args: See :meth:`transformers.PreTrainedModel.from_pretrained`.
            kwargs: See there.

        Returns:
            The model.

        Raises:
            ValueError: The channel and its backbone do not belong together.
        """
        folder = channel_directory(pretrained_model_name_or_path)
        if folder is None:
            loaded = super().from_pretrained(pretrained_model_name_or_path, *model_args, **kwargs)
            _take_sentence_files(loaded, pretrained_model_name_or_path, revision=kwargs.get("revision"))
            return loaded
        # The library's older name, and the newer one, which goes before it there, too.
        older = kwargs.pop("torch_dtype", None)
        dtype = kwargs.pop("dtype", None) or older or torch.float32
        config, others = CharBertConfig.from_pretrained(folder, return_unused_kwargs=True, **kwargs)
        config = others.pop("config", config)
        backbone = backbone_directory(backbone_name(folder))
        state = _backbone_state(backbone, config.body_config, needs_pooler=config.keep_pooler)
        # A published encoder brings its pooler, which the library would report as weights that nobody uses.
        if not config.keep_pooler:
            for key in [key for key in state if key.startswith("backbone.pooler.")]:
                del state[key]
        channel = load_channel(folder)
        check_finite(channel)
        words = read_lexicon(folder) if config.lexicon_keys == "spelled" else None
        place = KeptTables.of(config, words, backbone=backbone, weights=channel)
        tables = place.load() if place else None
        if tables is None:
            tables = _tables_of(backbone, config, words)
            if words is not None:
                tables[KEYS] = cls._keys(config, tables | channel)
            if place:
                place.keep(tables)
        state |= tables | channel
        loaded = super().from_pretrained(None, *model_args, config=config, state_dict=state, dtype=dtype, **others)
        _take_sentence_files(loaded, backbone)
        return loaded

    @classmethod
    def _keys(cls, config: CharBertConfig, state: dict[str, Tensor]) -> Tensor:
        """Return the keys of known words, made in single precision whatever precision the model is loaded in."""
        # The backbone takes no part in it, and gets no memory.
        with torch.device("meta"):
            body = cls(copy.deepcopy(config)).base_model
        body.load_state_dict(state, strict=False, assign=True)
        cast(MakesKeys, body).make_keys()
        return body.get_buffer(KEYS)

    @classmethod
    def from_backbone(
        cls,
        name: str | Path,
        *,
        words: Sequence[str] | None = None,
        revision: str | None = None,
        trust_remote_code: bool = False,
        **options: Any,
    ) -> Self:
        """Put a character channel on a pretrained encoder; only a pooler that the encoder lacks gets new weights.

        Args:
            name: Hub id or directory of the encoder and its tokenizer, ``minilm`` or ``e5-small``.
            words: The known words, in lower case, where ``lexicon_keys = "spelled"``.
            revision: Revision on the hub.
            trust_remote_code: Whether code that comes with the encoder, such as that of a tokenizer, is run.
            options: Options of :class:`CharBertConfig`, or common ones such as ``num_labels``.

        Returns:
            The model, whose channel is new.

        Raises:
            ValueError: The encoder's family is not supported, its tokenizer has no fast backend, or its files lack
                weights.
        """
        source = backbone_directory(name)
        # By name in each call: left out, the library asks on standard input whether to run code.
        loading: dict[str, Any] = {"revision": revision, "trust_remote_code": trust_remote_code}
        backbone_config = AutoConfig.from_pretrained(source, **loading)
        family_of(backbone_config)  # refused before anything large is loaded
        tokenizer = AutoTokenizer.from_pretrained(source, **loading)
        pieces = token_pieces(tokenizer)
        if len(pieces) > backbone_config.vocab_size:
            raise ValueError(
                f"the tokenizer of {name} has {len(pieces)} tokens, its model {backbone_config.vocab_size}: they do "
                "not belong together"
            )
        if words is not None:
            read = map(str.casefold, words)
            options.setdefault("character_vocabulary", character_vocabulary([*read, *_PRINTED]))
            options.setdefault("lexicon_size", len(words))
        options.setdefault("character_vocabulary", character_vocabulary(pieces))
        if options.get("character_entry") == "recognised":
            options.setdefault("lexicon_size", len(lexicon(pieces, token_roles(tokenizer, pieces))))
        config = CharBertConfig(backbone_config=backbone_config.to_dict(), **options)
        model = cls(config)
        body = model.base_model
        pretrained = _backbone_state(source, backbone_config, **loading) | _tables(config, tokenizer, pieces, words)
        state = body.state_dict()
        # The encoder may bring what the model leaves out (a pooler), and lacks the channel, which stays as it is new.
        body.load_state_dict({key: pretrained.get(key, new) for key, new in state.items()})
        model.tie_weights()
        cast(MakesKeys, body).make_keys()
        _take_sentence_files(model, source, revision=revision)
        return model


def _take_sentence_files(loaded: Any, name: Any, *, revision: str | None = None) -> None:
    """Let an encoder take the files that say how its vectors are made; ``loaded`` may be a model with information."""
    model = loaded[0] if isinstance(loaded, tuple) else loaded
    if isinstance(name, str | Path) and model.base_model is model:
        model.sentence_files = read_sentence_files(name, revision=revision)


def _resized(table: Tensor, rows: int, value: int) -> Tensor:
    """Return a table with as many rows, new ones filled with a value."""
    grown = table.new_full((rows, *table.shape[1:]), value)
    # A vocabulary may also shrink.
    kept = min(rows, len(table))
    grown[:kept] = table[:kept]
    return grown


def _backbone_state(
    name: str | Path, config: PreTrainedConfig, *, needs_pooler: bool = False, **options: Any
) -> dict[str, Tensor]:
    """Return the weights of a backbone of a configuration, as those of a part of a CharBERT model.

    Raises:
        ValueError: Its files do not hold them.
    """
    may_lack = nothing if needs_pooler else a_pooler
    pretrained, _ = load_whole(loader_of(config), name, may_lack=may_lack, use_safetensors=True, **options)
    return {f"backbone.{key}": value for key, value in pretrained.state_dict().items()}


def _known_tables(
    config: CharBertConfig, tokenizer: Any, pieces: Sequence[str], words: Sequence[str]
) -> dict[str, Tensor]:
    """Return what a model with spelled keys knows: tokens of the words, how tokens are written; keys are made later."""
    check_lexicon(words, config)
    cases = token_cases(pieces)
    return {
        **known_tables(words, tokenizer, pieces, config),
        "token_cases": functional.pad(cases, (0, config.vocab_size - len(cases))),
        KEYS: torch.zeros(config.lexicon_size, config.lexicon_key_size),
    }


def _tables_of(backbone: str | Path, config: CharBertConfig, words: Sequence[str] | None) -> dict[str, Tensor]:
    """Return what a model knows of the tokens of a backbone's tokenizer, and of known words."""
    tokenizer = AutoTokenizer.from_pretrained(backbone, trust_remote_code=False)
    return _tables(config, tokenizer, token_pieces(tokenizer), words)


def _tables(
    config: CharBertConfig, tokenizer: Any, pieces: Sequence[str], words: Sequence[str] | None = None
) -> dict[str, Tensor]:
    """Return what a model knows of the tokens of its tokenizer: characters, roles in words, the lexicon.

    Args:
        config: The configuration of the model.
        tokenizer: The tokenizer.
        pieces: The characters of each of its tokens.
        words: The known words, where keys are spelled.

    Raises:
        ValueError: The vocabulary or the lexicon is not that of the configuration.
    """
    if len(pieces) > config.vocab_size:
        raise ValueError(
            f"the channel is for {config.vocab_size} tokens, the tokenizer of its backbone has {len(pieces)}: they do "
            "not belong together"
        )
    # Spelled words are read in small letters (ß as ss, ς as σ); how they are written is known beside them.
    read = list(map(str.casefold, pieces)) if config.lexicon_keys == "spelled" else pieces
    table = character_table(read, config.characters, config.vocab_size, config.max_token_characters)
    tables = {"token_characters": table}
    if config.character_rnn == "word":
        roles = token_roles(tokenizer, pieces)
        tables["token_roles"] = functional.pad(roles, (0, config.vocab_size - len(roles)), value=ALONE)
        if config.lexicon_keys == "spelled":
            return tables | _known_tables(config, tokenizer, pieces, words or [])
        if config.character_entry == "recognised":
            known = lexicon(pieces, roles)
            if len(known) != config.lexicon_size:
                raise ValueError(
                    f"the channel knows {config.lexicon_size} words, the tokenizer of its backbone {len(known)}: they "
                    "do not belong together"
                )
            tables["lexicon"] = known
    return tables
