# Everything a contributor types. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEV_INSTALLED := $(VENV)/.dev-installed
PYTEST := $(BIN)/pytest

# What is run on PostgreSQL each time: claims, locks, and one way through everything.
ON_POSTGRESQL := tests/postgresql tests/digest/test_at_once.py tests/digest/test_worker.py tests/storage/test_table_reader.py tests/storage/test_table_writer.py tests/storage/test_decision_order.py tests/storage/test_issues.py tests/storage/test_tag_search.py tests/storage/test_tag_index_migration.py tests/storage/test_tag_values.py tests/storage/test_migrate_beside.py tests/digest/test_stopped.py tests/artifacts/test_deleted_beside.py tests/cli/test_backup.py tests/cli/test_exchange.py

# What is supported; the last one is what tests run on where no other is asked for.
POSTGRESQL_VERSIONS := 15 16 17 18
VERSION ?= 18

.DEFAULT_GOAL := help
.PHONY: help run demo test test-postgresql test-instances test-bucket matrix check format bench clean browser screenshots

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

run: $(INSTALLED) ## start Headwater on http://localhost:8080, on SQLite and local files
	@$(BIN)/headwater serve

demo: $(INSTALLED) ## upload a ready-made bundle, send an event, print the trace before and after
	@$(BIN)/headwater demo

test: check browser ## everything that must hold: formatter, linter, types, contracts, all tests
	$(PYTEST) -n 2 -m "not matrix"
	HEADWATER_TEST_DATABASE=postgresql $(PYTEST) -n 2 $(ON_POSTGRESQL)

test-postgresql: $(DEV_INSTALLED) ## what touches the database, on a PostgreSQL that the tests start (VERSION=15, 16, 17 or 18)
	HEADWATER_TEST_DATABASE=postgresql HEADWATER_TEST_POSTGRESQL=$(VERSION) $(PYTEST) -n 2 -m "not matrix" tests/storage tests/digest tests/alerts tests/artifacts tests/server

test-instances: $(DEV_INSTALLED) browser ## clients and browser against two instances behind nginx, on PostgreSQL and a shared folder
	HEADWATER_TEST_INSTALLATION=several $(PYTEST) -n 2 -m "not matrix" tests/clients tests/browser

test-bucket: $(DEV_INSTALLED) browser ## the same on PostgreSQL and an S3 server
	HEADWATER_TEST_INSTALLATION=bucket $(PYTEST) -n 2 -m "not matrix" tests/clients tests/browser

matrix: $(DEV_INSTALLED) browser ## the tests with every client version, and on every version of PostgreSQL
	$(PYTEST) -n 2
	for version in $(POSTGRESQL_VERSIONS); do HEADWATER_TEST_DATABASE=postgresql HEADWATER_TEST_POSTGRESQL=$$version $(PYTEST) -n 2 $(ON_POSTGRESQL) || exit 1; done

check: $(DEV_INSTALLED) ## formatter, linter, types and import contracts, without the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV_INSTALLED) ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV_INSTALLED) ## speed and memory, as tables with ratios
	@for file in bench/*.py; do echo "== $$file"; PYTHONPATH=. $(BIN)/python $$file || exit 1; done
	@echo "== bench/ingest"; PYTHONPATH=. $(BIN)/python -m bench.ingest

screenshots: browser ## pictures of every page, wide and phone, light and dark, in screenshots/
	@PYTHONPATH=. $(BIN)/python -m tests.browser.screenshots

# The browser tests want a Chromium or Chrome; as root on Debian or Ubuntu we fetch it ourselves.
browser: $(DEV_INSTALLED)
	@$(BIN)/python tests/browser/install.py

clean: ## remove the environment and everything built
	rm -rf $(VENV) screenshots tests/browser/node_modules tests/postgresql/node_modules tests/clients/node_modules tests/clients/apps/demo/node_modules tests/clients/apps/react/node_modules tests/clients/apps/demo/apps/myapp/.next .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Headwater needs Python 3.11 or newer, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV) || { echo "Debian and Ubuntu keep venv apart: apt install python3-venv"; exit 1; }

$(INSTALLED): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(DEV_INSTALLED): pyproject.toml constraints.txt | $(INSTALLED)
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --group dev
	@touch $@
