"""CharBERT models as classes of the transformers library, and the offline encoder. Knows nothing of tasks.

Importing this package makes ``AutoConfig`` and ``AutoModel...`` know CharBERT models.
"""

from __future__ import annotations

import torch  # noqa: F401 - before the library that needs it, so that it is named where it is missing
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForMultipleChoice,
    AutoModelForPreTraining,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)

from charrobust.models.auto_classes import ChannelTokenizer, know_shipped_names
from charrobust.models.charbert import CharBertModel
from charrobust.models.configuration import CharBertConfig
from charrobust.models.heads import (
    CharBertForMaskedLM,
    CharBertForMultipleChoice,
    CharBertForPreTraining,
    CharBertForQuestionAnswering,
    CharBertForSequenceClassification,
    CharBertForTokenClassification,
)
from charrobust.models.outputs import CharBertModelOutput, CharBertPreTrainingOutput
from charrobust.models.pretrained import CharBertPreTrainedModel

__all__ = [
    "CharBertConfig",
    "CharBertForMaskedLM",
    "CharBertForMultipleChoice",
    "CharBertForPreTraining",
    "CharBertForQuestionAnswering",
    "CharBertForSequenceClassification",
    "CharBertForTokenClassification",
    "CharBertModel",
    "CharBertModelOutput",
    "CharBertPreTrainedModel",
    "CharBertPreTrainingOutput",
]

AutoConfig.register(CharBertConfig.model_type, CharBertConfig)
# So that `save_pretrained` copies these modules beside the weights, where they load without this package.
CharBertConfig.register_for_auto_class()
AutoTokenizer.register(CharBertConfig, ChannelTokenizer)
know_shipped_names(AutoConfig)
know_shipped_names(AutoTokenizer)
for _auto, _model in (
    (AutoModel, CharBertModel),
    (AutoModelForPreTraining, CharBertForPreTraining),
    (AutoModelForMaskedLM, CharBertForMaskedLM),
    (AutoModelForSequenceClassification, CharBertForSequenceClassification),
    (AutoModelForTokenClassification, CharBertForTokenClassification),
    (AutoModelForQuestionAnswering, CharBertForQuestionAnswering),
    (AutoModelForMultipleChoice, CharBertForMultipleChoice),
):
    _auto.register(CharBertConfig, _model)
    _model.register_for_auto_class(_auto.__name__)
    know_shipped_names(_auto)
