#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Several nights of an audit from two probers, in a network of its own (root): killed twice, with exactly ten changes in one night.
# `tests/demo/audit-lab.sh 10000` is with so many domains. `tests/demo/audit-lab.sh kills 50 SEED` audits a few of them again and again, and
# kills something at a random moment so many times; the seed decides the moments, and a new one is told. A fourth word names what
# is killed, as in `worker,prober`.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
folder=$(mktemp -d)
lab=("$MAILOPS_BIN/python" -B -m tests.lab.audit)
trap '"${lab[@]}" stop "$folder"; rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if [ "${1:-}" = kills ]; then
  "${lab[@]}" start "$folder" --domains 60 --each 1 --delay 0.05
  "${lab[@]}" kill "$folder" --kills "${2:-50}" --seed "${3:-}" ${4:+--kinds "$4"}
else
  "${lab[@]}" start "$folder" --domains "${1:-10000}"
  "${lab[@]}" prove "$folder" --domains "${1:-10000}"
fi
