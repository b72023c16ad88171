# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unbound, a validating resolver that believes in a root of ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .readiness import validates
from .server import Server

CONF = """server:
    interface: {address}
    access-control: 127.0.0.0/8 allow
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: "{folder}/pid"
    logfile: "{folder}/log"
    use-syslog: no
    log-servfail: yes
    verbosity: 1
    num-threads: 2
    module-config: "validator iterator"
    root-hints: "{folder}/root.hints"
    trust-anchor-file: "{folder}/anchors"
    trust-anchor-signaling: no
    root-key-sentinel: no
    do-ip6: no
    do-not-query-localhost: no
    local-zone: "test." nodefault
    local-zone: "lan." nodefault
    qname-minimisation: no
    target-fetch-policy: "0 0 0 0 0"
    minimal-responses: yes
    msg-cache-size: 32m
    rrset-cache-size: 64m
    outgoing-range: 4096
    num-queries-per-thread: 4096
    ede: yes
remote-control:
    control-enable: no
{more}"""


def unbound(
    name: str, folder: Path, address: str, root: tuple[str, str], anchors: Sequence[str], signed_zone: str, more: str = ""
) -> Server:
    """Return an Unbound, ready when it validates.

    Args:
        name: as `status` shows it.
        folder: its files.
        address: where it answers.
        root: name and address of the server of the root.
        anchors: DS or DNSKEY records of the root.
        signed_zone: a zone whose SOA record it can validate.
        more: further clauses.
    """
    server, at = root
    files = {
        "root.hints": f". 3600 NS {server}.\n{server}. 3600 A {at}\n",
        "anchors": "".join(line + "\n" for line in anchors),
        "unbound.conf": CONF.format(folder=folder, address=address, more=more),
    }
    command = ("/usr/sbin/unbound", "-c", str(folder / "unbound.conf"))
    return Server(name, folder, command, "unbound", files, ready=validates(address, signed_zone))
