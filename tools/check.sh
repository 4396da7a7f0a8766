#!/bin/sh
# Checks everything that can be checked without running a test. Says each step and
# goes on to the next, so that one run shows all findings.
set -eu
cd "$(dirname -- "$0")/.."

failed=
step() {
	name=$1
	shift
	echo "check: $name"
	"$@" || failed="$failed, $name"
}

shell_syntax() {
	for script in tools/*.sh .ci/run; do
		sh -n "$script" || return 1
	done
}

# The Temporal server is a module of its own; same flags as its build, so that what
# that compiled is used again.
temporald() (
	unformatted=$(gofmt -l tools/temporald)
	[ -z "$unformatted" ] || { echo "not formatted: $unformatted" && return 1; }
	export CGO_ENABLED=0 GOWORK=off
	go vet -C tools/temporald -trimpath -tags disable_grpc_modules ./...
)

# go.mod names what is used, at the versions that go.sum knows.
modules() { go mod verify >/dev/null && go mod tidy -diff; }

step "shell syntax" shell_syntax
step "formatting" bin/golangci-lint fmt --diff
step "lint and dependency rules" bin/golangci-lint run
step "workflows are deterministic" bin/workflowcheck ./workflows/...
step "modules" modules
step "the Temporal server's module" temporald
[ -z "$failed" ] || { echo "check: failed: ${failed#, }" >&2 && exit 1; }
echo "check: all good"
