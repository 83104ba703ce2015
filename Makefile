# Everything Voordeur needs, from a machine with Python 3.11 and git.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:

PYTHON ?= python3
UV := .tools/bin/uv
VENV := .venv
NLU := nlu/server/.venv
BIN := $(VENV)/bin
# A Python that uv fetches lies inside the project, where whoever serves it can reach it.
export UV_PYTHON_INSTALL_DIR := $(CURDIR)/.tools/python

.PHONY: help install install-dev model run test check nlu-test bench format lock clean
help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# Stamps stand for what was installed; they are older than a requirements file that changed.
$(UV): requirements/tools.txt
	@echo "setup: fetching uv into .tools"
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

$(VENV)/run.stamp: requirements/run.txt requirements/build.txt pyproject.toml $(UV)
	@echo "setup: the bot's environment (about a minute)"
	[ -x $(BIN)/python ] || $(UV) venv --quiet --python '>=3.11' $(VENV)
	$(UV) pip install --python $(BIN)/python --require-hashes -r requirements/run.txt
	$(UV) pip install --python $(BIN)/python --require-hashes -r requirements/build.txt
	$(UV) pip install --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@echo "setup: the tools for tests"
	$(UV) pip install --python $(BIN)/python --require-hashes -r requirements/dev.txt
	touch $@

$(NLU)/run.stamp: nlu/server/requirements.txt nlu/server/.python-version $(UV)
	@echo "setup: the NLU environment with Python $$(cat nlu/server/.python-version) (some minutes)"
	# From its own folder, so that .python-version counts for whatever finds the interpreter.
	[ -x $(NLU)/bin/python ] || (cd nlu/server && ../../$(UV) venv --quiet --python "$$(cat .python-version)" .venv)
	$(UV) pip install --python $(NLU)/bin/python --require-hashes -r nlu/server/requirements.txt
	touch $@

install: $(VENV)/run.stamp $(NLU)/run.stamp ## Install everything that runs

install-dev: $(VENV)/dev.stamp $(NLU)/run.stamp ## Install everything that tests

model: install ## Train the NLU model where its sentences or config.yml changed
	@$(BIN)/voordeur train

run: model ## Set up everything and serve it: chat at http://127.0.0.1:8080/, desk at /desk
	@$(BIN)/voordeur staff first
	exec $(BIN)/voordeur serve

check: $(VENV)/dev.stamp ## Lint, types, import contracts and the fast tests: under a minute
	@$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q -n auto --dist loadfile -m "not browser and not nlu and not slow"

test: $(VENV)/dev.stamp model ## Lint, types, import contracts and every test this machine can run
	@$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(NLU)/bin/python -m pytest -q -p no:cacheprovider nlu/server/tests
	$(BIN)/pytest $(PYTEST)

bench: $(VENV)/dev.stamp model ## Measure turns, parsing, search, memory and start on this machine
	@$(BIN)/python -m tests.bench

format: $(VENV)/dev.stamp ## Bring the code into form
	@$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --quiet --fix .

LOCK = $(UV) pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links
lock: $(UV) ## Renew the pinned requirements
	@$(LOCK) --universal --python-version 3.11 pyproject.toml -o requirements/run.txt
	$(LOCK) --universal --python-version 3.11 pyproject.toml --group dev -o requirements/dev.txt
	$(LOCK) --universal --python-version 3.11 requirements/build.in -o requirements/build.txt
	$(LOCK) --universal --python-version 3.11 requirements/tools.in -o requirements/tools.txt
	$(LOCK) --python-version 3.10 nlu/server/requirements.in -o nlu/server/requirements.txt

clean: ## Take away everything that was installed or made
	@rm -rf .tools $(VENV) $(NLU) var
