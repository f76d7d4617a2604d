# Every target works on a fresh clone: it first makes .venv from the pinned lock files.

PYTHON ?= python3
JOBS ?= 2
ARGS ?=

BIN := .venv/bin
RUN := .venv/run.stamp
TEST := .venv/test.stamp

export RAY_USAGE_STATS_ENABLED := 0

.DEFAULT_GOAL := help
.PHONY: help install search test test-all lint bench lock clean

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*##/  make \1\t/p' Makefile | expand -t 18

install: $(RUN)  ## Make .venv with the pinned packages and the stepsmith command

search: $(RUN)  ## Run the quick search; more options in ARGS="..."
	$(BIN)/stepsmith search --preset quick $(ARGS)

test: $(TEST)  ## Run the fast tests
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

test-all: $(TEST)  ## Run all tests, the slow ones included
	$(BIN)/python -m pytest -n $(JOBS) -m "" $(ARGS)

lint: $(TEST)  ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/pyright

bench: $(TEST)  ## Measure training and proposal rates on this machine
	$(BIN)/stepsmith bench $(ARGS)

$(RUN): requirements/run.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.version_info >= (3, 11) or \
	  sys.exit(f"stepsmith needs Python 3.11 or newer; $(PYTHON) is {v} (try make PYTHON=python3.11)")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/run.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --no-build-isolation --editable .
	@touch $@

$(TEST): $(RUN) requirements/test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/test.lock
	@touch $@

# The part of a version after a plus sign names one machine's build, so it is cut off.
FREEZE = .lock/bin/python -m pip freeze --all --exclude pip --exclude stepsmith | sed 's/+.*//'

lock:  ## Pin the newest packages that pyproject.toml allows
	rm -rf .lock && $(PYTHON) -m venv .lock
	.lock/bin/python -m pip install --quiet setuptools .
	$(FREEZE) > requirements/run.lock
	.lock/bin/python -m pip install --quiet ".[test]"
	(echo "-r run.lock"; $(FREEZE) | grep -vxFf requirements/run.lock) > requirements/test.lock
	rm -rf .lock build stepsmith.egg-info

clean:  ## Remove what the other targets made, but no run
	rm -rf .venv .lock .cache .pytest_cache .ruff_cache build dist stepsmith.egg-info
