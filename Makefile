PYTHON ?= python3
CONFIG ?=
STUDY ?= $(or $(basename $(notdir $(CONFIG))),digits)
OVERLAY = $(if $(CONFIG),--configfile '$(CONFIG)')
export LOSSBASINS_GO_ON = make$(if $(CONFIG), CONFIG=$(CONFIG))
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.DEFAULT_GOAL := study
.PHONY: study explore report crate test test-package test-cluster lint docs schema lock help

study: .venv/installed ## set up and run the default study, or the one of CONFIG=studies/mnist.yaml
	@$(if $(CONFIG),lossbasins check '$(CONFIG)')
	@snakemake --logger lossbasins $(OVERLAY)

explore: study ## every solution in one page to look around in, results/STUDY/explore.html
	snakemake results/$(STUDY)/explore.html $(OVERLAY)

report: study ## the study as one page to read, results/STUDY.report.html
	snakemake audits results/$(STUDY)/explore.html $(OVERLAY)
	snakemake all audits results/$(STUDY)/explore.html --report results/$(STUDY).report.html --report-stylesheet workflow/report/style.css $(OVERLAY)

crate: study ## the study as one zip to audit, results/STUDY.crate.zip
	lossbasins crate $(STUDY)

test: .venv/installed-dev ## set up for development and run the linters and all tests
	$(MAKE) --no-print-directory lint
	$(MAKE) --no-print-directory -j 2 test-package test-cluster

# At one time, since tests of the cluster mostly wait for the scheduler; what these say comes when they end.
test-package: .venv/installed-dev
	pytest -n 2 --dist worksteal --ignore tests/slurm

test-cluster: .venv/installed-dev
	@pytest -n 4 --dist loadgroup tests/slurm > .venv/test-cluster.log 2>&1; status=$$?; cat .venv/test-cluster.log; exit $$status

lint: .venv/installed-dev ## formatting, types, import contracts, workflow style
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	snakefmt --check Snakefile workflow
	snakemake --lint

docs: .venv/installed-dev ## the documentation as a site, build/docs/index.html
	sphinx-build --quiet --fail-on-warning --keep-going docs build/docs

schema: .venv/installed-dev ## write the schema of config.yaml anew, after a change to what can be configured
	python -m lossbasins schema > workflow/schemas/config.schema.json

lock: .venv/installed-dev ## resolve the dependencies of pyproject.toml anew
	envs/lock.sh

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/installed: requirements.lock pyproject.toml envs/install.sh
	@PYTHON="$(PYTHON)" envs/install.sh requirements.lock $@

.venv/installed-dev: requirements-dev.lock pyproject.toml envs/install.sh
	@PYTHON="$(PYTHON)" envs/install.sh requirements-dev.lock $@ .venv/installed
