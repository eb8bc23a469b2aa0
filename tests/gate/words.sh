#!/usr/bin/env bash
# No file names a package registry's host or a path of the machine it was written on. The lock file
# names the registry by nature.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Written so that no pattern matches itself.
hosts='crates[.]io|npmjs[.](com|org)|pypi[.]org|pythonhosted[.]org|proxy[.]golang[.]org|rubygems[.]org'
paths='(^|[^A-Za-z0-9_.}])/(work|farm|home|root|Users|tmp)/[A-Za-z0-9_.]'

# Says where a pattern stands, and fails if it stands anywhere.
absent() {
  local what=$1 pattern=$2 code=0
  git grep --no-index --exclude-standard -nIE "$pattern" -- . ':!Cargo.lock' || code=$?
  case $code in
    0) echo "FAIL a file names $what" >&2; exit 1 ;;
    1) echo "ok   no file names $what" ;;
    *) echo "FAIL git grep ended with $code" >&2; exit 1 ;;
  esac
}

absent "the host of a registry" "$hosts"
absent "a path of a machine" "$paths"
