"""``charrobust try`` from start to end."""

import re
import signal
import subprocess
import sys

import pytest

from tests.live.asking import QUESTION, request


@pytest.mark.slow
def test_start_get_post_stop():
    command = [
        sys.executable,
        "-m",
        "charrobust",
        "try",
        "--port",
        "0",
        "--model",
        "python:tests.cli.searched_model:mood",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        port = int(re.search(r"http://127\.0\.0\.1:(\d+)/", process.stdout.readline())[1])
        assert "Try a sentence" in request(port).body
        (model,) = request(port, "POST", "/ask", QUESTION).told["models"]
        assert model["clean"]["classes"][0][0] == "positive"
    finally:
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
    assert err == "note: python:tests.cli.searched_model:mood runs code of that module\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--model", "python:tests.cli.searched_model:nothing"), "nothing"),
        (("--task", "clasification"), "did you mean 'classification'?"),
        (("--port", "99999"), "--port"),
    ],
)
def test_mistakes(run, options, message):
    result = run("try", *options)
    assert (result.status, message in result.err) == (2, True), result.err
