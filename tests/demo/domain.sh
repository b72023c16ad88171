#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# What mail domains publish, and what is wrong with it: `tests/demo/domain.sh example.org [dkim_selectors=mail2026]`.
set -euo pipefail
domains=()
variables=()
for one in "$@"; do
  case $one in
    *=*) variables+=("$one") ;;
    *) domains+=("$one") ;;
  esac
done
if [ "${#domains[@]}" -eq 0 ]; then
  echo "Which domain? For example: make domain DOMAIN=example.org" >&2
  exit 2
fi
. "$(dirname "$0")/environment.sh"
play domain "domains=$(IFS=,; echo "${domains[*]}")" ${variables[@]+"${variables[@]}"}
