# `make help` explains. Everything that is installed goes into .venv, node_modules and .muster.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export UV_PYTHON_DOWNLOADS := never

BIN := .venv/bin
UV := .muster/tools/bootstrap/bin/uv
MUSTER_HOME ?= .muster

.PHONY: help
help: ## What can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: setup ## Bring up everything on this machine, with a small demo company; Ctrl-C stops it
	@$(BIN)/python -m deploy.local run

.PHONY: demo
demo: setup ## Load the full demo company into the Muster that is running
	@$(BIN)/python -m deploy.local demo

.PHONY: servers
servers: setup ## Bring up Kafka and MongoDB alone, for instance for tests; Ctrl-C stops them
	@$(BIN)/python -m deploy.local servers

.PHONY: setup
setup: ## Install what is needed; quick when nothing changed
	@deploy/local/bootstrap.sh
	@$(BIN)/python -m deploy.local setup

.PHONY: test
ifdef T
test: setup ## Lint, types, import rules and the tests; `make test T=path` for the tests of one part
	@$(BIN)/python -m pytest $(T)
else
test: setup browser lint
	@$(BIN)/python -m pytest
endif

.PHONY: faults
faults: setup browser ## The bad days at full size: servers away for 30 s, kills while 20,000 events flow, more hostile input
	@MUSTER_FAULT_AWAY_SECONDS=30 MUSTER_FAULT_EVENTS=20000 MUSTER_FAULT_ROUNDS=5 MUSTER_FAULT_EXAMPLES=50 \
		$(BIN)/python -m pytest -m fault

.PHONY: browser
browser: setup
	@$(BIN)/python -m deploy.local browser

.PHONY: lint
lint: setup ## Formatting, lint, strict types and import rules
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: format
format: setup ## Format the code, and mend what the linter can mend
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format

.PHONY: messages
messages: setup ## Take new words of pages into the catalogues; says how many still lack Chinese
	@$(BIN)/python -m services.chassis.web.messages

.PHONY: lock
lock: setup ## Write requirements.lock from pyproject.toml, and install it; `make lock UPGRADE=1` takes newer versions
	@$(UV) pip compile --quiet --generate-hashes --no-header --python-version 3.11 \
		--extra local --extra node --extra dev $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock
	@deploy/local/bootstrap.sh

.PHONY: bench
bench: setup ## Measure; the figures and what they mean are in benchmarks/README.md
	@$(BIN)/python -m benchmarks

.PHONY: clean
clean: ## Remove what was installed and built; the data stays
	@mkdir -p $(MUSTER_HOME)/run
	@flock --nonblock $(MUSTER_HOME)/run/lock rm -rf $(MUSTER_HOME)/logs .muster/tools .muster/stamps .muster/logs \
		.venv node_modules services/chassis/web/static/vendor .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis || { echo 'Muster is running; stop it first.'; exit 1; }
	@find services deploy tests -name '*.mo' -delete -o -name '__pycache__' -prune -exec rm -rf {} +

.PHONY: clean-data
clean-data: ## Throw away all data of the Muster on this machine
	@mkdir -p $(MUSTER_HOME)/run
	@flock --nonblock $(MUSTER_HOME)/run/lock rm -rf $(MUSTER_HOME)/data \
		|| { echo 'Muster is running; stop it first.'; exit 1; }
