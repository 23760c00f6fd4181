# `make lab` to learn; `make check` after a change; `make test` before a pull request.
# Everything is installed into .venv, once.

PYTHON ?= python3
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
ROOT := $(CURDIR)

# `make lab TORCH=cpu` installs PyTorch's CPU build from PyTorch's own package index.
# On Linux it is much smaller.
ifeq ($(TORCH),cpu)
TORCH_INDEX := --extra-index-url https://download.pytorch.org/whl/cpu
else ifneq ($(TORCH),)
$(error TORCH can be cpu, or left out)
endif

.PHONY: setup lab check test test-long lint bench bench-grade notebooks messages figures site constraints

setup: .venv/installed
lab: setup
	$(BIN)/backprop lab "$(ROOT)" -- $(ARGS)

# All tests but those that drive a browser, execute notebooks or grade classes.
# `make check ARGS=tests/backprop` runs a part.
check: lint
	$(BIN)/python -m pytest -n auto -m "not browser and not end_to_end" $(ARGS)

test: lint
	$(BIN)/python -m pytest -n auto $(ARGS)

# 25 times as many random examples, new ones each time, and every known mistake through the grader.
# It takes hours.
test-long: lint
	TESTS=long $(BIN)/python -m pytest -n auto $(ARGS)

lint: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

bench: .venv/installed-test
	$(BIN)/python -m tests.bench.everything

# Grading beside stock nbgrader, about five minutes. `make bench-grade ARGS=--full`: all lessons;
# `make bench-grade ARGS='--large 10000'`: one large class.
bench-grade: .venv/installed-test
	$(BIN)/python -m tests.bench.grade $(ARGS)
	$(BIN)/python -m tests.bench.cluster

notebooks: setup
	$(BIN)/python -m autograder.building
	$(BIN)/python -m autograder.readme

messages: .venv/installed-test
	$(BIN)/python -m autograder.messages

figures: setup
	$(BIN)/python -m autograder.draw

# The lessons, the guides and the catalogue of mistakes as a website, in build/site.
# Nothing is fetched from a network.
site: .venv/installed-test
	$(BIN)/python docs/write_pages.py build/site-pages
	$(BIN)/python -m sphinx -q -W --keep-going -c docs build/site-pages build/site

.venv/pyvenv.cfg:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "This needs Python 3.11 or newer: make PYTHON=python3.12 setup")'
	$(PYTHON) -m venv .venv

PIP_OPTIONS ?=
INSTALL = $(BIN)/python -m pip install --constraint constraints.txt $(TORCH_INDEX) $(PIP_OPTIONS) --editable

.venv/installed: .venv/pyvenv.cfg pyproject.toml constraints.txt
	@echo "Installing JupyterLab, PyTorch and the course into .venv. This happens once and takes some minutes."
	$(INSTALL) .
	touch $@

.venv/installed-test: .venv/pyvenv.cfg pyproject.toml constraints.txt
	@echo "Installing JupyterLab, PyTorch, the course and what tests need into .venv. This happens once and takes some minutes."
	$(INSTALL) '.[test]'
	touch .venv/installed $@

# After a change of pyproject.toml in a fresh environment: note every version that was installed.
constraints: .venv/installed-test
	$(BIN)/python -m pip freeze --all --exclude pip --exclude-editable | sed 's/+cpu$$//' > constraints.txt
