#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Everything about one mail server on one page: `tests/demo/diagnose.sh mail.example.org [user=anna] [recipient=anna@example.org]`.
set -euo pipefail
if [ $# -eq 0 ]; then
  echo "Which server? For example: make diagnose HOST=mail.example.org" >&2
  exit 2
fi
. "$(dirname "$0")/environment.sh"
host=$1
shift
play diagnose "host=$host" "$@"
