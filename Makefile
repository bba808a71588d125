# Every command of Timbre. `make` alone lists them.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SETUP := deploy/local/setup.sh
PYTHON_PATHS := shared services gateway jobs client training deploy benchmarks docs
COMPOSE ?= docker compose
MODEL ?= emotion
SEED ?= 1
DATA ?=
# How many files of tests run at once; 0 is one after the other. In the order of tests/conftest.py.
WORKERS ?= 3
# What is imported is compiled once, not by each of the hundreds of processes that tests start.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help run test test-heavy test-chaos test-batch test-docker test-voices lint bench up down docs lock train voice voice-demo clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up and start everything on http://localhost:8080 (TIMBRE_PORT changes it), without docker
	@$(SETUP) run
	@exec .venv/bin/python -m deploy.local.start

test: ## set up, lint, and run the tests
	@$(SETUP) test
	@$(MAKE) lint
	.venv/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-heavy: ## run the slow checks: many requests, memory, quality of speech
	@$(SETUP) test
	.venv/bin/pytest -m heavy --timeout 3600

test-chaos: ## kill all that does jobs a thousand times, and see that every job ends once (part of test-heavy; an hour)
	@$(SETUP) test
	.venv/bin/pytest -m heavy --timeout 3600 tests/gateway/jobs/chaos

test-batch: ## kill a batch at each of its steps, over storage that fails, over two hours (part of test-heavy; an hour)
	@$(SETUP) test
	.venv/bin/pytest -m heavy --timeout 3600 tests/jobs/transcribe

test-docker: ## run the containers and test them (needs a docker engine)
	@$(SETUP) test
	.venv/bin/pytest -m docker --timeout 3600 -rs

test-voices: ## run the tests of what needs Coqui: training VITS, and its models as they are (installs 2 GB into .venv-training)
	@$(SETUP) test-vits .venv-training
	.venv-training/bin/python -m pytest tests/training/voices/vits tests/services/tts/coqui

lint: ## check style, types and the arrows between packages
	@$(SETUP) test
	.venv/bin/ruff check .
	.venv/bin/mypy --strict $(PYTHON_PATHS)
	.venv/bin/lint-imports

bench: ## measure ratios against the bare engine and the direct path, in one run
	@$(SETUP) test
	.venv/bin/python -m benchmarks

up: ## build and start the containers, and wait until they are ready
	$(COMPOSE) up -d --build --wait

down: ## stop the containers; their volumes, and so the API keys, stay
	$(COMPOSE) down

docs: ## write the generated pages of docs/ anew
	@$(SETUP) test
	.venv/bin/python -m docs.generate

lock: ## write constraints.txt anew from pyproject.toml, with the newest versions
	@$(SETUP) test
	.venv/bin/python -m deploy.local.lock test training-emotion training-keywords training-speaker training-deepspeech training-voices training-vits > .constraints.txt
	mv .constraints.txt constraints.txt

train: ## train a model into training/MODEL/runs: make train MODEL=emotion DATA=folder [SEED=1]
	@test -n "$(DATA)" || { echo "Name the folder of the data: make train MODEL=$(MODEL) DATA=folder"; exit 1; }
	@$(SETUP) training-$(MODEL) .venv-training
	PYTHON=.venv-training/bin/python training/$(MODEL)/run.sh "$(DATA)" training/$(MODEL)/runs/$(SEED) $(SEED)

voice: ## learn a voice and have it served: make voice DATA=folder-or-s3 NAME=alice CONSENT="I, Alice, agree ..." [SPEAKER=...]
	@test -n "$(DATA)" || { echo "Name the recordings: make voice DATA=folder-or-s3 NAME=alice CONSENT='I, Alice ..., agree ...'"; exit 1; }
	@$(SETUP) run
	@./timbre voice train "$$DATA" --seed $(SEED)

voice-demo: ## let a voice learn from the built-in one, as proof of the recipe (an hour and a half)
	@$(SETUP) run
	@$(SETUP) training-voices .venv-training
	PYTHON=.venv-training/bin/python training/voices/demo/run.sh training/voices/runs/demo

clean: ## remove the environments and caches; API keys stay
	rm -rf .venv .venv-training .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
