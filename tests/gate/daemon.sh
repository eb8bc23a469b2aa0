# A daemon for a stage, from the binary as it is shipped but for a quicker build. Sourced; `$lurcher`
# is the binary, `$data` a folder that goes at the end, and with it the daemon, however the end comes.

data=$(mktemp -d)
server=""
trap end EXIT

end() {
  halt
  rm -rf "$data"
}

# The end of the daemon, where it has not ended yet; for the end of a subshell that serves.
halt() {
  if [ -n "$server" ]; then
    kill -KILL "$server" 2>/dev/null || true
  fi
}

fail() {
  echo "FAIL $*" >&2
  exit 1
}

cargo build --locked --profile gate
lurcher=$(cd "${CARGO_TARGET_DIR:-target}/gate" && pwd)/lurcher

# Makes, trains and predicts a season; its folder is `$season`.
make_season() {
  "$lurcher" --data "$data" demo --once >"$data/demo.out" || fail "the demo ended with $?"
  season=$(echo "$data"/demo-*)
}

# Serves the season at `$address`.
serve() {
  : >"$season.out"
  "$lurcher" --data "$season" serve --listen 127.0.0.1:0 >"$season.out" &
  server=$!
  address=""
  for _ in $(seq 100); do
    address=$(sed -n 's|^listening on http://||p' "$season.out")
    [ -z "$address" ] || return 0
    kill -0 "$server" 2>/dev/null || fail "serve ended before it listened"
    sleep 0.1
  done
  fail "serve never said where it listens"
}

# Tells the daemon to stop, and sees that it left everything in order.
stop() {
  local code=0
  kill -0 "$server" 2>/dev/null || fail "the daemon is gone"
  kill -TERM "$server"
  wait "$server" || code=$?
  server=""
  [ "$code" -eq 0 ] || fail "serve ended with $code after SIGTERM"
  [ ! -s "$season/lurcher.db-wal" ] || fail "serve left a write-ahead log behind"
}
