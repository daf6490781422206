"""Pre-training, fine-tuning, and training of word recognisers and encodings. The names below load on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charrobust.lazy import lazy_names

if TYPE_CHECKING:
    from charrobust.training.callback import RobustnessCallback
    from charrobust.training.encodings.settings import EncodingSettings
    from charrobust.training.encodings.train import train_encodings
    from charrobust.training.finetuning.finetune import finetune
    from charrobust.training.finetuning.seeds import finetune_seeds
    from charrobust.training.finetuning.settings import load_finetuning
    from charrobust.training.pretraining.configuration import load_configuration
    from charrobust.training.pretraining.pretrain import pretrain
    from charrobust.training.word_recognition.errors import word_errors
    from charrobust.training.word_recognition.settings import RecogniserSettings
    from charrobust.training.word_recognition.train import train_recogniser

__all__ = [
    "EncodingSettings",
    "RecogniserSettings",
    "RobustnessCallback",
    "finetune",
    "finetune_seeds",
    "load_configuration",
    "load_finetuning",
    "pretrain",
    "train_encodings",
    "train_recogniser",
    "word_errors",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "charrobust.training.callback": ("RobustnessCallback",),
        "charrobust.training.encodings.settings": ("EncodingSettings",),
        "charrobust.training.encodings.train": ("train_encodings",),
        "charrobust.training.finetuning.finetune": ("finetune",),
        "charrobust.training.finetuning.seeds": ("finetune_seeds",),
        "charrobust.training.finetuning.settings": ("load_finetuning",),
        "charrobust.training.pretraining.configuration": ("load_configuration",),
        "charrobust.training.pretraining.pretrain": ("pretrain",),
        "charrobust.training.word_recognition.errors": ("word_errors",),
        "charrobust.training.word_recognition.settings": ("RecogniserSettings",),
        "charrobust.training.word_recognition.train": ("train_recogniser",),
    },
)
