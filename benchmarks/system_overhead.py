"""Examples/s of systems asked through charrobust beside calling them directly, on the same inputs.

    python benchmarks/system_overhead.py [--rounds 5]

Rounds alternate in one process; printed are medians, and the median of the ratios within a round. The inputs are the
sample reviews, clean and attacked, each once.
"""

from __future__ import annotations

import argparse
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import transformers
import urllib3
from evaluation_speed import make_model
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.datasets import load_data
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.systems.predictions import Predictions
from charrobust.systems.system import System
from charrobust.tasks.examples import Example

DATA = "reviews:test"
TASK = "classification"
COUNT = 640  # texts
_DELAY = 0.01  # seconds that the server takes for an answer, as a small model would


@dataclass(frozen=True)
class Contestant:
    """A system, and the same asked directly.

    Attributes:
        name: Name in the table.
        system: Makes the system anew, as nothing is to be remembered between rounds.
        direct: Answers a list of texts.
    """

    name: str
    system: Callable[[], System]
    direct: Callable[[list[str]], Any]


class _Server(BaseHTTPRequestHandler):
    """Answers a KServe request with a class for each text."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        texts = request["inputs"][0]["data"]
        time.sleep(_DELAY * len(texts))
        outputs = [{"name": "label", "shape": [len(texts)], "datatype": "BYTES", "data": ["positive"] * len(texts)}]
        body = json.dumps({"outputs": outputs}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[str]:
    """Run the server; yields its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v2/models/m/infer"
    finally:
        server.shutdown()


def transformer(folder: Path) -> Callable[[list[str]], Any]:
    """Return a pipeline of the transformers library, as many have in production."""
    model = make_model(folder)
    return partial(transformers.pipeline("text-classification", model=str(model), device="cpu"), batch_size=32)


def pipeline() -> Any:
    """Return a fitted pipeline of scikit-learn."""
    train = load_data("reviews:train").examples
    made = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)), LogisticRegression(max_iter=1000))
    return made.fit([example.texts[0] for example in train], [example.target for example in train])


def contestants(url: str, folder: Path) -> list[Contestant]:
    """Return what is timed."""
    endpoint = folder / "served.toml"
    endpoint.write_text(ENDPOINT.format(url=url), encoding="utf-8")
    fitted, production = pipeline(), transformer(folder / "model")
    pool = urllib3.PoolManager()

    def posted(texts: list[str]) -> list[Any]:
        answers = []
        for first in range(0, len(texts), 8):
            data = texts[first : first + 8]
            inputs = [{"name": "text", "shape": [len(data)], "datatype": "BYTES", "data": data}]
            answers += pool.request("POST", url, json={"inputs": inputs}).json()["outputs"][0]["data"]
        return answers

    options = SystemOptions.for_data(load_data(DATA))
    return [
        Contestant("function", lambda: System.of(production, task=TASK, name="pipeline"), production),
        Contestant("scikit-learn", lambda: System.of(fitted, task=TASK), fitted.predict),
        Contestant("endpoint", lambda: load_system(str(endpoint), options), posted),
    ]


ENDPOINT = """
url = "{url}"
batch = 8
[[request.body.inputs]]
name = "text"
shape = ["{{count}}"]
datatype = "BYTES"
data = "{{texts}}"
[answer]
path = "outputs.0.data"
[limits]
workers = 1
"""


def inputs() -> list[Example]:
    """Return the clean reviews and the attacked ones, each text once."""
    data = load_data(DATA)
    versions = make_versions(data, plan_attackers(["charbert", "drop@0.5"]))
    distinct = {example.texts: example for version in versions for example in version.examples}
    return list(distinct.values())[:COUNT]


def timed(call: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def rates(contestant: Contestant, examples: Sequence[Example], rounds: int) -> tuple[list[float], list[float]]:
    """Return the examples/s through charrobust and directly, round by round."""
    texts = [example.texts[0] for example in examples]
    ours, direct = [], []
    for _ in range(rounds):
        system = contestant.system()
        ours.append(len(texts) / timed(lambda system=system: Predictions().of(system, examples)))
        direct.append(len(texts) / timed(lambda: contestant.direct(texts)))
    return ours, direct


def main() -> None:
    """Print a row for each kind of system."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    examples = inputs()
    print(f"{len(examples)} texts, medians of {rounds} rounds")
    with served() as url, TemporaryDirectory() as folder:
        for contestant in contestants(url, Path(folder)):
            ours, direct = rates(contestant, examples, rounds)
            ratio = statistics.median(mine / other for mine, other in zip(ours, direct, strict=True))
            print(
                f"{contestant.name:<14}{statistics.median(ours):9.0f} examples/s, directly "
                f"{statistics.median(direct):9.0f}: {ratio:.2f}"
            )


if __name__ == "__main__":
    main()
