"""Models that load elsewhere without this package: with every head, their modules lie beside the weights."""

from __future__ import annotations

import shutil
from pathlib import Path

from transformers.dynamic_module_utils import get_relative_import_files

# Which class each Auto class of the library makes of a saved model: the first part is the name of a module here.
AUTO_MAP = {
    "AutoConfig": "configuration.CharBertConfig",
    "AutoModel": "charbert.CharBertModel",
    "AutoModelForPreTraining": "heads.CharBertForPreTraining",
    "AutoModelForMaskedLM": "heads.CharBertForMaskedLM",
    "AutoModelForSequenceClassification": "heads.CharBertForSequenceClassification",
    "AutoModelForTokenClassification": "heads.CharBertForTokenClassification",
    "AutoModelForQuestionAnswering": "heads.CharBertForQuestionAnswering",
    "AutoModelForMultipleChoice": "heads.CharBertForMultipleChoice",
}
# A published copy of an encoder alone, which was saved before, lacks it.
_HEADS = Path(__file__).parent / "heads.py"


def knows_all_heads() -> bool:
    """Tell whether the module of all heads lies here, as it does in this package."""
    return _HEADS.is_file()


def copy_modules(folder: Path) -> None:
    """Copy the modules of all heads, and those that they import.

    Args:
        folder: Where to; an existing folder.
    """
    for module in (_HEADS, *map(Path, get_relative_import_files(_HEADS))):
        shutil.copyfile(module, folder / module.name)
