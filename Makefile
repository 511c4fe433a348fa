# Two lines are enough: `make demo` shows the whole loop, `make test` passes the tests.
# Everything runs in .venv, which is made from requirements.lock (pinned with hashes) when it is missing.

PYTHON ?= python3.11
BIN := .venv/bin
READY := .venv/.installed

# What is compiled once is not compiled again by each of hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo test faults fuzz audit check format bench docs docs-check lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

$(READY): requirements.lock pyproject.toml
	@echo "Making .venv from requirements.lock: this takes some minutes, once." >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

install: $(READY) ## make .venv

demo: $(READY) ## the whole loop on an invented wedding
	@$(BIN)/parinaya demo

# One more than the cores of a small machine: tests with real processes wait a good part of their time.
test: $(READY) ## all tests, in parallel and random order
	@$(BIN)/pytest -q -n 3 --dist worksteal

faults: $(READY) ## everything that can go wrong, on real processes, with its figures (half an hour)
	@$(BIN)/python -m tests.faults

SECONDS ?= 600
fuzz: $(READY) ## strange bytes for everything that reads some (SECONDS=600)
	@$(BIN)/python -m tests.fuzz $(SECONDS)

audit: $(READY) ## known holes in what we depend on (asks the network)
	@$(BIN)/uv tool run --from 'pip-audit>=2.10,<3' pip-audit --strict --require-hashes --disable-pip -r requirements.lock

check: $(READY) ## lint, format, types, import rules, documents
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy parinaya_cli tests migrations
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.docs.generate --check

format: $(READY) ## format the code and sort its imports
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(READY) ## figures against their bars, as ratios to a floor measured in the same run; one table at the end
	@$(BIN)/python -m tests.bench

docs: $(READY) ## write the generated parts of the documents anew, and build them as a site
	@$(BIN)/python -m tests.docs.generate
	@$(BIN)/python -m tests.docs.site

lock: $(READY) ## resolve the dependencies anew
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--python-version 3.11 pyproject.toml --group dev -o requirements.lock

clean: ## remove what was made
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
