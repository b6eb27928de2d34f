# Needs Python 3.11 and make; everything else is set up here.
VENV := .venv
BIN := $(VENV)/bin
# Many tests wait for a daemon more than they compute: four workers keep two cores busy.
WORKERS ?= 4
# Hundreds of desks commit to disk in the tests; in memory, where there is room, that costs nothing. What a kill leaves
# behind is the same, and the tests of full and failing disks bring disks of their own.
IN_MEMORY := $(shell [ -w /dev/shm ] && [ `df --output=avail /dev/shm | tail -1` -gt 4000000 ] && echo /dev/shm)
SCRATCH := $(if $(TMPDIR),$(TMPDIR),$(or $(IN_MEMORY),/tmp))

.PHONY: demo test chaos check format bench corpus fuzz services clean

demo: $(VENV)/.user  ## play a desk: customers, operators, a PIC
	$(BIN)/helpdesk demo

test: services $(VENV)/.dev  ## set up and run everything
	@# tests start hundreds of daemons; pip compiles what it installs, but not what it links to
	$(BIN)/python -m compileall -q helpdesk
	TMPDIR=$(SCRATCH) PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest -n $(WORKERS) --dist worksteal

chaos: services $(VENV)/.dev  ## hundreds of kills, thousands of mails: hours; see docs/chaos.md
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest -m chaos -rP

check: $(VENV)/.dev  ## style, types, import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## rewrite in house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: services $(VENV)/.dev  ## figures beside a yardstick in the same run
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/latency.py
	@# what these need from outside may be missing: they say so, and make goes on
	-$(BIN)/python benchmarks/mailbox.py
	-$(BIN)/python benchmarks/beside_peers.py

corpus: $(VENV)/.dev  ## what `helpdesk parse` reads in the real mails of ../shared/corpus, as a table
	PYTHON=$(BIN)/python scripts/corpus

fuzz: $(VENV)/.dev  ## a minute of mutated mails against the parser
	$(BIN)/pip install --quiet atheris
	$(BIN)/python scripts/fuzz

services:
	-scripts/setup-test-services

$(VENV)/.user: pyproject.toml constraints.txt scripts/make-venv
	scripts/make-venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt scripts/make-venv
	scripts/make-venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,postgres]'
	touch $@ $(VENV)/.user

clean:
	rm -rf $(VENV)
