# Everything a newcomer needs: `make demo`, `make run`, `make test`. Works on a bare machine with Python 3.11–3.13 and make.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
WORKERS ?= auto
SECONDS ?= 6
ROUNDS ?= 3
# The lock is whole, so nothing is resolved anew: a release of tomorrow can't change what is installed.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: run demo test check lint format doubles faults fuzz bench bench-scale bench-peers install install-dev chromium lock clean

run: install
	$(BIN)/anju serve

# An invented town with a living office, in a database of its own; FRESH=1 builds it anew.
demo: install
	$(BIN)/anju demo $(if $(FRESH),--fresh)

# What is covered is counted where it is cheap: on SQLite, without browsers and without programs of their own.
INSIDE := not (postgres or slow or browser)
# Many of the others mostly wait (for pauses, leases, pages): one more at once than there are cores.
AND_ONE = $(if $(filter auto,$(WORKERS)),$(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1))),$(WORKERS))
test: install-dev chromium
	$(BIN)/python -m pytest -n $(WORKERS) -m "$(INSIDE)" --cov --cov-report=term $(ARGS)
	$(BIN)/python -m coverage report --include='handlers/*' --fail-under=95
	$(BIN)/python -m pytest -n $(AND_ONE) --dist worksteal -m "not ($(INSIDE))" $(ARGS)

check: lint test

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Stand-ins for both platforms on loopback, to try everything by hand: they print what to put into .env.
doubles: install-dev
	$(BIN)/python -m tests.doubles

# What CI does in a shortened form, for as long and as often as docs/faults.md says: some seventy minutes, five at once,
# for most of them wait. Root is needed for two (a small disk, network namespaces); what is skipped is told at the end.
FAULTS := tests/faults tests/fuzz tests/channels/test_floods.py tests/imports/test_files.py tests/imports/test_taking.py \
  $(addprefix tests/bot/test_,papers.py clocks.py passing.py unreadable.py later.py reminding.py)
faults: WORKERS = 5
faults: install-dev .venv/fuzz.stamp
	ANJU_FAULTS=full $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -v --durations=0 --durations-min=5 $(FAULTS) $(ARGS)
	$(BIN)/python -m bench.kills
	SECONDS=30 $(BIN)/python -m tests.fuzz.guided

# Guided fuzzing of decoders and parsers, each for so many seconds; atheris has wheels for Linux only.
fuzz: SECONDS = 60
fuzz: .venv/fuzz.stamp
	SECONDS=$(SECONDS) $(BIN)/python -m tests.fuzz.guided

# The aims of speed, at the size they are set for: docs/benchmarks.md. Hours, a quiet machine, Redis on its usual
# port and 20 GB in TMPDIR; each can be run alone, and smaller.
bench: bench-peers
	$(BIN)/python -m bench.cost
	$(BIN)/python -m bench.cost --postgres
	$(BIN)/python -m bench.start
	$(BIN)/python -m bench.latency --minutes 10 --messages 50000
	$(BIN)/python -m bench.broadcast_rate --memory 10000 1000000
	$(BIN)/python -m bench.console --few 1000 --many 1000000 --rounds 10
	$(BIN)/python -m bench.plan --permits 5000000 --rounds 1

# What a person and a city take, and what one copy bears: docs/scale.md. Hours, in /dev/shm for SQLite's city day.
bench-scale: install-dev
	$(BIN)/python -m bench.turns
	$(BIN)/python -m bench.fanout --messages 10000
	$(BIN)/python -m bench.broadcast --people 1000
	$(BIN)/python -m bench.kills
	$(BIN)/python -m bench.month
	$(BIN)/python -m bench.export
	$(BIN)/python -m bench.queue
	$(BIN)/python -m bench.town
	$(BIN)/python -m bench.moving
	$(BIN)/python -m bench.growth --people 2000
	ANJU_PLANS_PEOPLE=1000000 $(BIN)/python -m pytest -q tests/storage/test_plans.py
	$(BIN)/python -m bench.plans --people 1000000
	$(BIN)/python -m bench.city_day --people 3000
	$(BIN)/python -m bench.city_day --people 300 --postgres

# Beside the libraries that others would take, in turn, in one run; Redis has to run on its usual port. Quiet machines
# only: `make bench-peers SECONDS=10 ROUNDS=5 ARGS=--write` keeps the tables in docs/benchmarks.md.
bench-peers: install-dev .venv-peers/run.stamp
	$(BIN)/python -m bench.peers --seconds $(SECONDS) --rounds $(ROUNDS) $(ARGS)

install: .venv/run.stamp

install-dev: .venv/dev.stamp

.venv/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "Anju needs Python 3.11, 3.12 or 3.13; name one with: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/run.stamp: .venv/made.stamp requirements/run.txt requirements/build.txt pyproject.toml
	$(PIP) install --no-deps --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --require-hashes -r requirements/build.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	$(PIP) install --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

.venv/fuzz.stamp: .venv/dev.stamp requirements/fuzz.txt
	$(PIP) install --no-deps --require-hashes -r requirements/fuzz.txt
	@touch $@

# The peers have a lock and an environment of their own: nothing of theirs is part of the program.
.venv-peers/run.stamp: requirements/peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes -r requirements/peers.txt
	@touch $@

# The browser tests drive Debian's Chromium; where it can't be installed they are skipped, and say so.
chromium:
	@if [ -x "$${ANJU_CHROMIUM:-/usr/bin/chromium}" ]; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk; } >/dev/null 2>&1 \
	    || echo "Chromium could not be installed: the browser tests will be skipped."; \
	else echo "Chromium is not here (set ANJU_CHROMIUM, or install Debian's chromium): the browser tests will be skipped."; fi

lock:
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) --group dev pyproject.toml -c requirements/run.txt -o requirements/dev.txt
	$(LOCK) requirements/build.in -c requirements/dev.txt -o requirements/build.txt
	$(LOCK) requirements/fuzz.in -o requirements/fuzz.txt
	$(LOCK) requirements/peers.in -c requirements/run.txt -o requirements/peers.txt

clean:
	rm -rf .venv .venv-peers .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
