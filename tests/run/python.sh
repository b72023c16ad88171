# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034
# To be sourced. Sets $python to any Python 3.9+ that really starts; a version manager's shim may only pretend to.

find_python() {
  local candidate
  for candidate in python3 /usr/bin/python3 /usr/local/bin/python3 \
      python3.14 python3.13 python3.12 python3.11 python3.10 python3.9; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 9))' >/dev/null 2>&1 </dev/null; then
      python=$candidate
      return 0
    fi
  done
  return 1
}

python=
if ! find_python; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -q && apt-get install -y -q python3 python3-venv' >&2 </dev/null
  fi
  find_python || { echo "Python 3.9 or newer is needed; none was found on PATH." >&2; exit 1; }
fi
