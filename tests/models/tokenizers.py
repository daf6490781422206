"""Small tokenizers of the three kinds, made on the spot."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

_FOLDER = Path(__file__).parent / "vocabularies"
TEXTS = [
    "the wonderful weather of the north", "typing errors change words", "naïve café in Zürich", "書店 is a bookshop",
    "unbelievable storms in the north change the weather", "wonderful words, typing typists",
] * 3  # fmt: skip


def _kept(name: str, **special: str) -> PreTrainedTokenizerFast:
    """Return a tokenizer from its file: these were trained on the texts above, by trainers that break ties at random."""
    return PreTrainedTokenizerFast(tokenizer_file=str(_FOLDER / f"{name}.json"), **special)


def wordpiece() -> PreTrainedTokenizerFast:
    """Return a lower-casing WordPiece tokenizer, as BERT has."""
    return _kept(
        "wordpiece", pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]"
    )


def byte_level() -> PreTrainedTokenizerFast:
    """Return a byte-level BPE tokenizer, as RoBERTa has."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(
        vocab_size=330, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", pad_token="<pad>", eos_token="</s>", unk_token="<unk>",
        mask_token="<mask>",
    )  # fmt: skip


def sentencepiece() -> PreTrainedTokenizerFast:
    """Return a Unigram tokenizer with blanks as marks, as XLNet, ALBERT and DeBERTa-v3 have."""
    return _kept(
        "sentencepiece", pad_token="<pad>", unk_token="<unk>", cls_token="<cls>", sep_token="<sep>", mask_token="<mask>"
    )


KINDS = {"wordpiece": wordpiece, "byte-level": byte_level, "sentencepiece": sentencepiece}


def save_backbone(folder: Path, tokenizer: PreTrainedTokenizerFast, config: object) -> Path:
    """Write a random encoder, the same for the same name, with its tokenizer, as a hub directory has them."""
    from transformers import AutoModel

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(crc32(folder.name.encode()))
        AutoModel.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
