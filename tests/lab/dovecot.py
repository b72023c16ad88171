# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dovecot's LMTP server with STARTTLS: on the TCP port of its listener, and on a unix-domain socket. It knows no users."""

from __future__ import annotations

from collections.abc import Sequence

from .authorities import Pki
from .layout import Layout
from .machinery.readiness import exists
from .machinery.server import Server
from .mail_server import chain_file
from .plan import Placed

CONFIG = """base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = {name}
hostname = {host}
protocols = lmtp
listen = {address}
ssl = yes
ssl_cert = <{chain}
ssl_key = <{chain}
mail_location = maildir:{folder}/mail
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
service lmtp {{
  inet_listener lmtp {{
    address = {address}
    port = {port}
  }}
  unix_listener {socket} {{
    mode = 0666
  }}
}}
service stats {{
  client_limit = 1000
}}
"""


def server(layout: Layout, placed: Sequence[Placed], pki: Pki) -> Server:
    """Return it for the one listener that wants it."""
    (each,) = placed  # one Dovecot has one certificate
    text = CONFIG.format(
        folder=layout.dovecot,
        name=layout.namespace,
        host=each.host,
        address=each.address,
        port=each.listener.port,
        chain=chain_file(layout, each, pki, 0, each.listener.chains[0]),
        socket=layout.lmtp_socket,
    )
    return Server(
        "dovecot",
        layout.dovecot,
        ("/usr/sbin/dovecot", "-c", str(layout.dovecot / "dovecot.conf")),
        "dovecot-lmtpd",
        {"dovecot.conf": text, "users": ""},
        ready=exists(layout.lmtp_socket),
        pid="run/master.pid",
    )
