# Two commands for a newcomer: `make warehouse` and `make test`. Both set themselves up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV_VERSION := 0.13.9

.DEFAULT_GOAL := help
.PHONY: help setup warehouse ui site superset superset-lock spark-lock test test-servers servers lint format docs lock accept bench fuzz faults audit round-trip mutation clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Make the environment in .venv (the other targets do it when it is missing)

# --compile-bytecode: uv leaves it out by default, and then every process imports 2-3 times slower.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || \
		{ echo "Gongkai needs Python 3.11, 3.12 or 3.13, and '$(PYTHON)' is none of them."; \
		echo "Install one, then say which: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "'$(PYTHON)' has no venv module; on Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

warehouse: $(READY) ## Read landing/, build the warehouse, check it, publish a release
	$(BIN)/gongkai build

site: $(READY) ## Write the last release as a static site to warehouse/site/
	$(BIN)/gongkai site

ui: $(READY) ## Open Dagster's web UI on http://127.0.0.1:3000
	$(BIN)/gongkai ui

superset: $(READY) ## Open the dashboards in Superset on http://127.0.0.1:8088
	$(BIN)/python bi/superset/run.py start

test: lint ## Run everything that must hold: lint, unit, golden, conventions, dbt, integration
	$(BIN)/pytest --numprocesses auto --dist loadfile

test-servers: $(READY) servers ## Run what needs PostgreSQL, Superset, Spark or a browser; installs them where it may
	$(BIN)/pytest $(or $(SERVERS),tests/servers)

# Only root on Debian can install them; elsewhere the tests that miss one are skipped with a reason.
servers: ## Install PostgreSQL, Chromium and Java from Debian, where that is possible
	@test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || \
		{ test -d /usr/lib/postgresql && command -v chromium >/dev/null && command -v java >/dev/null; } || \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql chromium fonts-noto-cjk default-jre-headless; }

lint: $(READY) ## Check style and formatting of Python and SQL
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt/models dbt/macros dbt/tests

format: $(READY) ## Put Python into its fixed format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(READY) ## Write the dbt documentation as one static file
	$(BIN)/python -m dagster_project.dbt_docs

lock: $(READY) ## Compile requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal \
		--extra dev --extra postgres --extra servers pyproject.toml -o requirements.lock

superset-lock: $(READY) ## Compile bi/superset/requirements.lock anew from requirements.in
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal \
		--python-version 3.11 bi/superset/requirements.in -o bi/superset/requirements.lock

spark-lock: $(READY) ## Compile distributed/requirements.lock anew, with the packages of requirements.lock
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal \
		--constraint requirements.lock --extra spark pyproject.toml -o distributed/requirements.lock

accept: $(READY) ## Accept what the parser reads of a golden case: make accept CASE=edition/name
	@test -n "$(CASE)" || { echo "Name the case: make accept CASE=edition/name"; exit 1; }
	$(BIN)/python tests/golden/accept.py "$(CASE)"

bench: $(READY) ## Measure each target as a ratio, on REPORTS drawn ones (2000); writes bench/README.md
	$(BIN)/python -m bench.targets $(or $(REPORTS),2000) --folder .cache/bench-$(or $(REPORTS),2000) --write

fuzz: $(READY) ## Throw broken bytes at every format for five minutes: make fuzz SECONDS=3600
	$(BIN)/python -m bench.fuzz --seconds $(or $(SECONDS),300)

faults: $(READY) ## Kill two hundred runs, break others in every other way, look at what is left
	$(BIN)/python -m tests.faults.killing --kills $(or $(KILLS),200)
	$(BIN)/python -m tests.faults.breaking

audit: $(READY) ## Ask whether a locked package is known to be vulnerable (asks the package index)
	$(BIN)/python -m dagster_project.audit

round-trip: $(READY) ## Draw, print and read back 10,000 forms (15 minutes); writes bench/README.md
	$(BIN)/python -m bench.round_trip 10000 --write

mutation: $(READY) ## Break known reports in hundreds of ways and count who notices; writes bench/README.md
	$(BIN)/python -m bench.mutation 400 --write

clean: ## Remove what can be built again; landing/ and published/ stay
	rm -rf warehouse/gongkai.duckdb* warehouse/landing.sha256* warehouse/run.lock warehouse/run.sha256 warehouse/dagster warehouse/dbt warehouse/data_docs
	rm -rf $(VENV) .cache .pytest_cache .ruff_cache .hypothesis dbt/target dbt/logs docs/dbt *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +
