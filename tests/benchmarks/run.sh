#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Measure probe runs beside posttls-finger, sslyze, testssl.sh, curl, s_client and checkdmarc in a test network of their own (root), print the
# tables and write docs/benchmarks.md with its plots. It takes half an hour. Arguments go to tests/benchmarks, and then no page is written:
# `bash tests/benchmarks/run.sh near --rounds 5`. BENCH_SCALE=0.02 takes a small part of all lists, to see that everything runs;
# its page is in .work/bench.
# sslyze and checkdmarc get environments of their own: nothing of ours imports them.
set -euo pipefail
. "$(dirname "$0")/../demo/environment.sh"
if [[ -z "${1-}" || "$1" == -* || " $* " == *" reports "* ]]; then # the page of a report is opened in Chromium, as tests/report does
  "$MAILOPS_BIN/python" -c 'from tests.lab.machinery import packages; names = packages.missing(["chromium", "nodejs", "npm"]); names and packages.install(names)'
  export BENCH_BROWSER="$MAILOPS_ROOT/.work/browser"
  mapfile -t modules < <(grep -v '^#' tests/report/modules.txt)
  npm install --prefix "$BENCH_BROWSER" --no-save --no-audit --no-fund --ignore-scripts --silent "${modules[@]}" >&2
fi
if [[ "${1-}" == audits || "${1-}" == reports ]]; then # without a network
  exec "$MAILOPS_BIN/python" -B -m tests.benchmarks "$@"
fi
make_venv .work/sslyze 'sslyze==6.3.1'
export BENCH_SSLYZE="$MAILOPS_ROOT/.work/sslyze/bin/sslyze"
make_venv .work/checkdmarc 'checkdmarc==6.0.4'
export BENCH_CHECKDMARC="$MAILOPS_ROOT/.work/checkdmarc/bin/python"
"$MAILOPS_BIN/python" -c 'from tests.lab.machinery import packages; names = packages.missing(["testssl.sh", "nginx", "libnginx-mod-mail"]); names and packages.install(names)'
lab=("$MAILOPS_BIN/python" -B tests/lab/lab.py --state "${BENCH_STATE:-/run/mailops-tls-bench}")
trap '"${lab[@]}" down >&2' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
"${lab[@]}" up --bench 2000 >&2
page=docs/benchmarks.md
if [[ -n "${BENCH_SCALE-}" ]]; then # such numbers are for nobody else
  page=.work/bench/benchmarks.md
  mkdir -p .work/bench
fi
"${lab[@]}" run -- "$MAILOPS_BIN/python" -B -m tests.benchmarks --page "$page" "$@"
