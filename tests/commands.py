"""Running commands in a fresh process, one after the other, as on an installation that is made for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cli.running import Result

ROOT = Path(__file__).parents[1]
ABSENT = (
    "accelerate", "datasets", "huggingface_hub", "jaxtyping", "matplotlib", "nlpaug", "safetensors", "sklearn",
    "tokenizers", "torch", "transformers",
)  # fmt: skip
# What finds modules finds none of these, as if they were not installed. (None in their place in the table of modules
# would keep them from being imported, too; but SciPy takes what stands there for the package.)
LIGHT = f"""
from importlib.machinery import PathFinder
class Light(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {ABSENT!r} else super().find_spec(name, path, target)
sys.meta_path[:] = [Light if finder is PathFinder else finder for finder in sys.meta_path]
"""
_SCRIPT = """
import contextlib, io, json, sys
{before}
from charrobust.cli import main
results = []
for arguments in json.loads(sys.argv[1]):
    sys.argv[1:] = arguments
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as error:
            status = error.code
    results.append([status, out.getvalue(), err.getvalue()])
    if status not in (0, None):
        sys.stderr.write(err.getvalue())
print(json.dumps(results))
"""


def run_commands(
    commands: Mapping[str, Sequence[str]], folder: Path, *, before: str = "", path: Sequence[Path] = ()
) -> dict[str, Result]:
    """Run commands in one process.

    Args:
        commands: Arguments of each command, by a name.
        folder: Where they run.
        before: Code to run before the package is imported.
        path: Folders from which packages are found, too.

    Returns:
        What came of each, by its name.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [*path, ROOT])), "COLUMNS": "200"}
    command = [sys.executable, "-c", _SCRIPT.format(before=before), json.dumps(list(commands.values()))]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout.splitlines()[-1])
    return {name: Result(status or 0, out, err) for name, (status, out, err) in zip(commands, told, strict=True)}
