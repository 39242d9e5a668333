# Every command a person or CI runs. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo up test check fmt lint contracts lock-check types unit integration chaos walk compare bench events lock clean isolated migration hooks

SECONDS ?= 60
SEQUENCES ?= 500
ARGS ?=
s ?=
m ?=
PY := .venv/bin/python
UNIT := $(if $(s),$(wildcard services/$(s) libs/$(s)),libs services)

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

setup: ## the environment in .venv, from the lock; quick when nothing changed
	@.ci/setup

demo: setup ## the whole system with a replayed sample and its indicators; ARGS=--exit ends after the table
	@.venv/bin/hotline demo $(ARGS)

up: setup ## the whole system until Ctrl-C, on the stored data
	@.venv/bin/hotline up $(ARGS)

test: lint types contracts unit integration ## everything: lint, types, contracts, unit, integration

check: lint types unit ## what must pass before a commit

fmt: setup ## format, and fix what ruff can fix
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lint: setup lock-check ## ruff, formatting, spelling, lock and generated documents up to date
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/typos
	.venv/bin/hotline docs --check

lock-check:
	@grep -q "^# declared: $$($(PY) .ci/declared.py)$$" requirements.lock \
		|| { echo "requirements.lock is older than a pyproject.toml: run make lock"; exit 1; }

types: setup ## mypy, strict, every package
	.venv/bin/mypy

contracts: setup ## who may import whom
	.venv/bin/lint-imports --no-cache

unit: setup ## tests of the libraries and services; s=intake only those of one
	.venv/bin/pytest --numprocesses 2 --dist loadfile $(UNIT) $(ARGS)

integration: setup ## tests of the whole on real servers
	.venv/bin/pytest tests $(ARGS)

chaos: setup ## load while everything is killed and frozen at random; SECONDS=60
	$(PY) tests/integration/chaos/run.py --seconds $(SECONDS) $(ARGS)

walk: setup ## random sequences of all commands over HTTP, the rules checked after every step; SEQUENCES=500
	$(PY) tests/integration/walk/run.py --sequences $(SEQUENCES) $(ARGS)

compare: setup ## the sample under three rule packs, what each of them did side by side; ARGS="FILE --packs default,bengbu"
	@.venv/bin/hotline compare $(ARGS)

bench: setup ## the benchmark table, each row beside its limit
	$(PY) benchmarks/run.py $(ARGS)

events: setup ## regenerate docs/events.md, docs/requirements.md and docs/asyncapi/
	.venv/bin/hotline docs $(ARGS)

lock: ## resolve requirements.lock again; ARGS=--upgrade takes newer versions
	@.ci/lock $(ARGS)

isolated: setup ## install one service alone and import it: finds what it borrows from a neighbour; s=intake
	@test -n "$(s)" || { echo "which service? make isolated s=intake"; exit 2; }
	@.ci/isolated $(s)

migration: setup ## write an empty migration of a service; s=intake m="add a column"
	@test -n "$(s)" && test -n "$(m)" || { echo 'make migration s=intake m="add a column"'; exit 2; }
	@$(PY) .ci/migration.py $(s) "$(m)"

hooks: setup ## run ruff, typos and the lock check before each commit
	.venv/bin/pre-commit install

clean: ## remove caches and build output; the stored data in .hotline stays
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find libs services tests benchmarks examples -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
