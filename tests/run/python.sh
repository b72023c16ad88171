# shellcheck shell=bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# To be sourced by scripts in the checkout's root: `make_venv FOLDER PIP-ARGUMENT...` makes a virtual environment of the
# newest Python 3.10+ here that really starts (a version manager's shim may only pretend to), unless it is there already.

find_python() {
  local minor
  for minor in 14 13 12 11 10; do
    for python in "${PYENV_ROOT:-$HOME/.pyenv}/versions/3.$minor".*/bin/python"3.$minor" "python3.$minor" "/usr/bin/python3.$minor"; do
      "$python" -c '' >/dev/null 2>&1 </dev/null && return
    done
  done
  return 1
}

install_for_us() {
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Install $* and run this again." >&2
    return 1
  fi
  DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -q && apt-get install -y -q --no-install-recommends "$@"' - "$@" >&2 </dev/null
}

make_venv() (
  folder=$1
  shift
  flock 9
  made_from="$* $(cat requirements.txt tests/*/requirements.txt tests/lab/embedded/requirements.txt | cksum)"
  [ "$(cat "$folder/made-from" 2>/dev/null)" = "$made_from" ] && return 0
  echo "Making a private environment in $folder (once; about a minute) ..." >&2
  find_python || { install_for_us python3 python3-venv && find_python; } || return 1
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    install_for_us "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv" || return 1
  fi
  "$python" -m venv --clear "$folder" </dev/null || return 1
  "$folder/bin/python" -m pip --quiet --quiet --disable-pip-version-check --no-input install "$@" >&2 </dev/null || return 1
  echo "$made_from" > "$folder/made-from"
) 9<Makefile
