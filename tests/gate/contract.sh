#!/usr/bin/env bash
# The OpenAPI document is exactly true: schemathesis makes requests of it, good and bad, and holds
# every answer of the real binary against it, without keys, with one, and as a stranger.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)/schemathesis
version=4.32.5
if ! "$venv/bin/st" --version 2>/dev/null | grep -qF "$version"; then
  rm -rf "$venv"
  if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet "schemathesis==$version"; }; then
    rm -rf "$venv"
    echo "SKIP schemathesis $version cannot be installed: it needs python3 with venv, and a registry"
    exit 0
  fi
fi

. tests/gate/daemon.sh
gate=$PWD/tests/gate
# Requests of each operation. They are the same in every run, so more of them would find what they
# find once and be waited for ever after; somebody who looks for more may ask for more.
examples=${EXAMPLES:-100}

# Holds the document against the daemon. What schemathesis says is shown when it does not agree, else
# only how much it asked.
hold() {
  local what=$1 settings=$2 began=$SECONDS report
  shift 2
  report="$data/${what// /-}"
  (cd "$data" && timeout 900 "$venv/bin/st" --no-color --config-file "$gate/$settings" run \
    "$season.json" --url "http://$address" "$@") >"$report" 2>&1 || {
    cat "$report"
    fail "the document is not true: $what"
  }
  echo "ok   $what: $(grep -E '^ *[0-9]+ generated' "$report" | xargs), $((SECONDS - began)) s"
}

fetch() {
  "$venv/bin/python" -c 'import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1]).read().decode())' "http://$address$1"
}

# This machine may do everything here, whatever key it brings, so no key can be ignored; the first
# key would end that, so none is made.
without_keys() {
  serve
  fetch /api/openapi.json >"$season.json"
  hold "without keys" contract.toml --max-examples "$examples" \
    --exclude-checks ignored_auth --exclude-operation-id create_key
  leave
}

with_keys() {
  serve
  fetch /api/openapi.json >"$season.json"
  stop
  printf '[limits]\nread = 0\npredict = 0\ningest = 0\nadmin = 0\n' >"$season/lurcher.toml"
  local key
  key=$("$lurcher" --data "$season" key create --name gate --scope admin 2>/dev/null)
  serve
  # Keys are revoked only where no list tells the id of the one in use.
  hold "keys" contract.toml --max-examples "$examples" -H "X-API-Key: $key" \
    --include-operation-id create_key --include-operation-id revoke_key
  hold "with a key" contract.toml --max-examples "$examples" -H "X-API-Key: $key" \
    --exclude-operation-id create_key --exclude-operation-id revoke_key
  hold "as a stranger" strangers.toml --max-examples 50
  leave
}

# It is still well, and what it took in is too: the ratings owe the results that were posted, which
# the doctor would say, so they are paid first.
leave() {
  [ "$(fetch /readyz)" = ready ] || fail "it is not ready any more"
  stop
  "$lurcher" --data "$season" train >"$season.train" || fail "what was posted breaks the training"
  "$lurcher" --data "$season" doctor >"$season.doctor" || {
    cat "$season.doctor"
    fail "the doctor found something"
  }
  echo "ok   ${season##*/} is well to the end"
}

# Two houses side by side, because schemathesis keeps one core busy.
make_season
cp -r "$season" "$data/open"
mv "$season" "$data/keyed"
(season=$data/open && trap halt EXIT && without_keys) &
open=$!
(season=$data/keyed && trap halt EXIT && with_keys) &
keyed=$!
code=0
wait "$open" || code=1
wait "$keyed" || code=1
exit "$code"
