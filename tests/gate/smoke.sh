#!/usr/bin/env bash
# The real binary, as a stranger would meet it: a season made, trained and predicted; then served,
# asked, and told to stop.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/gate/daemon.sh

make_season
cat "$data/demo.out"
grep -qE '^rug +box +dog +win +place' "$data/demo.out" || fail "the demo printed no prediction"
[ "$(grep -cE '^ +[0-9]+ +[1-8] .* [0-9.]+% +[0-9.]+% ' "$data/demo.out")" -ge 5 ] ||
  fail "the prediction has no field"
echo "ok   demo --once"

serve
bash deploy/smoke.sh "$address"
stop
echo "ok   serve, and 0 after SIGTERM"
