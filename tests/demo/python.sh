# shellcheck shell=bash
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# To be sourced by scripts in the collection's root:
# `need PROGRAM...` installs what is not here, or says what to install, all at once; `python` is one of 3.10 or newer, with venv.
# `make_venv FOLDER PIP-ARGUMENT...` makes a virtual environment of the newest Python 3.10+ here that really starts (a version manager's
# shim may only pretend to), unless it is there already.

find_python() {
  local minor
  for minor in 14 13 12 11 10; do
    for python in "${PYENV_ROOT:-$HOME/.pyenv}/versions/3.$minor".*/bin/python"3.$minor" "python3.$minor" "/usr/bin/python3.$minor"; do
      "$python" -c '' >/dev/null 2>&1 </dev/null && return
    done
  done
  return 1
}

# Print the command by which people install things here; nothing where it is not known.
installer() {
  local each
  for each in 'apt-get:apt install' 'dnf:dnf install' 'zypper:zypper install' 'apk:apk add' 'pacman:pacman -S'; do
    if command -v "${each%%:*}" >/dev/null; then
      echo "${each#*:}"
      return
    fi
  done
}

# Print which of the programs named are not here, one a line; venv is a part of Python, with the version of the Python that lacks it.
lacking() {
  local each
  for each in "$@"; do
    if [ "$each" != python ]; then
      command -v "$each" >/dev/null || echo "$each"
    elif ! find_python; then
      printf 'python\nvenv\n'
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
      "$python" -c 'import sys; print("venv %d.%d" % sys.version_info[:2])'
    fi
  done
}

# Set word and package to what a thing is called by people, and by an installer: `wanted_as venv 3.11 "apt install"`.
wanted_as() {
  local older=
  ! command -v python3 >/dev/null || older=yes # the one of the system, where none will do
  word=$1 package=$1
  case $1 in
    flock) package=util-linux ;;
    python)
      word='Python 3.10 or newer' package=python3
      case $3 in
        'dnf install') grep -q '^ID="\?fedora' /etc/os-release 2>/dev/null || package=python3.12 ;;
        'zypper install') package=python312 ;;
        'pacman -S') package=python ;;
        *) [ -z "$older" ] || package= ;;
      esac
      ;;
    venv)
      word="Python's venv" package= # it comes with Python, but on Debian and its kin
      case $3:${2:-$older} in
        'apt install:yes') ;;
        'apt install:'*) package=python${2:-3}-venv ;;
      esac
      ;;
  esac
}

need() {
  local by list name version word package words=() packages=()
  list=$(lacking "$@")
  [ -n "$list" ] || return 0
  by=$(installer)
  while read -r name version; do
    wanted_as "$name" "$version" "$by"
    words+=("$word")
    packages+=(${package:+"$package"})
  done <<< "$list"
  if [ "$by" = 'apt install' ] && [ "$(id -u)" -eq 0 ] && [ "${#packages[@]}" -gt 0 ]; then
    echo "Installing ${packages[*]} ..." >&2
    DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"' - "${packages[@]}" \
      >/dev/null </dev/null || return 1
    [ -n "$(lacking "$@")" ] || return 0
  fi
  (IFS=';'; echo "This machine lacks: ${words[*]}" | sed 's/;/, /g') >&2
  if [ -n "$by" ] && [ "${#packages[@]}" -gt 0 ]; then
    echo "Install it as root, and run this again: $by ${packages[*]}" >&2
  else
    echo "Install it, and run this again." >&2
  fi
  return 1
}

# Tell whether a folder has the environment that is wanted of it.
is_made() {
  [ -x "$1/bin/python" ] && [ "$(cat "$1/made-from" 2>/dev/null)" = "$2" ]
}

make_venv() (
  folder=$1
  shift
  made_from="$* $(cat requirements.txt tests/*/requirements.txt tests/lab/embedded/requirements.txt | cksum)"
  ! is_made "$folder" "$made_from" || return 0
  need flock python || return 1
  flock 9
  ! is_made "$folder" "$made_from" || return 0
  echo "Making a private environment in $folder (once; about a minute) ..." >&2
  find_python
  "$python" -m venv --clear "$folder" </dev/null || return 1
  "$folder/bin/python" -m pip --quiet --quiet --disable-pip-version-check --no-input install "$@" >&2 </dev/null || {
    echo "The Python packages could not be installed; pip says why. It needs a way to PyPI, or a mirror of it." >&2
    return 1
  }
  echo "$made_from" > "$folder/made-from"
) 9<Makefile
