"""Checkpoints of a run: which of them are whole."""

from __future__ import annotations

import zipfile
from pathlib import Path

from safetensors import SafetensorError, safe_open

from charrobust.json_text import parse_json
from charrobust.logs import logger

_logger = logger(__name__)
_STATE = "trainer_state.json"  # the Trainer writes it last, so that its absence tells of an interruption
_NEEDED = (_STATE, "scheduler.pt", "rng_state*.pth")


def last_whole_checkpoint(output: Path) -> Path | None:
    """Return the newest checkpoint of a run that was written to its end; those passed over are named in a warning.

    Args:
        output: The run's folder.

    Returns:
        Its folder, or None where there is none.
    """
    checkpoints = [path for path in output.glob("checkpoint-*") if path.name.removeprefix("checkpoint-").isdigit()]
    # By number, and not by name: as text, checkpoint-9 would come behind checkpoint-10.
    for path in sorted(checkpoints, key=step_of, reverse=True):
        lack = what_lacks(path)
        if lack is None:
            _logger.info("going on from %s", path)
            return path
        _logger.warning("%s is not whole (%s), and is passed over", path, lack)
    return None


def step_of(checkpoint: Path) -> int:
    """Return the number of steps after which a checkpoint was written."""
    return int(checkpoint.name.removeprefix("checkpoint-"))


def what_lacks(checkpoint: Path) -> str | None:
    """Return what keeps a checkpoint from being whole, or None."""
    for pattern in _NEEDED:
        if not any(checkpoint.glob(pattern)):
            return f"{pattern} is missing"
    # Sharded training writes weights and optimizer under other names, which are not looked into.
    sharded = [*checkpoint.glob("pytorch_model_fsdp*"), *checkpoint.glob("optimizer_*")]
    weights = [*checkpoint.glob("*.safetensors")]
    if not sharded and not (weights and (checkpoint / "optimizer.pt").is_file()):
        return "model.safetensors or optimizer.pt is missing"
    pickles = [*checkpoint.glob("*.pt"), *checkpoint.glob("*.pth")]
    broken = [path.name for path in weights if not _opens(path)]
    broken += [path.name for path in pickles if not zipfile.is_zipfile(path)]  # a zip's directory stands at its end
    if not _is_json(checkpoint / _STATE):
        broken.append(_STATE)
    return f"{', '.join(sorted(broken))} is broken" if broken else None


def _opens(path: Path) -> bool:
    try:
        # Opening checks the header against the length of the file, without reading weights.
        with safe_open(path, "pt"):
            return True
    except (SafetensorError, OSError):
        return False


def _is_json(path: Path) -> bool:
    try:
        return isinstance(parse_json(path.read_bytes()), dict)
    # Bytes that are no text, as a crash may leave them, raise one too.
    except ValueError:
        return False
