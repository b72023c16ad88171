# shellcheck shell=bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# To be sourced by scripts that use the collection as a user would: `. "$(dirname "$0")/../demo/environment.sh"`.
#
# Makes .venv with ansible-core and the libraries, in which this checkout is the collection; a second run finds it
# ready. Then ansible-playbook and the venv's python are first on PATH, and Ansible finds mailops.tls.
# Sets: MAILOPS_ROOT (the checkout), MAILOPS_BIN (programs), and play, which runs a playbook of the collection.

MAILOPS_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$MAILOPS_ROOT" || exit 1
. tests/run/python.sh
make_venv .venv 'ansible-core>=2.17' -r requirements.txt -r tests/lab/embedded/requirements.txt || exit 1
mkdir -p .venv/collections/ansible_collections/mailops
ln -sfn ../../../.. .venv/collections/ansible_collections/mailops/tls
MAILOPS_BIN=$MAILOPS_ROOT/.venv/bin
export PATH="$MAILOPS_BIN:$PATH" LC_ALL=C.UTF-8
export ANSIBLE_COLLECTIONS_PATH="$MAILOPS_ROOT/.venv/collections" ANSIBLE_HOME="$MAILOPS_ROOT/.venv/ansible"
export ANSIBLE_REMOTE_TEMP="$MAILOPS_ROOT/.venv/tmp" ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_INVENTORY_UNPARSED_WARNING=False

# play PLAYBOOK [VARIABLE=VALUE ...]: it prints what people read, and no more; the script ends with it.
play() {
  local playbook=$1 variables=() one
  shift
  for one in "$@"; do
    variables+=(-e "$one")
  done
  export ANSIBLE_STDOUT_CALLBACK=mailops.tls.quiet
  exec ansible-playbook "mailops.tls.$playbook" "${variables[@]}"
}
