#!/usr/bin/env bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Fuzz parsers by coverage, with atheris: `tests/fuzz/run.sh [HARNESS|all [SECONDS]]`, by default all of them, 60 seconds each.
# Inputs that reach new code are kept in .work/fuzz/HARNESS, an input that breaks something in .work/fuzz/found. What is worth
# keeping is copied into tests/fuzz/corpus/HARNESS by `tests/fuzz/run.sh --keep [HARNESS]`.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/demo/python.sh
make_venv .work/nox -r tests/run/requirements.txt
exec .work/nox/bin/nox --session fuzz-guided -- "$@"
