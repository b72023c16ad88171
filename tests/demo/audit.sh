#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# The TLS of many mail domains, and what changed since the last time: `tests/demo/audit.sh domains.txt [mx_audit_confirm=0]`.
# Runs are kept in ./mx-audit.
set -euo pipefail
if [ $# -eq 0 ]; then
  echo "Which domains? For example: make audit DOMAINS=domains.txt, a file with a domain a line" >&2
  exit 2
fi
if [ ! -f "$1" ]; then
  echo "There is no file $1. It has to have a domain a line." >&2
  exit 2
fi
file=$(realpath "$1")
directory=$PWD/mx-audit
shift
if [ -e MANIFEST.json ]; then
  echo "What audits find does not belong in an installed collection. Go to the folder where you want it, and run:" >&2
  echo "ansible-playbook mailops.tls.audit -e domains_file=$file" >&2
  exit 2
fi
. "$(dirname "$0")/environment.sh"
play audit "domains_file=$file" "mx_audit_directory=$directory" "$@"
