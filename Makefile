# make demo and make test need Python 3.11 or newer and a shell; everything else they set up in .venv.
SHELL := /bin/sh
VENV  := .venv
BIN   := $(VENV)/bin
# Outside the checkout, so that a fresh clone finds the peers that an earlier one installed.
PEERS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/policy-verifier/peers
WITH_PEERS := SIGSTORE_MOCK="$(PEERS)/sigstore/node_modules" EDITORS="$(PEERS)/editors/node_modules" BROWSER_MODULES="$(PEERS)/browser/node_modules" PATH="$(PEERS)/bin:$$PATH"
# Each process collects every test once more: beyond some eight that costs more than it gains.
PARALLEL := --numprocesses auto --maxprocesses 8 --dist worksteal
# Ten minutes in all: half of them a search, half as many rounds of the differential tests as fit.
SEARCH_SECONDS := 300
NIGHTLY_ROUNDS := 10
DIFFERENTIAL := tests/interop/differential
OLDER := tests/interop/opa/test_what_opa_writes.py
LISTED := tests/interop/sboms/test_images.py tests/interop/sboms/test_debian_image.py
ROOTS := tests/files tests/ledger/test_sqlite_files.py tests/loading tests/trust/test_place.py tests/faults tests/agent/test_as_alone.py
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo demo-runtime test test-as-root nightly interop peers lint workflows secrets staged-secrets reproducible bench docs site audit lock wheel clean

demo: $(VENV)/runtime.stamp ## build, sign, verify, tamper, replay: the main job on an embedded ledger
	@$(BIN)/verify demo

demo-runtime: $(VENV)/dev.stamp ## an older release is replayed; a real OPA behind the gateway keeps the newer one
	@.ci/peers "$(PEERS)" opa
	@$(WITH_PEERS) $(BIN)/python -m tools.demo_runtime

test: $(VENV)/dev.stamp ## the whole suite that needs no peer
	@.ci/timed "running the tests" $(BIN)/pytest -m "not interop" $(PARALLEL)

test-as-root: $(VENV)/dev.stamp ## what only root can set up: files of somebody else's, full and read-only disks
	@.ci/timed "running what needs root" $(BIN)/pytest -m "not interop" $(ROOTS)

interop: $(VENV)/dev.stamp peers ## the suite against real OPA and cosign
	@$(WITH_PEERS) .ci/timed "running the tests against real peers" $(BIN)/pytest -m "interop and not nightly"

nightly: $(VENV)/dev.stamp peers ## what takes longer: the search for the dearest input, and more rounds against real peers
	$(BIN)/python -m tools.worst_case --seconds $(SEARCH_SECONDS)
	@.ci/peers "$(PEERS)" older-opa
	@.ci/peers "$(PEERS)" syft-1.57
	@$(WITH_PEERS) VERIFIER_ROUNDS=$(NIGHTLY_ROUNDS) .ci/timed "comparing with real peers" $(BIN)/pytest -m interop $(DIFFERENTIAL) $(OLDER) $(LISTED)

lint: $(VENV)/dev.stamp ## format, style, types, import direction
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/dev.stamp ## every benchmark beside its peers, which are installed; BENCH="--set headline --write": only some, and keep them
	@for peer in $$($(WITH_PEERS) $(BIN)/python -m benchmarks --peers $(BENCH)); do .ci/peers "$(PEERS)" "$$peer" || exit; done
	@$(WITH_PEERS) $(BIN)/python -m benchmarks $(BENCH)

docs: $(VENV)/dev.stamp ## generated pages: reason codes, command help, attack tables, schemas
	$(BIN)/python -m tools.generate
	$(BIN)/python -m tools.platforms

site: ## the pages below docs/ as a site, in build/site: strictly, and without a network once its tools are there
	@.ci/peers "$(PEERS)" site-tools
	@NO_MKDOCS_2_WARNING=1 .ci/timed "making the site" "$(PEERS)/bin/mkdocs" build --strict

audit: $(VENV)/runtime.stamp ## make audit DB=FILE: known vulnerabilities in what the lock files pin, offline, by those records
	@test -n "$(DB)" || { echo "make audit DB=FILE: the records are missing, and nothing was audited; docs/audit.md says how to get them" >&2; exit 2; }
	$(BIN)/verify audit . --db "$(DB)" --require-hashes

workflows: ## what GitHub runs: actionlint, and zizmor at its most pedantic
	@.ci/peers "$(PEERS)" actionlint
	@.ci/peers "$(PEERS)" audit-tools
	$(PEERS)/bin/actionlint
	$(PEERS)/bin/zizmor --offline --persona=pedantic .

secrets: ## credentials in what is tracked; what is none is listed in .gitleaks.toml
	@.ci/peers "$(PEERS)" gitleaks
	GITLEAKS="$(PEERS)/bin/gitleaks" .ci/secrets

staged-secrets: ## credentials in what is about to be committed
	@.ci/peers "$(PEERS)" gitleaks
	GITLEAKS="$(PEERS)/bin/gitleaks" .ci/secrets --staged

reproducible: $(VENV)/dev.stamp ## build wheel and sdist twice, in two folders and environments, to the same bytes: dist/
	.ci/reproducible dist

lock: $(VENV)/dev.stamp ## what pyproject.toml asks for, into the lock files; pins that fit are kept (.ci/lock --upgrade: not)
	.ci/lock

wheel: $(VENV)/dev.stamp ## build dist/*.whl
	rm -rf dist && $(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir dist .

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/runtime.stamp: pyproject.toml requirements.lock .ci/venv tools/lock_here.py
	.ci/venv $(VENV) requirements.lock
	@touch $@

$(VENV)/dev.stamp: pyproject.toml requirements-dev.lock .ci/venv tools/lock_here.py
	.ci/venv $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/runtime.stamp

peers: ## install what the interop suite talks to; what is there at its pinned version is kept
	.ci/peers "$(PEERS)"
