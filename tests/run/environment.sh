# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# To be sourced by scripts that use the collection as a user would: `. "$(dirname "$0")/environment.sh"`.
#
# Makes .venv with ansible-core, the libraries and this checkout's collection, built and installed; a second run
# finds it ready. Then ansible-playbook and the venv's python are first on PATH, and Ansible finds mailops.tls.
# Sets: MAILOPS_ROOT (the checkout), MAILOPS_BIN (programs), MAILOPS_COLLECTIONS, MAILOPS_VENV.

MAILOPS_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$MAILOPS_ROOT/tests/run/python.sh"
mailops_assignments=$("$python" -B "$MAILOPS_ROOT/tests/run/environment.py" </dev/null) || exit 1
eval "$mailops_assignments"
export PATH="$MAILOPS_BIN:$PATH" LC_ALL=C.UTF-8
export ANSIBLE_COLLECTIONS_PATH="$MAILOPS_COLLECTIONS" ANSIBLE_HOME="$MAILOPS_VENV/ansible" ANSIBLE_REMOTE_TEMP="$MAILOPS_VENV/tmp"
export ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_INVENTORY_UNPARSED_WARNING=False
