# `make demo` and `make test` do all their own set-up: they need Python >= 3.11, make and git.
PYTHON := .venv/bin/python
READY  := .venv/.stamp
HOST   ?= 127.0.0.1
unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help demo run test lint format docs bench simulate mutants crash order fuzz vectors lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

demo: $(READY) ## two days in the field, end to end, then serve (ONCE=1: exit instead; PORT=8000)
	@$(PYTHON) -m server.demo $(if $(filter-out 0,$(ONCE)),--once) $(if $(PORT),--port $(PORT))

run: $(READY) ## serve for real (HOST=127.0.0.1 PORT=8000 THREADS=8)
	@.venv/bin/husec db upgrade
	@.venv/bin/gunicorn --config python:server.serving --bind $(HOST):$(or $(PORT),8000) --threads $(or $(THREADS),8) wsgi:app

# One run for all: a process or browser test is one more item for a free worker, and one summary tells everything.
test: $(READY) ## every test, in parallel (ARGS="-k outbox" narrows)
	@$(PYTHON) -m pytest -n logical --dist loadgroup $(ARGS)

lint: $(READY) ## style, types, who may import whom
	@failed=; for check in "$(PYTHON) -m ruff check ." "$(PYTHON) -m ruff format --check ." \
		"$(PYTHON) -m mypy" ".venv/bin/lint-imports --no-logo"; do \
		echo "— $$check"; $$check || failed="$$failed\n  ✗ $$check"; \
	done; [ -z "$$failed" ] || { printf "$$failed\n\n"; exit 1; }

format: $(READY) ## put the style right
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

docs: $(READY) ## write the OpenAPI document to var/docs/openapi.json
	@mkdir -p var/docs
	@$(PYTHON) -m flask --app wsgi openapi write --format=json var/docs/openapi.json

bench: $(READY) ## measure (tests/bench)
	@$(PYTHON) -m tests.bench $(ARGS)

simulate: $(READY) ## whole fleets with every fault (SCHEDULES=1000, or SEED=7 to see one; ARGS=--help)
	@$(PYTHON) -m tests.simulation $(if $(SEED),--seed $(SEED),--schedules $(or $(SCHEDULES),1000)) $(ARGS)

mutants: $(READY) ## plant every known bug; the simulation must find each (ARGS=--list)
	@$(PYTHON) -m tests.mutants $(ARGS)

crash: $(READY) ## kill real processes, fill disks, cut links, tear writes (ARGS="--only server-kill")
	@$(PYTHON) -m tests.crash $(ARGS)

order: $(READY) ## writers against polling readers on PostgreSQL: no commit is ever missed (ARGS="--rows 100000")
	@$(PYTHON) -m tests.commit_order $(ARGS)

fuzz: $(READY) ## throw damaged messages at every decoder (ARGS="--minutes 5")
	@$(PYTHON) -m tests.fuzz $(ARGS)

vectors: $(READY) ## make the conformance vectors again (tests/vectors)
	@$(PYTHON) -m tests.vectors.generate $(ARGS)

lock: $(READY) ## pin every dependency again, by hash (ARGS=--upgrade for newer versions)
	@$(LOCK) -o requirements.txt pyproject.toml
	@$(LOCK) -o requirements-dev.txt --extra dev -c requirements.txt pyproject.toml

clean: ## remove what make made; var/ keeps data and stays
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# For every platform and Python >= 3.11; no address of a registry is written.
LOCK := $(PYTHON) -m uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(ARGS)

$(READY): requirements-dev.txt pyproject.toml .ci/venv
	@.ci/venv
