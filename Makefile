# Each target sets up what it needs first. PYTHON names the interpreter that makes .venv.
PYTHON ?= python3
BIN := .venv/bin
# The GPU extra adds xformers where there is an NVIDIA GPU.
comma := ,
GPU := $(if $(shell command -v nvidia-smi),gpu)

.PHONY: demo ladder test lint bench
.DEFAULT_GOAL := demo

demo: .venv/installed
	$(BIN)/kormo demo

ladder: .venv/installed
	$(BIN)/kormo ladder

test: .venv/installed-dev
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/installed-dev
	for script in bench/*.py; do $(BIN)/python $$script || exit 1; done

.venv/bin/python:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	$(PYTHON) -m venv .venv

# fastText and one small operator of DeepSpeed are compiled here, once, a minute or two each.
.venv/installed: pyproject.toml | .venv/bin/python
	@echo "installing into .venv: some minutes, the first time"
	$(BIN)/pip install --quiet -e '.[dashboard$(if $(GPU),$(comma)gpu)]'
	$(if $(GPU),,DS_ACCELERATOR=cpu $(BIN)/python -m kormo_ds.train.cpu_operator)
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/pip install --quiet -e '.[dev]'
	touch $@
