#!/usr/bin/env bash
# Does a lurcher answer at this address? Needs bash and nothing else.
#   deploy/smoke.sh [host:port]     default 127.0.0.1:8080
set -euo pipefail

address=${1:-127.0.0.1:8080}
host=${address%:*}
port=${address##*:}

fail() {
  echo "FAIL $*" >&2
  exit 1
}

# Asks for a path, checks the status and that the answer contains a word.
ask() {
  local path=$1 status=$2 word=$3 line answer
  exec 3<>"/dev/tcp/$host/$port" || fail "nobody answers at $address"
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$path" "$address" >&3
  answer=$(timeout 10 cat <&3 | tr -d '\0')
  exec 3>&-
  line=${answer%%$'\r'*}
  [[ $line == "HTTP/1.1 $status"* ]] || fail "$path: $line, not $status"
  [[ $answer == *"$word"* ]] || fail "$path: no $word in the answer"
  echo "ok   $path: $status"
}

ask /livez 200 ok
ask /readyz 200 ready
ask /api/health 200 '"status":"ok"'
ask '/api/races?limit=1' 200 '"items":['
ask /api/races/1950-01-01-nowhere-1 404 unknown_race
ask /api/nowhere 404 '"status":404'
