"""Where the library's Trainer writes metrics besides our own records: TensorBoard, Weights & Biases, ..."""

from __future__ import annotations

from collections.abc import Sequence

from transformers.integrations import integration_utils

from charrobust.errors import UserError, hint


def check_trackers(names: Sequence[str]) -> None:
    """Refuse trackers that the library does not know, or whose package is not installed.

    Args:
        names: Their names, as ``report_to`` of the library's ``TrainingArguments`` takes them.

    Raises:
        UserError: With the first that cannot be written to.
    """
    if not names:
        return
    installed = integration_utils.get_available_reporting_integrations()  # type: ignore[no-untyped-call]
    for name in names:
        if name not in integration_utils.INTEGRATION_TO_CALLBACK:
            known = hint(name, integration_utils.INTEGRATION_TO_CALLBACK)
            raise UserError(f"unknown `training.report_to` {name!r}; {known}")
        if name not in installed:
            package = name.replace("_", "-")
            raise UserError(
                f"`training.report_to` {name} needs its package, which is not installed; install it with: "
                f"pip install {package}"
            )
