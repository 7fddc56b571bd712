# Needs make and Python 3.11 or newer; uses uv where it is installed, else venv and pip.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

UV := $(shell command -v uv 2>/dev/null)

VENV := .venv
BIN := $(VENV)/bin
REPORT := $(VENV)/installed-report
LAB := $(VENV)/installed-lab
SPARK := $(VENV)/installed-spark
INSTALLED := $(VENV)/installed-all
# Whoever names a workspace or has one in ./workspace does not need the demo.
DEMO := $(if $(CONNECTOR_ANALYTICS_WORKSPACE)$(wildcard workspace),,data/demo/workspace.toml)

# Tests run on all cores already; tables of a few rows only lose by threads of their own. They start hundreds of
# processes, each of which would compile the package anew where bytecode is not kept.
TESTING := POLARS_MAX_THREADS=1 PYTHONDONTWRITEBYTECODE=
# One more than the cores, for tests that wait for a browser, a server or a process.
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.PHONY: help
help:  ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The first Python that is new enough; PYTHON=/its/path on the command line settles it.
$(BIN)/python:
	@for name in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do \
		"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python="$$name" && break; \
	done; \
	test -n "$$python" || { echo "no Python 3.11 or newer on PATH; install one, or say make PYTHON=/its/path" >&2; exit 2; }; \
	echo "making $(VENV) with $$("$$python" --version)"; \
	if [ -n "$(UV)" ]; then "$(UV)" venv --quiet --seed --clear --python "$$python" $(VENV); \
	else "$$python" -m venv --clear $(VENV); fi

# Making reports takes half of what the tests need, the explorer a little more: each target installs its own list.
$(VENV)/installed-%: requirements-%.lock pyproject.toml | $(BIN)/python
	@count=$$(grep -c == $<); \
	if [ -n "$(UV)" ]; then install="$(UV) pip install --python $(BIN)/python"; with="uv"; \
	else install="$(BIN)/python -m pip install --disable-pip-version-check"; with="pip, which takes minutes"; fi; \
	echo "installing at most $$count packages with $$with"; \
	$$install --quiet --require-hashes -r $< && $$install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: install
install: $(INSTALLED)  ## make .venv and install all that any target needs

data/demo/workspace.toml: | $(REPORT)
	@$(BIN)/connector-analytics demo

.PHONY: report
report: $(REPORT) $(DEMO)  ## one HTML report a campaign, into reports/
	@$(BIN)/connector-analytics report --all

.PHONY: lab
lab: $(LAB) $(DEMO)  ## the explorer in JupyterLab, on this machine only
	@$(BIN)/connector-analytics lab

.PHONY: lint
lint: $(INSTALLED)  ## style, types and the layers' import rules
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: test
test: lint  ## lint, then every test but the long ones, with coverage
	@$(TESTING) $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "not long" --cov --cov-report=term

# Spark alone takes as much room as half of all else, so only who runs its tests installs it, and who cannot skips them.
.PHONY: test-long
test-long: $(INSTALLED)  ## the tests that take minutes
	@$(MAKE) --no-print-directory $(SPARK) || echo "Spark was not installed; its tests are skipped" >&2
	@$(TESTING) $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m long

.PHONY: docs
docs: $(INSTALLED)  ## write what is generated: pages of metrics, tables, campaigns and their life, schema of the snapshot
	@$(BIN)/python -m analytics_core.metrics.catalog > docs/metrics.md.new && mv docs/metrics.md.new docs/metrics.md
	@$(BIN)/python -m analytics_core.domain.documentation docs/campaigns > docs/campaigns.md.new
	@mv docs/campaigns.md.new docs/campaigns.md
	@$(BIN)/python -m analytics_core.tables.documentation > docs/tables.md.new && mv docs/tables.md.new docs/tables.md
	@$(BIN)/python -m analytics_core.campaigns.documentation > docs/lifecycle.md.new
	@mv docs/lifecycle.md.new docs/lifecycle.md
	@$(BIN)/python -m analytics_core.metrics.snapshot_schema > docs/snapshot.schema.json.new
	@mv docs/snapshot.schema.json.new docs/snapshot.schema.json

LOCK = "$(or $(UV),$(BIN)/uv)" pip compile --quiet --universal --generate-hashes --python-version 3.11 --group build \
	--no-emit-index-url --no-emit-find-links --no-strip-extras --no-annotate --custom-compile-command "make lock"

# All but Spark.
EXTRAS := notebook report demo cloud iceberg excel postgresql dev

# Versions that are already locked stay; LOCK_FLAGS=--upgrade moves them all, --upgrade-package=NAME one. The lists for
# reports and explorer are parts of the list of all: one version of a package in all three. That of Spark goes with them.
.PHONY: lock
lock:  ## write requirements-*.lock anew from pyproject.toml (needs uv)
	@test -n "$(or $(UV),$(wildcard $(BIN)/uv))" || { echo "make lock needs uv; install it with: pip install uv" >&2; exit 2; }
	@$(LOCK) $(LOCK_FLAGS) $(addprefix --extra ,$(EXTRAS)) --output-file requirements-all.lock pyproject.toml
	@$(LOCK) --upgrade --constraints requirements-all.lock --extra report --output-file requirements-report.lock pyproject.toml
	@$(LOCK) --upgrade --constraints requirements-all.lock --extra report --extra notebook \
		--output-file requirements-lab.lock pyproject.toml
	@$(LOCK) --upgrade --constraints requirements-all.lock --extra spark --output-file requirements-spark.lock pyproject.toml

.PHONY: clean
clean:  ## remove reports, the demo workspace and caches; .venv stays
	@rm -rf data/demo reports/*.html .coverage .coverage.* htmlcov
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
