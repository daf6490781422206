"""The option of devices."""

import pytest


@pytest.mark.needs("torch", "matplotlib")
def test_the_command_line_names_the_option(run, tmp_path):
    (tmp_path / "data.txt").write_text("a text\nanother text\n")
    result = run(
        "sensitivity", "--model", "minilm", "--data", tmp_path / "data.txt", "--device", "gpu", "-o", tmp_path / "o"
    )
    assert (result.status, "--device 'gpu' is not there; available: auto, cpu" in result.err) == (2, True), result.err
