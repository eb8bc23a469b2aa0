#!/usr/bin/env bash
# Installs lurcher as a systemd service: binary, user, units. Again is an update.
#   sudo deploy/install.sh [binary]     default target/release/lurcher
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
binary=${1:-$here/../target/release/lurcher}

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

[ "$(id -u)" -eq 0 ] || fail "must run as root"
[ -x "$binary" ] || fail "no binary at $binary; build it with cargo build --release"
command -v systemctl >/dev/null || fail "no systemd here"
"$binary" --version || fail "$binary does not run on this machine"

if ! getent passwd lurcher >/dev/null; then
  useradd --system --user-group --no-create-home --home-dir /var/lib/lurcher \
    --shell /usr/sbin/nologin lurcher
fi
# Beside it first: a running program cannot be written over, but its name can move.
install -o root -g root -m 0755 "$binary" /usr/local/bin/lurcher.new
mv -f /usr/local/bin/lurcher.new /usr/local/bin/lurcher
install -o root -g root -m 0644 "$here/lurcher.service" "$here/lurcher-collect@.service" \
  "$here/lurcher-collect@.timer" /etc/systemd/system/
systemctl daemon-reload
systemctl enable lurcher.service
systemctl restart lurcher.service

for _ in $(seq 50); do
  if bash "$here/smoke.sh" 127.0.0.1:8080 >/dev/null 2>&1; then
    echo "lurcher answers on http://127.0.0.1:8080"
    exit 0
  fi
  sleep 0.1
done
fail "it does not answer on 127.0.0.1:8080; see journalctl -u lurcher, or the address in a drop-in"
