# `make demo` and `make test` set everything up on their own; a second call installs nothing.
PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/sh

.PHONY: help demo test nightly check docs format benchmarks clean

help:
	@echo "make demo        what do typos do to a model? (sets up on the first call)"
	@echo "make test        run the tests"
	@echo "make nightly     run the tests that are left out of it for their time"
	@echo "make check       lint, types, imports, docstrings"
	@echo "make docs        build the documentation site into site/, without a warning"
	@echo "make benchmarks  measure throughput, start-up and fidelity"

.venv/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "needs Python 3.11, 3.12 or 3.13; name one with: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: .venv/.ready
	$(BIN)/charrobust demo

test: .venv/.ready
	$(BIN)/pytest --numprocesses auto --dist worksteal

nightly: .venv/.ready
	$(BIN)/pytest --numprocesses auto --dist worksteal -m nightly

check: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pydoclint --quiet charrobust

# The variable silences a notice of the theme about a later MkDocs; warnings of the site itself are errors.
docs: .venv/.ready
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --clean
	@echo "site/index.html"

format: .venv/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmarks: .venv/.ready
	for script in benchmarks/[a-z]*.py; do $(BIN)/python $$script || exit 1; done

clean:
	rm -rf .venv demo site .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
