# Centralita. `make run` shows it, `make test` proves it. Needs git, make, python3 (>= 3.11), python3-venv.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKS := requirements-build.lock requirements-dev.lock

.PHONY: help run test check bench bench-large soak chaos venv prompts vendor lock notices docs format clean prerequisites test-system

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-11s %s\n", $$1, $$2}'

prerequisites:
	@PYTHON=$(PYTHON) tools/prerequisites

venv: $(VENV)/.done ## Make the environment; gives .venv/bin/centralita

$(VENV)/.done: $(LOCKS) setup.cfg pyproject.toml | prerequisites
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing what the lock files name"
	@$(INSTALL) --require-hashes -r requirements-build.lock
	@$(INSTALL) --require-hashes --no-build-isolation -r requirements-dev.lock
	@$(INSTALL) --no-build-isolation --no-deps -e .
	@touch $@

run: venv ## Start the demo: simulated exchange, made-up customers, a running floor of calls
	@$(BIN)/centralita demo

check: venv ## Format, lint, types, import contracts, unit tests, coverage of the pure modules
	@tools/check

test: venv test-system ## Everything: check, then all suites, real Asterisk and browser included
	@tools/test

test-system: | prerequisites
	@tools/test-system

bench: venv ## Measure; writes build/bench.json
	@$(BIN)/centralita bench

bench-large: venv ## Make a site of 1 M people and 10 M calls once (ONLY=tenth: a tenth), measure; build/bench-large.json
	@$(BIN)/python benchmarks/large.py $(if $(ONLY),--only $(ONLY))

MINUTES ?= 30
RATE ?= 100
soak: venv ## Run long: MINUTES=30 at RATE=100 calls/s; memory, drift, lag; writes build/soak.json
	@$(BIN)/python benchmarks/soak.py --minutes $(MINUTES) --rate $(RATE)

chaos: venv test-system ## Everything fails under 6 calls/s, ~10 minutes; SEED=N plays one again; writes build/chaos.json
	@PYTHONPATH=tests $(BIN)/python -m lab.storm $(if $(SEED),--seed $(SEED))

PROMPTS ?= build/prompts
prompts: prerequisites ## Speak the menus' sounds into PROMPTS=build/prompts (needs espeak-ng and sox)
	@$(PYTHON) tools/prompts.py $(PROMPTS)

vendor: ## Bundle third-party browser files again (needs node and npm)
	@tools/vendor

lock: venv ## Pin the dependencies of setup.cfg again, with hashes
	@tools/lock

notices: venv ## Write THIRD-PARTY-NOTICES.md from what is installed and vendored
	@$(BIN)/python tools/notices.py

docs: venv ## Write the tables of docs that the code tells
	@$(BIN)/python tools/tables.py

format: venv ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove what was made, not the data
	rm -rf build $(VENV) *.egg-info .mypy_cache .ruff_cache
