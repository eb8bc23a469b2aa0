# Stages: run one, time it, and sum up at the end, however the end comes. Sourced by tests/run.

scratch=$(mktemp -d)
times=()
current=""
trap finish EXIT

say() {
  printf '%s %s\n' "$(date +%H:%M:%S)" "$*"
}

fail() {
  say "FAIL $*" >&2
  return 1
}

skip() {
  say "SKIP $*"
}

# A part of the toolchain, fetched only where it is missing.
component() {
  "cargo-${1/rustfmt/fmt}" --version >/dev/null 2>&1 || rustup component add "$1"
}

# The command must not stand in a condition: bash would forget `set -e` inside it.
stage() {
  current=$1
  shift
  say "---- $current"
  local began=$SECONDS
  "$@"
  times+=("$(printf '%-14s %5d s' "$current" "$((SECONDS - began))")")
  current=""
}

# Sums cargo's own closing lines, `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
counts() {
  touch "$scratch/tests"
  awk '/^test result: / {
    for (i = 2; i <= NF; i++) {
      if ($i ~ /^passed/) passed += $(i - 1)
      if ($i ~ /^failed/) failed += $(i - 1)
      if ($i ~ /^ignored/) ignored += $(i - 1)
    }
  } END { printf "%d passed, %d failed, %d skipped\n", passed, failed, ignored }' "$scratch/tests"
}

finish() {
  local code=$?
  trap - EXIT
  say "---- summary"
  if [ "${#times[@]}" -gt 0 ]; then
    printf '%s\n' "${times[@]}"
  fi
  if [ -n "$current" ]; then
    printf '%-14s  FAILED\n' "$current"
    [ "$code" -ne 0 ] || code=1
  fi
  printf '%-14s %5d s\n' "total" "$SECONDS"
  counts
  rm -rf "$scratch"
  exit "$code"
}
