#!/usr/bin/env bash
# The real binary, as a stranger would meet it: a season made, trained and predicted; then served,
# asked, and told to stop. Built as the benches build it, so nothing is compiled twice.
set -euo pipefail
cd "$(dirname "$0")/../.."

data=$(mktemp -d)
server=""
end() {
  if [ -n "$server" ]; then
    kill -KILL "$server" 2>/dev/null || true
  fi
  rm -rf "$data"
}
trap end EXIT

fail() {
  echo "FAIL $*" >&2
  exit 1
}

# Not `cargo build`: without the features of the dev-dependencies it would compile all again.
cargo bench --locked --no-run
lurcher=${CARGO_TARGET_DIR:-target}/release/lurcher

"$lurcher" --data "$data" demo --once | tee "$data/demo.out"
grep -qE '^rug +box +dog +win +place' "$data/demo.out" || fail "the demo printed no prediction"
[ "$(grep -cE '^ +[0-9]+ +[1-8] .* [0-9.]+% +[0-9.]+% ' "$data/demo.out")" -ge 5 ] ||
  fail "the prediction has no field"
echo "ok   demo --once"
season=$(echo "$data"/demo-*)

: >"$data/serve.out"
"$lurcher" --data "$season" serve --listen 127.0.0.1:0 >"$data/serve.out" &
server=$!
for _ in $(seq 100); do
  address=$(sed -n 's|^listening on http://||p' "$data/serve.out")
  [ -z "$address" ] || break
  kill -0 "$server" 2>/dev/null || fail "serve ended before it listened"
  sleep 0.1
done
[ -n "$address" ] || fail "serve never said where it listens"
bash deploy/smoke.sh "$address"

kill -TERM "$server"
code=0
wait "$server" || code=$?
server=""
[ "$code" -eq 0 ] || fail "serve ended with $code after SIGTERM"
[ ! -s "$season/lurcher.db-wal" ] || fail "serve left a write-ahead log behind"
echo "ok   serve, and 0 after SIGTERM"
