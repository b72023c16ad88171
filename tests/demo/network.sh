# shellcheck shell=bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# To be sourced after environment.sh: starts mail servers and their DNS on this machine's loopback addresses, and ends them with the script.
# Needs no root and no network. Sets: state (a folder with lab.json).

lab=$MAILOPS_ROOT/tests/lab
state=$(mktemp -d)
network=
stop() {
  if [ -n "$network" ]; then
    kill "$network" 2>/dev/null || true
    wait "$network" 2>/dev/null || true
  fi
  rm -rf "$state"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The network says one line, "ready", or ends with its reason on standard error.
exec 3< <(PYTHONPATH="$lab" exec "$MAILOPS_BIN/python" -B -m embedded --state "$state" </dev/null)
network=$!
if ! read -r -t 60 answer <&3 || [ "$answer" != ready ]; then
  echo "The test network did not start." >&2
  exit 1
fi
