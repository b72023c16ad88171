# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dovecot's LMTP server with STARTTLS: on the TCP port of its listener, and on a unix-domain socket. It knows no users."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence

from . import namespace
from .authorities import Pki
from .layout import Layout
from .mail_server import chain_file
from .plan import Placed

PATIENCE = 600.0

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


def start(layout: Layout, placed: Sequence[Placed], pki: Pki) -> None:
    """Start it for the one listener that wants it; raises RuntimeError when it does not listen (see its log)."""
    (each,) = placed  # one Dovecot has one certificate
    layout.dovecot.mkdir(exist_ok=True)
    (layout.dovecot / "users").touch()
    text = CONFIG.format(
        folder=layout.dovecot,
        name=layout.namespace,
        host=each.host,
        address=each.address,
        port=each.listener.port,
        chain=chain_file(layout, each, pki, 0, each.listener.chains[0]),
        socket=layout.lmtp_socket,
    )
    config = layout.dovecot / "dovecot.conf"
    config.write_text(text)
    command = namespace.inside(layout, ["/usr/sbin/dovecot", "-c", str(config)])
    with (layout.dovecot / "start.log").open("ab") as log:  # what it says stays out of pipes of ours, which would never end
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    end = time.monotonic() + PATIENCE
    while not layout.lmtp_socket.exists():
        if time.monotonic() > end:
            raise RuntimeError(f"Dovecot does not listen; see {layout.dovecot}/log")
        time.sleep(0.02)
