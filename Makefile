# Everything that is done to this repository, by name. `make` alone lists it.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

BIN := .cache/bin
# Every package of every module in go.work.
EVERYTHING = atrium.internal/...
# The end-to-end tests have a target of their own; archtest and bom read the other
# modules, which the test cache does not see.
PACKAGES = $$(go list $(EVERYTHING) | grep -vE '/services/all/e2e|/tools/(archtest|bom)')

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install what is missing and build everything that runs
	@bash deploy/setup/setup.sh services

.PHONY: run
run: ## run Atrium in one process on http://atrium.localhost:8080
	@bash deploy/setup/setup.sh all
	@exec $(BIN)/atrium all

.PHONY: run-services
run-services: ## run Atrium as five separate programs on this machine
	@bash deploy/setup/setup.sh services
	@exec bash deploy/run-services.sh

.PHONY: build
build: setup ## build every Go package, the web pages and the programs
	go build $(EVERYTHING)

.PHONY: test
test: setup check-generated test-unit test-web test-e2e ## every test there is

.PHONY: test-unit
test-unit: ## Go unit and integration tests, against real Postgres and Redis
	@packages=$(PACKAGES); go test $$packages
	@go test -count=1 ./tools/archtest ./tools/bom

.PHONY: test-race
test-race: ## the same under the race detector (slow)
	@packages=$(PACKAGES); go test -race $$packages

.PHONY: test-web
test-web: ## unit tests of the web pages and of the VS Code extension
	npm --prefix web test
	npm --prefix extension test

.PHONY: test-compose
test-compose: ## docker compose with a real engine: a browser through its door, and how its containers stand (needs root)
	@bash tools/compose-test.sh

.PHONY: test-k8s
test-k8s: ## workspaces in the pods of a real Kubernetes (needs root; the first time takes ten minutes)
	@bash deploy/test/k8s/test.sh

.PHONY: test-e2e
test-e2e: ## the whole system in both run modes, in a browser, in compose and in a real Kubernetes
	@bash tools/e2e.sh

.PHONY: test-chart
test-chart: ## the Helm chart, as it is rendered and in a real Kubernetes (which needs root)
	@bash deploy/test/chart/test.sh

.PHONY: prove-attacks
prove-attacks: setup ## take each control of the attack suite away and see its tests fail (an hour)
	@bash tools/controls.sh

.PHONY: prove-faults
prove-faults: setup ## a minute without Redis; then kill services, Postgres and Redis 500 times under writers who note what is acknowledged (20 minutes)
	ATRIUM_FAULT_REDIS_AWAY=60s go test -count=1 -v ./services/all/e2e -run TestRedisIsFlushedStoppedAndComesBack
	ATRIUM_FAULT_KILLS=$${ATRIUM_FAULT_KILLS:-500} go test -count=1 -timeout 3h -v ./services/all/e2e -run TestNothingAcknowledgedIsLostOverKills

.PHONY: lint
lint: ## golangci-lint, buf, Biome and the shell scripts
	@bash tools/lint.sh

.PHONY: format
format: ## rewrite Go and web sources in the house's format
	@bash tools/install.sh lint
	@for dir in pkg gateway services/* services/ide/kubernetes bench tools/archtest tools/bom; do (cd $$dir && $(CURDIR)/$(BIN)/golangci-lint fmt ./...); done
	npm --prefix web run fix

.PHONY: generate
generate: ## regenerate stubs, OpenAPI, web types and the table of settings
	bash tools/generate.sh
	npm --prefix web run api
	bash tools/config-docs.sh

.PHONY: check-generated
check-generated: ## fail when a committed generated file is not what its source gives
	@bash tools/check-generated.sh

.PHONY: bench
bench: setup ## measure beside peers, in ratios (needs wrk; builds or fetches the peers once)
	@bash bench/peers.sh
	go build -o .cache/bench/bench ./bench
	.cache/bench/bench

.PHONY: bench-cost
bench-cost: setup ## what a user, a session, a stream and a workspace take of the machine; docs/scaling.md has figures
	@mkdir -p .cache/bench
	go build -o .cache/bench/bench ./bench
	.cache/bench/bench cost

.PHONY: bench-go
bench-go: ## Go benchmarks of the packages that have them
	@go test -run '^$$' -bench . -benchmem $$(git grep -lE '^func Benchmark' -- '*_test.go' | xargs -r -n1 dirname | sort -u | sed 's|^|./|')

.PHONY: vulncheck
vulncheck: ## look for known vulnerabilities (needs the vulnerability database)
	go run golang.org/x/vuln/cmd/govulncheck@latest $(EVERYTHING)

.PHONY: clean
clean: ## remove build results; data in .atrium and the tools stay
	rm -rf web/dist extension/dist web/node_modules extension/node_modules .cache/stamps
	find gateway/static/dist -mindepth 1 ! -name '.*' -delete 2>/dev/null || true
	rm -f $(BIN)/atrium $(BIN)/authd $(BIN)/chatd $(BIN)/ided $(BIN)/aid $(BIN)/gatewayd
