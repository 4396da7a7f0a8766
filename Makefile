# Dialtone. `make` lists what there is.
SHELL   := /bin/sh
GO      ?= go
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
DATA    ?= .dialtone
TESTARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup setup-demo build demo up test lint fmt check bench soak conformance record-histories openapi clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install and build what demo and tests need (as root: apt-get; builds the Temporal server once)
	@sh tools/setup.sh test
	@$(MAKE) --no-print-directory build

setup-demo:
	@sh tools/setup.sh demo
	@$(MAKE) --no-print-directory build

build: ## build bin/dialtone
	@$(GO) build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/dialtone ./cmd/dialtone

demo: setup-demo ## start everything, let 25 people join, show the result; stops when done
	@bin/dialtone up --demo --once --data $(DATA)/demo

up: setup-demo ## start everything and stay up; Ctrl-C stops it, the state stays in DATA=.dialtone
	@bin/dialtone up --data $(DATA)

# SQLite, translated to Go, is ten times slower under the race detector, and no code of ours.
RACE := -race -gcflags='modernc.org/...=-race=false'

# Two packages at a time: several start servers of their own.
test: setup ## run every test with the race detector; TESTARGS= adds arguments
	@$(GO) test $(RACE) -p 2 -timeout 20m $(TESTARGS) ./...

# The tools are pinned in tools/go.mod; the first build of golangci-lint takes minutes.
bin/golangci-lint: tools/go.mod tools/go.sum
	@echo "check: building golangci-lint; the first time this takes two to three minutes"
	@$(GO) build -C tools -o ../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

bin/workflowcheck: tools/go.mod tools/go.sum
	@$(GO) build -C tools -o ../bin/workflowcheck go.temporal.io/sdk/contrib/tools/workflowcheck
	@touch $@

lint: bin/golangci-lint ## formatting, lint and the dependency rules
	@bin/golangci-lint run

fmt: bin/golangci-lint ## format the code
	@bin/golangci-lint fmt

check: bin/golangci-lint bin/workflowcheck ## everything that is checked without running a test
	@sh tools/check.sh

bench: setup ## measure against floors of the same run and print the ratios (some minutes)
	@$(GO) test -run '^$$' -bench . -benchtime 1x -count 1 -timeout 60m ./integration/bench
	@$(GO) test -run '^$$' -bench . -benchtime 2s -count 1 -timeout 30m ./sim/cucm
	@$(GO) test -tags bench -run TestReserveRatio -v -count 1 -timeout 30m ./db

soak: setup ## 10,000 events in the lives of 2,000 people, with crashes and faults (about an hour and a half)
	@$(GO) test -run TestLives -v -count 1 -timeout 6h ./integration -args -life.people=2000 -life.events=10000 -life.seed=$(or $(SEED),1)

conformance: setup ## validate every request of end-to-end runs against Cisco's schemas (fetched with npm)
	@$(GO) test -run Conformance -v -count 1 -timeout 20m ./integration

record-histories: setup ## record histories for the replay test; run it on a release, never on the change under test
	@mkdir -p workflows/testdata/replay
	@$(GO) test -run TestHistoriesReplay -count 1 ./integration -record-histories=$(CURDIR)/workflows/testdata/replay

openapi: ## write api/openapi.yaml anew from the operations
	@$(GO) test -run TestOpenAPIDocument -count 1 ./api -update

clean: ## remove what was built and the demo's state; up's state in .dialtone stays
	@rm -rf bin $(DATA)/demo
