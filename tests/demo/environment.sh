# shellcheck shell=bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# To be sourced by scripts that use the collection as a user would: `. "$(dirname "$0")/../demo/environment.sh"`.
#
# Makes an environment with ansible-core and the libraries, in which this tree is the collection; a second run finds it
# ready. Then ansible-playbook and the environment's python are first on PATH, and Ansible finds mailops.tls.
# It is .venv in a checkout. Where ansible-galaxy has installed the collection it is in the user's cache: nothing else may be in that
# folder, or `ansible-galaxy collection verify` complains.
# Sets: MAILOPS_ROOT (the tree), MAILOPS_WORK (for what is made), MAILOPS_BIN (programs), and play, which runs a playbook of the collection.

MAILOPS_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$MAILOPS_ROOT" || exit 1
. tests/demo/python.sh
MAILOPS_WORK=$MAILOPS_ROOT/.work
venv=$MAILOPS_ROOT/.venv
if [ -e MANIFEST.json ]; then
  MAILOPS_WORK=${XDG_CACHE_HOME:-$HOME/.cache}/mailops.tls
  venv=$MAILOPS_WORK/venv
fi
mkdir -p "$MAILOPS_WORK"
make_venv "$venv" 'ansible-core>=2.17' -r requirements.txt -r tests/lab/embedded/requirements.txt || exit 1
collection=$venv/collections/ansible_collections/mailops/tls
if [ "$(readlink "$collection")" != "$MAILOPS_ROOT" ]; then
  mkdir -p "${collection%/*}"
  ln -sfn "$MAILOPS_ROOT" "$collection"
fi
MAILOPS_BIN=$venv/bin
export PATH="$MAILOPS_BIN:$PATH" LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
export ANSIBLE_COLLECTIONS_PATH="$venv/collections" ANSIBLE_HOME="$venv/ansible"
export ANSIBLE_REMOTE_TEMP="$venv/tmp" ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_INVENTORY_UNPARSED_WARNING=False

# play PLAYBOOK [VARIABLE=VALUE|@FILE ...]: it prints what people read, and no more; the script ends with it.
play() {
  local playbook=$1 variables=() one
  shift
  for one in "$@"; do
    case $one in
      [A-Za-z]*=* | @*) variables+=(-e "$one") ;;
      *)
        echo "What is '$one'? It has to be option=value, or @file with such options." >&2
        exit 2
        ;;
    esac
  done
  export ANSIBLE_STDOUT_CALLBACK=mailops.tls.quiet
  exec ansible-playbook "mailops.tls.$playbook" "${variables[@]}"
}
