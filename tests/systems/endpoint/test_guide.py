"""What the guide shows of endpoints is so."""

import re
import shlex
import tomllib
from pathlib import Path

from charrobust import resources
from charrobust.settings import field_names, read
from charrobust.systems.endpoint.endpoint import EndpointSystem
from charrobust.systems.endpoint.settings import FOLDER, Answer, EndpointSettings, Limits, Price
from charrobust.systems.naming import SystemOptions
from charrobust.tasks.registry import task_class

PAGE = (Path(__file__).parents[3] / "docs" / "guide" / "endpoints.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_endpoint_of_the_guide_is_valid(monkeypatch):
    monkeypatch.setenv("READER_KEY", "x")
    (block,) = blocks("toml")
    settings = read(EndpointSettings, tomllib.loads(block))
    assert EndpointSystem("e", settings, SystemOptions(task=task_class("qa"))).name == "e"


def test_all_keys_are_told():
    for kind in (EndpointSettings, Answer, Limits, Price):
        for name in field_names(kind):
            assert re.search(rf"\b{name}\b", PAGE), name


def test_commands_name_endpoints_that_ship(run):
    options = run("evaluate", "--help").out
    (block,) = blocks("console")
    for line in block.splitlines():
        words = shlex.split(line)
        assert words[words.index("--endpoint") + 1] in resources.names(FOLDER)
        assert all(word in options for word in words if word.startswith("--"))
