"""The harnesses themselves run what was exported, with models that need no network."""

import json
import os
import subprocess
import sys

import pytest

from charrobust.scoring.exchange.export import export_tasks
from tests.tasks.data import SQUAD

pytestmark = [pytest.mark.nightly, pytest.mark.slow]
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "PYTHONWARNINGS": "ignore"}

# The harness counts tokens with a vocabulary that it would load from a network.
INSPECT = """
import json, sys, types
import tiktoken
words = types.SimpleNamespace(encode=lambda text, **_: text.split())
tiktoken.get_encoding = lambda name: words
from inspect_ai import eval
from inspect_ai.model import ModelOutput, get_model
answers = [ModelOutput.from_content("mockllm/model", sys.argv[2])] * 100
logs = eval(sys.argv[1], model=get_model("mockllm/model", custom_outputs=answers), display="none", log_dir=sys.argv[3])
scores = {log.eval.task: log.results.scores[0].metrics for log in logs if log.status == "success"}
print(json.dumps({task: next(iter(metrics.values())).value for task, metrics in scores.items()}))
"""
MTEB = """
import json, zlib
import mteb, numpy as np, tasks
from mteb.models import ModelMeta
from mteb.models.abs_encoder import AbsEncoder

class Words(AbsEncoder):
    mteb_model_meta = ModelMeta.create_empty()
    def __init__(self): pass
    def encode(self, inputs, **_):
        vectors = []
        for text in (text for batch in inputs for text in batch["text"]):
            vectors.append(np.zeros(997))
            for word in text.lower().split():
                vectors[-1][zlib.crc32(word.encode()) % 997] += 1
        return np.stack(vectors)

found = mteb.evaluate(Words(), tasks.TASKS, cache=None).task_results
print(json.dumps({result.task_name: result.scores["test"][0]["ndcg_at_10"] for result in found}))
"""


def ran(*arguments, folder):
    """Run Python; return what it printed."""
    environment = {**os.environ, **OFFLINE, "HF_HOME": str(folder / "home")}
    run = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def told(*arguments, folder):
    """Run Python; return the JSON of the last line."""
    return json.loads(ran(*arguments, folder=folder).splitlines()[-1])


@pytest.mark.needs("lm_eval")
def test_lm_eval(reviews, tmp_path):
    export_tasks(reviews, tmp_path / "out", to="lm-eval")
    (tmp_path / "squad.json").write_text(json.dumps(SQUAD), encoding="utf-8")
    export_tasks(tmp_path / "squad.json", tmp_path / "asked", to="lm-eval")
    for folder, group, tasks in (
        ("out", "charrobust_reviews", ("reviews_clean", "reviews_charbert", "reviews_drop_0_5")),
        ("asked", "charrobust_squad", ("squad_clean",)),
    ):
        told = ran("-m", "lm_eval", "--model", "dummy", "--include_path", folder, "--tasks", group, folder=tmp_path)
        assert all(task in told for task in tasks), told


@pytest.mark.needs("inspect_ai")
def test_inspect(reviews, tmp_path):
    export_tasks(reviews, tmp_path / "out", to="inspect")
    scores = told("-c", INSPECT, "out/tasks.py", "ANSWER: B", "logs", folder=tmp_path)
    assert set(scores) == {"reviews_clean", "reviews_charbert", "reviews_drop_0_5"}
    assert all(score == pytest.approx(2 / 3) for score in scores.values())  # two of three are good


@pytest.mark.needs("inspect_ai")
def test_inspect_of_free_answers(tmp_path):
    (tmp_path / "squad.json").write_text(json.dumps(SQUAD), encoding="utf-8")
    export_tasks(tmp_path / "squad.json", tmp_path / "out", to="inspect")
    assert told("-c", INSPECT, "out/tasks.py", "unanswerable", "logs", folder=tmp_path)["squad_clean"] > 0


@pytest.mark.needs("mteb")
def test_mteb(collection, tmp_path):
    export_tasks(collection, tmp_path / "out", to="mteb")
    (tmp_path / "out" / "words.py").write_text(MTEB)
    scores = told("words.py", folder=tmp_path / "out")
    assert scores["collection_clean"] > 0.5
    assert scores["collection_charbert"] < scores["collection_clean"]
