#!/usr/bin/env bash
# The page at /api/docs, in a real browser: what it lists, finds, sends and shows.
#   tests/gate/browser.sh [BINARY]     default: as the benches build it, like the smoke test
# Needs python3 and a Chromium; the name of one may stand in CHROMIUM. Without them it is skipped, but
# in CI, where root may install what is missing, it is installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

data=$(mktemp -d)
server=""
end() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" || true
  fi
  rm -rf "$data"
}
trap end EXIT

chromium() {
  local name
  for name in ${CHROMIUM:-chromium chromium-browser google-chrome google-chrome-stable}; do
    command -v "$name" && return 0
  done
  return 1
}

if ! chromium >/dev/null && [ -n "${CI:-}" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  timeout 300 apt-get install -qq -y --no-install-recommends chromium >/dev/null 2>&1 || true
fi
if ! chromium >/dev/null || ! command -v python3 >/dev/null; then
  echo "SKIP the page in a browser: there is no Chromium or no python3"
  exit 0
fi

lurcher=${1:-}
if [ -z "$lurcher" ]; then
  cargo bench --locked --no-run
  lurcher=${CARGO_TARGET_DIR:-target}/release/lurcher
fi
"$lurcher" --data "$data" demo --once >"$data/demo.out"
season=$(echo "$data"/demo-*)
: >"$data/serve.out"
"$lurcher" --data "$season" serve --listen 127.0.0.1:0 >"$data/serve.out" &
server=$!
for _ in $(seq 100); do
  url=$(sed -n 's|^listening on ||p' "$data/serve.out")
  [ -z "$url" ] || break
  sleep 0.1
done
[ -n "$url" ] || { echo "FAIL serve never said where it listens" >&2; exit 1; }
timeout 60 python3 tests/gate/browser.py "$(chromium)" "$url"
