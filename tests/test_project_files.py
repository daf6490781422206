"""The files around the package agree: workflow and .ci/run, hooks and pinned versions, forms, navigation of the site."""

import re
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[1]
YAML_FILES = [
    ROOT / "mkdocs.yml",
    ROOT / ".pre-commit-config.yaml",
    *sorted((ROOT / ".github").rglob("*.yml")),
]


def load(name: str):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def constraint(package: str) -> str:
    pins = re.findall(r"^(.+)==(.+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    return dict(pins)[package]


def make_targets(text: str) -> list[str]:
    return re.findall(r"^\s*(?:run: )?make ([a-z]+)$", text, re.MULTILINE)


@pytest.mark.parametrize("path", YAML_FILES, ids=lambda path: path.name)
def test_yaml_is_valid(path):
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


def test_the_workflow_is_ci_run_on_all_pythons():
    jobs = load(".github/workflows/ci.yml")["jobs"]
    commands = [step["run"] for step in jobs["check"]["steps"] if "run" in step]
    assert commands == [".ci/run"]
    classifiers = (ROOT / "pyproject.toml").read_text()
    supported = re.findall(r"Programming Language :: Python :: (3\.\d+)", classifiers)
    assert jobs["check"]["strategy"]["matrix"]["python"] == supported
    assert [step["run"] for step in jobs["docs"]["steps"] if "run" in step] == ["make docs"]


def test_ci_run_is_the_targets_of_the_makefile():
    targets = make_targets((ROOT / ".ci" / "run").read_text())
    assert targets == ["test", "check", "docs"]
    makefile = (ROOT / "Makefile").read_text()
    for target in targets:
        assert f"\n{target}: " in makefile


def test_hooks_have_the_pinned_versions():
    repositories = load(".pre-commit-config.yaml")["repos"]
    (ruff,) = [repository for repository in repositories if "ruff" in repository["repo"]]
    assert ruff["rev"] == f"v{constraint('ruff')}"
    for repository in repositories:
        if repository["repo"] == "local":
            for hook in repository["hooks"]:
                target = hook["entry"].removeprefix("make ")
                assert f"\n{target}: " in (ROOT / "Makefile").read_text()


def test_all_of_the_development_environment_is_pinned():
    pins = (ROOT / "constraints.txt").read_text().lower()
    project = (ROOT / "pyproject.toml").read_text()
    (optional,) = re.findall(r"\[project\.optional-dependencies\]\n(.*?)\n\[", project, re.DOTALL)
    for name in re.findall(r'"([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?[><=,]', optional):
        if name != "tensorboard":  # an extra that no test needs
            assert f"{name.lower()}==" in pins, name


def test_issue_forms_ask_what_they_must():
    for path in sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")):
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.name == "config.yml":
            assert form["blank_issues_enabled"] is False
            continue
        assert {"name", "description", "body"} <= set(form)
        questions = [part for part in form["body"] if part["type"] != "markdown"]
        ids = [question["id"] for question in questions]
        assert len(ids) == len(set(ids))
        assert all(question["attributes"].get("label") for question in questions)
        assert any(question.get("validations", {}).get("required") for question in questions)


def test_every_result_is_in_the_index_with_its_command():
    folder = ROOT / "docs" / "results"
    index = (folder / "index.md").read_text(encoding="utf-8")
    for page in sorted(folder.glob("*.md")):
        if page.name != "index.md":
            assert f"]({page.name})" in index
            assert page.read_text(encoding="utf-8").split("\n\n")[1].startswith("```"), (
                f"{page.name}: the command comes first"
            )
