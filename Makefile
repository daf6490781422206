# `make demo` and `make test` set everything up on their own; a second call installs nothing.
PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/sh

.PHONY: help demo test nightly faults light lowest check docs format benchmarks clean

help:
	@echo "make demo        what do typos do to a model? (sets up on the first call)"
	@echo "make test        run the tests"
	@echo "make nightly     run the tests that are left out of it for their time, and more examples of the others"
	@echo "make faults      look for faults: fuzzed texts, damaged files, kills, full disks (about an hour)"
	@echo "make light       run the tests of a light installation, in an environment of its own"
	@echo "make lowest      the same with the lowest versions that pyproject.toml names (needs uv)"
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
	$(BIN)/pytest --numprocesses auto --dist worksteal -m 'hypothesis and not nightly' --hypothesis-profile thorough

faults: .venv/.ready
	CHARROBUST_MUTANTS=2600 $(BIN)/pytest tests/datasets/test_fuzz.py
	$(BIN)/python -m tests.faults

# Environments of their own: the light installation as users make it, and the lowest versions that pyproject.toml names
# (but for torch and what needs it). The installed wheel is tested, away from the checkout; tests that need a package
# which is not there are skipped, with the reason.
TOOLS := 'pytest>=8.3' 'pytest-xdist>=3.6' 'hypothesis>=6.100'
LIGHT_TESTS := $(addprefix tests/,perturb datasets tasks attackers report scoring search systems cli test_light.py \
	test_lists_errors.py test_plugins.py test_plugins_errors.py test_samples.py test_settings.py)
define LIGHT_RUN
	rm -rf $(1)/checkout && mkdir $(1)/checkout
	cp -R tests attacks data docs pyproject.toml requirements-light.txt $(1)/checkout
	cd $(1)/checkout && ../bin/python -m pytest --numprocesses auto -rs -m 'not slow and not nightly' $(2) $(LIGHT_TESTS)
endef

light:
	$(PYTHON) -m venv --clear .venv-light
	.venv-light/bin/pip install --quiet --disable-pip-version-check -r requirements-light.txt $(TOOLS)
	.venv-light/bin/pip install --quiet --disable-pip-version-check --no-deps .
	$(call LIGHT_RUN,.venv-light)

lowest:
	$(PYTHON) -m venv --clear .venv-lowest
	uv pip install --quiet --python .venv-lowest --resolution lowest-direct -r requirements-light.txt \
		'scikit-learn>=1.4' 'matplotlib>=3.8' 'nlpaug>=1.1.11' $(TOOLS)
	uv pip install --quiet --python .venv-lowest --no-deps .
	$(call LIGHT_RUN,.venv-lowest,-o filterwarnings=default)  # old packages warn of what new ones under them left

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
	rm -rf .venv .venv-light .venv-lowest demo site .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
