# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IMAP and submission for benchmarks: one Dovecot and one Postfix at the addresses of the first exchanges of `bench.test`.

`mx0001.bench.test` to `mx0200.bench.test` answer at ports 143 and 587, with the one certificate of that zone. Nobody can log in.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from . import bench
from .authorities import Pki
from .layout import Layout
from .machinery.postfix import MASTER_CF, postfix
from .machinery.server import Server
from .mail_server import PARAMETERS, chain_file
from .plan import Placed

HOSTS = 200
IMAP, SUBMISSION = 143, 587

DOVECOT = """base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = {name}
protocols = imap
ssl = yes
ssl_cert = <{chain}
ssl_key = <{chain}
mail_location = maildir:{folder}/mail
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
service imap-login {{
  inet_listener imap {{
    address = {addresses}
    port = 143
  }}
  inet_listener imaps {{
    port = 0
  }}
  service_count = 0
  process_min_avail = 2
  client_limit = 1000
}}
service anvil {{
  client_limit = 4000
}}
service auth {{
  client_limit = 4000
}}
service stats {{
  client_limit = 4000
}}
"""


def hosts(number: int = HOSTS) -> list[str]:
    """The names of the servers."""
    return [f"mx{int(one):04}.{bench.NAME}" for one in range(1, number + 1)]


def _dovecot(layout: Layout, folder: Path, chain: Path, addresses: Sequence[str]) -> Server:
    text = DOVECOT.format(folder=folder, name=f"{layout.namespace}-bench", chain=chain, addresses=" ".join(addresses))
    command = ("/usr/sbin/dovecot", "-c", str(folder / "dovecot.conf"))
    ready = (f"{addresses[0]}:{IMAP}", f"{addresses[-1]}:{IMAP}")
    return Server("dovecot2", folder, command, "dovecot-imapd", {"dovecot.conf": text, "users": ""}, addresses=ready, pid="run/master.pid")


def servers(layout: Layout, placed: Placed, pki: Pki) -> tuple[Server, Server]:
    """Return both; the file with their key is written now."""
    layout.chains.mkdir(exist_ok=True)
    chain = chain_file(layout, placed, pki, 0, placed.listener.chains[0])
    addresses = bench.addresses(HOSTS)
    parameters = {**PARAMETERS, "inet_interfaces": ", ".join(addresses), "inet_protocols": "ipv4", "smtpd_tls_chain_files": str(chain)}
    submission = postfix("postfix3", layout.state / "postfix3", parameters, f"{MASTER_CF}{SUBMISSION} inet n - n - - smtpd\n")
    return _dovecot(layout, layout.state / "dovecot2", chain, addresses), submission
