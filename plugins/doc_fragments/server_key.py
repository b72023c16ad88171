# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that modules share which make something of or for a server's key."""

from __future__ import annotations


class ModuleDocFragment:
    """`mailops.tls.server_key`."""

    DOCUMENTATION = r"""
options:
  names:
    description:
      - The names of the server, those of its exchanges in MX records first of all. They become DNS names in C(subjectAltName).
      - The label in front may be C(*). Names that are not ASCII are converted, which needs the Python package idna. An address is
        refused.
      - A value that begins with a slash is a file that holds the name.
      - The default is the value of C(myhostname), as for C(postfix tls).
    type: list
    elements: str
    aliases: [name]
  config_directory:
    description:
      - The configuration directory of the Postfix instance.
      - The default is the directory that C(postconf) uses by itself, usually C(/etc/postfix).
    type: path
  owner:
    description:
      - The user whom the files shall belong to, by name or number. The default is the user who runs the module.
    type: str
  group:
    description:
      - The group of the files, by name or number.
    type: str
"""
