#!/usr/bin/env bash
# The page at /api/docs, in a real browser: what it lists, finds, sends and shows.
# Needs python3 and a Chromium; the name of one may stand in CHROMIUM. Without them it is skipped, but
# in CI, where root may install what is missing, it is installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

chromium() {
  local name
  for name in ${CHROMIUM:-chromium chromium-browser google-chrome google-chrome-stable}; do
    type -P "$name" && return 0 # not `command -v`, which finds this very function
  done
  return 1
}

if ! chromium >/dev/null && [ -n "${CI:-}" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  timeout 120 apt-get update -qq >/dev/null 2>&1 || true
  timeout 300 apt-get install -qq -y --no-install-recommends chromium >/dev/null 2>&1 || true
fi
if ! chromium >/dev/null || ! command -v python3 >/dev/null; then
  echo "SKIP the page in a browser: there is no Chromium or no python3"
  exit 0
fi

. tests/gate/daemon.sh
make_season
serve
timeout 60 python3 tests/gate/browser.py "$(chromium)" "http://$address"
stop
