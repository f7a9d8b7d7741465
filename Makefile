.DEFAULT_GOAL := help
PYTHON ?= python3.11
BIN := .venv/bin
# Twice quiet: errors alone, and not whatever pip's own settings on a machine make it say besides.
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
# Programs that some tests run.
DEBIAN := redis-server chromium chromium-driver
# What `make spec-diff` compares with.
BASE ?= spec/released.json
RUN := .venv/.run
DEVELOP := .venv/.develop

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(RUN): examples/requirements.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed: install it, or name another Python 3.11 or later with PYTHON=…" >&2; exit 1; }
	@echo "Setting up .venv …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r examples/requirements.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEVELOP): tests/requirements.txt $(RUN)
	@echo "Adding what the checks need …"
	@$(PIP) --require-hashes -r tests/requirements.txt
	@(for each in redis-server chromium chromedriver; do command -v $$each >/dev/null || exit 1; done) \
	  || { test "$$(id -u)" = 0 && command -v apt-get && apt-get update -qq \
	  && apt-get install -qq --yes --no-install-recommends $(DEBIAN); } >/dev/null 2>&1 \
	  || echo "Left out: what tests with it says so and does not run. On Debian: apt-get install $(DEBIAN)"
	@touch $@

setup: $(DEVELOP) ## Make the environment (.venv) with everything the checks need
	@$(BIN)/python -m tests.foreign.install

demo: $(RUN) ## Set up, start the sandbox, and run the main job against it
	@$(BIN)/python examples/demo.py

sandbox: $(RUN) ## Start a sandbox shop on this machine and print how to reach it; ARGS="--port 8080" for options
	@$(BIN)/python -m tiktok_shop_async.sandbox $(ARGS)

test: setup check spec-lint generate-check spec-check ## Set up and run every check and test
	$(BIN)/python -m pytest -q -n auto

check: $(DEVELOP) ## Format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright

format: $(DEVELOP) ## Put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bundle: $(DEVELOP) ## Bundle spec/ into build/openapi.json; PREVIEW=<names> or PREVIEW=all adds what is announced
	$(BIN)/python -m scripts.bundle $(PREVIEW:%=--preview %)

spec-lint: $(DEVELOP) ## Hold the spec against its rules
	$(BIN)/python -m scripts.lint
	$(BIN)/python -m scripts.announcements --check

spec-diff: $(DEVELOP) ## What changed in the spec since BASE, a file or git revision (the last release); PREVIEW=<name>, ARGS="--format markdown"
	@$(BIN)/python -m scripts.bundle >&2
	@$(if $(wildcard $(BASE)),cp $(BASE),git show $(BASE):tiktok_shop_async/sandbox/openapi.json >) build/base.json
	@for each in $(PREVIEW); do git show $(BASE):spec/preview/$$each.overlay.yaml >build/$$each.overlay.yaml || exit 1; done
	@$(if $(PREVIEW),$(BIN)/python -m scripts.bundle --onto build/base.json $(PREVIEW:%=--overlay build/%.overlay.yaml) --output build/base.json >&2)
	@$(BIN)/python -m tiktok_shop_async.spec_diff build/base.json build/openapi.json $(ARGS)

generate: bundle ## Write the generated code and docs from the spec; PREVIEW as for bundle
	$(BIN)/python -m scripts.announcements
	$(BIN)/python -m scripts.migration
	$(BIN)/python -m scripts.generate

generate-check: bundle ## Fail where the committed code differs from what the spec gives
	$(BIN)/python -m scripts.generate --check
	$(BIN)/python -m scripts.migration --check

spec-check: $(DEVELOP) ## Fail where the version is too low for what changed since the last release
	$(BIN)/python -m scripts.release

release-spec: $(DEVELOP) ## Keep the present spec as that of the release, in spec/released.json
	$(BIN)/python -m scripts.release --record

soak: $(DEVELOP) ## The long form of the randomised tests (minutes)
	TIKTOK_SHOP_MOST_VARIANTS=1000000 $(BIN)/python -m pytest -n auto --hypothesis-profile=soak \
	  tests/contract tests/decoding tests/runtime/test_encoding.py tests/runtime/test_on_the_wire.py \
	  tests/runtime/test_signing.py tests/runtime/test_values.py tests/limits tests/scan tests/sandbox/test_drawn_requests.py \
	  tests/webhooks/test_parsing.py
	TIKTOK_SHOP_SOAK_READS=10000 TIKTOK_SHOP_SOAK_SEEDS=5 TIKTOK_SHOP_SOAK_KILLS=100 TIKTOK_SHOP_SOAK_ORDERS=10000 \
	  $(BIN)/python -m pytest -n auto tests/soak \
	  tests/sandbox/test_state_file.py
	TIKTOK_SHOP_WEBHOOK_EVENTS=5000 TIKTOK_SHOP_WEBHOOK_KILLS=50 $(BIN)/python -m pytest tests/webhooks/test_kills.py
	TIKTOK_SHOP_SCANNED_ORDERS=100000 $(BIN)/python -m pytest tests/scan/test_memory.py
	TIKTOK_SHOP_TOKEN_ROUNDS=3 $(BIN)/python -m pytest tests/tokens/test_many_processes.py

bench: $(DEVELOP) ## Measure calls, throughput, start, memory and more, beside the alternatives; one table at the end
	$(BIN)/python -m benchmarks

requirements: $(DEVELOP) ## Pin the newest versions of everything again
	for place in examples tests tests/foreign benchmarks; do \
	  $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 \
	    --no-emit-index-url --no-header --no-annotate --output-file $$place/requirements.txt $$place/requirements.in || exit 1; \
	done
	cd tests/foreign && npm update --package-lock-only

clean: ## Remove what the commands above made, .venv included
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

.PHONY: help setup demo sandbox test check format bundle spec-lint spec-diff generate generate-check spec-check release-spec soak bench requirements clean
