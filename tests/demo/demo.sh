#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Start mail servers with good and bad TLS on this machine's loopback addresses, probe them and explain the verdicts.
# Needs no root and no network once its environment is there; ends what it started, whatever happens.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
. "$MAILOPS_ROOT/tests/demo/network.sh"

export ANSIBLE_CALLBACK_RESULT_FORMAT=yaml
report=$MAILOPS_WORK/demo.html
ansible-playbook mailops.tls.demo -e "lab=$state/lab.json" -e "report=$report"
echo "The same as a page, for your browser: $report"
