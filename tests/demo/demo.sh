#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Start mail servers with good and bad TLS on this machine's loopback addresses, probe them and explain the verdicts.
# Needs no root and no network once .venv is there; ends what it started, whatever happens.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
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

export ANSIBLE_CALLBACK_RESULT_FORMAT=yaml
ansible-playbook mailops.tls.demo -e "lab=$state/lab.json"
