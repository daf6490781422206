"""A fast Unigram tokenizer out of its vocabulary, as XLM-R has it."""

from __future__ import annotations

from collections.abc import Mapping

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from charrobust.models.charsmap import compiled
from charrobust.models.q4_file import Vocabulary

_MASK = "<mask>"


def unigram_tokenizer(vocabulary: Vocabulary, longest: int) -> PreTrainedTokenizerFast:
    """Return a tokenizer that cuts words into the likeliest pieces; blanks are marks in front of words.

    Args:
        vocabulary: What it is made of.
        longest: Tokens that its model reads at most.

    Returns:
        The tokenizer.
    """
    tokenizer = Tokenizer(models.Unigram(vocabulary.pieces, unk_id=vocabulary.unknown))
    tokenizer.normalizer = _normalizer(vocabulary.replaced)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    named = {number: vocabulary.pieces[number][0] for number in (vocabulary.begin, vocabulary.end)}
    begin, end = named.values()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(token, number) for number, token in named.items()],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=begin,
        eos_token=end,
        cls_token=begin,
        sep_token=end,
        unk_token=vocabulary.pieces[vocabulary.unknown][0],
        pad_token=vocabulary.pieces[vocabulary.padding][0],
        mask_token=_MASK,
        model_max_length=longest,
        model_input_names=["input_ids", "attention_mask"],
    )


def _normalizer(replaced: Mapping[str, str]) -> normalizers.Normalizer:
    """Return what characters go through first: composed where they can be, and then replaced."""
    # Apart from the table: at the beginning of a text, offsets would not know what it takes away.
    deleted = "".join(f"\\x{{{ord(character):x}}}" for character, written in replaced.items() if not written)
    table = {character: written for character, written in replaced.items() if written}
    return normalizers.Sequence(
        [
            normalizers.Replace(Regex(f"[{deleted}]"), ""),
            normalizers.NFC(),
            normalizers.Precompiled(compiled(table)),
        ]
    )
