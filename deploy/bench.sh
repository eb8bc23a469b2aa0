#!/usr/bin/env bash
# Runs the benches and prints the difference to benches/baseline.csv. Figures of another machine
# are shown and mean little; on the machine of the baseline, more than 10 % worse is a failure.
#   deploy/bench.sh [filter…]          compare
#   deploy/bench.sh --keep [filter…]   compare, then write the new figures into the baseline
set -euo pipefail
cd "$(dirname "$0")/.."

keep=""
if [ "${1:-}" = --keep ]; then
  keep=yes
  shift
fi
baseline=benches/baseline.csv
fresh=$(mktemp)
rest=$(mktemp)
trap 'rm -f "$fresh" "$rest"' EXIT

# What is compared only with itself: processor, cores, system.
machine() {
  local processor
  processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
  printf '%s; %s cores; %s' "${processor:-$(uname -m)}" "$(getconf _NPROCESSORS_ONLN)" "$(uname -s)" |
    tr ',"' '  '
}

here=$(machine)
commit=$(git rev-parse --short HEAD)
[ -z "$(git status --porcelain -- src sql Cargo.toml Cargo.lock)" ] || commit=$commit+
cargo bench --locked -- --csv "$fresh" "$@"

# Reads the baseline, then the new figures; ends with 1 when something is worse.
code=0
awk -F, -v here="$here" '
  FNR == 1 { next }
  FILENAME == ARGV[1] { median[$1] = $2; machine[$1] = $5; next }
  !($1 in median) { printf "%-40s %10s %-9s new\n", $1, $2, $3; next }
  {
    more = $3 ~ /\/s$/
    worse = more ? median[$1] / $2 - 1 : $2 / median[$1] - 1
    same = machine[$1] == here
    printf "%-40s %10s %-9s was %10s  %+6.1f %% %s%s\n", $1, $2, $3, median[$1], worse * 100,
      (worse > 0 ? "worse" : "better"), (same ? "" : ", other machine")
    if (same && worse > 0.10) failed = 1
  }
  END { exit failed }
' "$baseline" "$fresh" || code=$?

if [ -n "$keep" ]; then
  awk -F, 'FNR == 1 { next } FILENAME == ARGV[1] { seen[$1] = 1; next } !($1 in seen)' \
    "$fresh" "$baseline" >"$rest"
  {
    echo "name,median,unit,commit,machine"
    {
      awk -v tail=",$commit,$here" 'NR > 1 { print $0 tail }' "$fresh"
      cat "$rest"
    } | sort
  } >"$baseline.new"
  mv "$baseline.new" "$baseline"
  exit 0
fi
[ "$code" -eq 0 ] || echo "FAIL more than 10 % worse on the machine of the baseline" >&2
exit "$code"
