"""The wheel holds recipes, layouts, cards and samples, and works without the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling")
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = f"from hatchling.build import build_wheel; print(build_wheel({str(folder)!r}))"
    run = subprocess.run([sys.executable, "-c", build], cwd=ROOT, capture_output=True, text=True, check=True)
    return folder / run.stdout.split()[-1]


@pytest.mark.slow
def test_the_wheel_works_on_its_own(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    assert "charrobust/_shipped/attacks/charbert.toml" in names
    assert "charrobust/_shipped/attacks/keyboards/us-qwerty.toml" in names
    assert "charrobust/_shipped/attacks/stopwords/en.txt" in names
    assert "charrobust/_shipped/data/reviews-train.jsonl" in names
    assert "charrobust/_shipped/data/endpoints/kserve-v2.toml" in names
    assert "charrobust/py.typed" in names
    assert "charrobust/models/shipped/charbert-minilm-l6/channel.safetensors" in names
    assert "charrobust/models/shipped/charbert-e5-small/lexicon.txt" in names
    assert "charrobust/training/pretraining/configurations/minilm.toml" in names
    assert {f"charrobust/report/templates/page.{suffix}" for suffix in ("html", "css", "js")} <= set(names)
    assert not [name for name in names if name.startswith(("tests", "benchmarks"))]
    command = [sys.executable, "-m", "charrobust", "attack", "entities", "-r", "charbert", "-o", "out.conll"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "out.conll").stat().st_size > 10_000
