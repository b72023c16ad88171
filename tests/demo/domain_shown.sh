#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# `make domain` shows a page about a domain of the demo's network, tells a mistake, and fails for findings only where that is asked for.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
. "$MAILOPS_ROOT/tests/demo/network.sh"
nameserver=$("$MAILOPS_BIN/python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["nameserver"])' "$state/lab.json")
shown=$state/shown

look() {
  make --no-print-directory domain DOMAIN=dane-verified.example VARS="nameservers=$nameserver allow_private_addresses=true trust_ad=always $1" \
    > "$shown" 2>&1
}

tells() {
  grep -qF -- "$1" "$shown" || { echo "make domain does not say: $1" >&2; cat "$shown" >&2; exit 1; }
}

look ''
tells 'dane-verified.example, '
tells 'who can deliver:'
tells 'warning: dmarc_missing'
if look fail_on=warning; then
  echo 'make domain does not fail for findings' >&2
  exit 1
fi
tells 'Not all is well with dane-verified.example.'
if look dmark_discovery=psl; then
  echo 'make domain takes a misspelt option' >&2
  exit 1
fi
tells 'dmark_discovery'
