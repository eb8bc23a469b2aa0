#!/usr/bin/env bash
# What must hold of the dependencies whatever cargo-deny knows: features that stay off, versions
# that move together, versions below which something is broken, no code from git.
set -euo pipefail
cd "$(dirname "$0")/../.."

failed=0
tree=$(cargo tree --locked -e normal,build,dev --prefix none --format '{p}')

good() { echo "ok   $*"; }
bad() {
  echo "FAIL $*" >&2
  failed=1
}

# The versions of a crate in the tree, one a line, each once.
versions() {
  awk -v name="$1" '$1 == name { sub(/^v/, "", $2); print $2 }' <<<"$tree" | sort -uV
}

# How actix is asked for: nothing that decompresses bodies, nothing that speaks HTTP/2.
features() {
  local web http
  web=$(cargo tree --locked -e features -i actix-web)
  http=$(cargo tree --locked -e features -i actix-http)
  if grep -E 'actix-web feature "(default|compress|http2|__compress)' <<<"$web"; then
    bad "actix-web has features that must stay off"
  elif grep -E 'compress|http2' <<<"$http"; then
    bad "actix-http can decompress or speaks HTTP/2"
  else
    good "actix neither decompresses nor speaks HTTP/2"
  fi
}

exactly() {
  local name=$1 wanted=$2 found
  found=$(versions "$name" | paste -sd ' ')
  if [ "$found" = "$wanted" ]; then
    good "$name $found"
  else
    bad "$name must be $wanted, found: ${found:-none}"
  fi
}

once() {
  local name=$1 found
  found=$(versions "$name" | paste -sd ' ')
  if [ -n "$found" ] && [ "$found" = "${found% *}" ]; then
    good "one $name, $found"
  else
    bad "there must be exactly one $name, found: ${found:-none}"
  fi
}

# A crate that is in the tree must be this new in every version of it.
at_least() {
  local name=$1 least=$2 found oldest
  found=$(versions "$name")
  if [ -z "$found" ]; then
    good "$name is not in the tree"
    return 0
  fi
  oldest=$(head -n 1 <<<"$found")
  if [ "$(printf '%s\n%s\n' "$least" "$oldest" | sort -V | head -n 1)" = "$least" ]; then
    good "$name $oldest >= $least"
  else
    bad "$name must be at least $least, found $oldest"
  fi
}

registry_only() {
  if grep -nE '^source = "git\+' Cargo.lock; then
    bad "code from git"
  else
    good "no code from git"
  fi
}

features
exactly rusqlite 0.40.2
exactly r2d2_sqlite 0.35.0
once libsqlite3-sys
at_least libsqlite3-sys 0.38.2 # SQLite 3.53.2; 3.51.2 and older can lose commits in WAL mode
at_least actix-web 4.14.1
at_least actix-http 3.12.1
at_least h2 0.4.16
at_least lru 0.18.2
at_least time 0.3.47
at_least bytes 1.11.1
at_least quick-xml 0.41.0
at_least tracing-subscriber 0.3.20
at_least zip 2.3.0
registry_only
exit "$failed"
