# make demo      optics of SPEAR3: table, TFS file and plot in demo_output/
# make test      lint and the default tests
# make test-all  the same with the slow tests
# make lint | bench | clean
# Each target makes .venv itself with the first Python >= 3.11 on PATH; PYTHON=... chooses another.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
USABLE := import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$p -c '$(USABLE)' 2>/dev/null; then command -v $$p; break; fi; done)

.PHONY: demo test test-all lint bench clean

demo: $(VENV)/.installed
	@mkdir -p demo_output
	$(BIN)/taylorbeam twiss tracking/data/spear3.madx --no-rf --tfs demo_output/spear3_twiss.tfs --plot demo_output/spear3_twiss.png

test: lint
	$(BIN)/python -m pytest

test-all: lint
	$(BIN)/python -m pytest -m ""

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks.one_turn_map
	$(BIN)/python -m benchmarks.twiss
	$(BIN)/python -m benchmarks.tpsa_ops
	$(BIN)/python -m benchmarks.tracking
	$(BIN)/python -m benchmarks.tpsa_memory
	$(BIN)/python -m benchmarks.tpsa_threads
	$(BIN)/python -m benchmarks.tpsa_batch
	$(BIN)/python -m benchmarks.tpsa_jax
	$(BIN)/python -m benchmarks.tables

clean:
	rm -rf $(VENV) demo_output build dist .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "no Python >= 3.11 with venv on PATH; install one or call make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --editable . >&2
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --editable ".[dev,peers]" >&2
	@touch $@ $(VENV)/.installed
