#!/bin/sh
# Builds bin/temporald: the Temporal server with its web UI, from tools/temporald.
# Does nothing when the binary is newer than its sources.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
source=$root/tools/temporald
binary=$root/bin/temporald
tags=disable_grpc_modules

if [ -x "$binary" ] && [ -z "$(find "$source" \( -name '*.go' -o -name go.mod -o -name go.sum \) -newer "$binary")" ]; then
	exit 0
fi

export CGO_ENABLED=0 GOWORK=off
mkdir -p "$root/bin"
work=$(mktemp -d)
builder=
cleanup() {
	if [ -n "$builder" ]; then kill "$builder" 2>/dev/null || :; fi
	rm -rf "$work" "$root/bin/.temporald.$$"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "temporald: building the Temporal server with its web UI; the first build takes 5 to 10 minutes, later ones seconds"

# run COMMAND...: runs it in the background and says every ten seconds how far it is.
run() {
	"$@" >"$work/out" 2>"$work/log" &
	builder=$!
	seconds=0
	while kill -0 "$builder" 2>/dev/null; do
		sleep 1
		seconds=$((seconds + 1))
		if [ $((seconds % 10)) -eq 0 ]; then progress; fi
	done
	status=0
	wait "$builder" || status=$?
	builder=
	return "$status"
}

fail() {
	echo "temporald: $1" >&2
	# The names of finished packages are not the message.
	grep -vE '^(go: downloading |[a-z0-9./_~-]+$)' "$work/log" >&2 || cat "$work/log" >&2
	exit 1
}

progress() { echo "temporald: fetching modules, $(grep -c '^go: downloading' "$work/log" || :) so far, $((seconds / 60))m$((seconds % 60))s"; }
# -export=false: only the list. It downloads what is missing, too.
run go list -C "$source" -tags "$tags" -deps . || fail "the modules cannot be fetched:"
total=$(wc -l <"$work/out" | tr -d ' ')

progress() { echo "temporald: $(wc -l <"$work/log" | tr -d ' ') of at most $total packages compiled, $((seconds / 60))m$((seconds % 60))s"; }
run go build -C "$source" -v -buildvcs=false -tags "$tags" -trimpath -ldflags='-s -w' -o "$root/bin/.temporald.$$" . || fail "the build failed:"
mv "$root/bin/.temporald.$$" "$binary"
echo "temporald: built bin/temporald ($(($(wc -c <"$binary") / 1000000)) MB)"
