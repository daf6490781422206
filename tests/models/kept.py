"""A channel with spelled keys, and an empty cache for what is made of its words."""

import torch
from transformers import BertConfig

from charrobust.models import CharBertModel, kept_tables
from charrobust.models.channels import save_channel
from tests.models.families import SIZES
from tests.models.test_known_words import SPELLED, WORDS
from tests.models.tokenizers import save_backbone, sentencepiece


class Kept:
    """A channel in a folder, beside its backbone and a cache for which its words are many.

    Attributes:
        channel: The folder of the channel.
        backbone: That of the backbone.
        cache: That of the cache; it does not exist yet.
        times: How often keys were made.
    """

    def __init__(self, folder, monkeypatch):
        self.channel, self.cache = folder / "channel", folder / "cache"
        tokenizer = sentencepiece()
        torch.manual_seed(1)
        self.backbone = save_backbone(folder / "bert", tokenizer, BertConfig(**{**SIZES, "vocab_size": len(tokenizer)}))
        model = CharBertModel.from_backbone(self.backbone, words=WORDS, **SPELLED)
        save_channel(model, self.channel, str(self.backbone))
        self.times = 0
        monkeypatch.setenv("CHARROBUST_CACHE", str(self.cache))
        monkeypatch.setattr(kept_tables, "_WORTH", len(WORDS))
        make_keys = CharBertModel.make_keys

        def counted(body):
            self.times += 1
            make_keys(body)

        monkeypatch.setattr(CharBertModel, "make_keys", counted)

    def load(self, **options):
        return CharBertModel.from_pretrained(self.channel, **options)

    @property
    def names(self):
        """The names of what is kept."""
        return sorted(path.name for path in self.cache.glob("*"))


def same(first, second):
    """Tell whether two models hold the same numbers, of the same kind."""
    one, other = first.state_dict(), second.state_dict()
    return one.keys() == other.keys() and all(
        torch.equal(value, other[name]) and value.dtype == other[name].dtype for name, value in one.items()
    )
