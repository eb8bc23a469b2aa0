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

# Holds the document against the daemon; what schemathesis says is shown when it does not agree, else
# only how much it asked.
hold() {
  local what=$1 settings=$2 began=$SECONDS
  shift 2
  (cd "$data" && "$venv/bin/st" --no-color --config-file "$gate/$settings" run \
    "$data/openapi.json" --url "http://$address" "$@") >"$data/report" 2>&1 || {
    cat "$data/report"
    fail "the document is not true: $what"
  }
  echo "ok   $what: $(grep -E '^ *[0-9]+ generated' "$data/report" | xargs), $((SECONDS - began)) s"
}

make_season
serve
"$venv/bin/python" -c 'import sys, urllib.request as web; print(web.urlopen(sys.argv[1]).read().decode())' \
  "http://$address/api/openapi.json" >"$data/openapi.json"
# This machine may do everything here, whatever key it brings: nothing can be ignored. And the first
# key would end that, so none is made.
hold "without keys" contract.toml --max-examples 300 \
  --exclude-checks ignored_auth --exclude-operation-id create_key
stop

printf '[limits]\nread = 0\npredict = 0\ningest = 0\nadmin = 0\n' >"$season/lurcher.toml"
key=$("$lurcher" --data "$season" key create --name gate --scope admin 2>/dev/null)
serve
# Keys are revoked only where no list can tell the id of the one in use.
hold "keys" contract.toml --max-examples 300 -H "X-API-Key: $key" \
  --include-operation-id create_key --include-operation-id revoke_key
hold "with a key" contract.toml --max-examples 300 -H "X-API-Key: $key" \
  --exclude-operation-id create_key --exclude-operation-id revoke_key
hold "as a stranger" strangers.toml --max-examples 50

exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
printf 'GET /readyz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$address" >&3
grep -q '^HTTP/1.1 200' <&3 || fail "it is not ready any more"
exec 3>&-
stop
# The results that were posted are owed to the ratings: the doctor would say so.
"$lurcher" --data "$season" train >"$data/train.out" || fail "what was posted breaks the training"
"$lurcher" --data "$season" doctor || fail "the doctor found something"
echo "ok   alive to the end, and healthy"
