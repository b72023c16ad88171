# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NSD, an authoritative name server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .server import Server

CONF = """server:
{addresses}    username: root
    chroot: ""
    server-count: 1
    verbosity: 1
    hide-version: yes
    database: ""
    pidfile: "{folder}/pid"
    logfile: "{folder}/log"
    zonelistfile: "{folder}/zone.list"
    xfrdfile: "{folder}/xfrd.state"
    xfrdir: "{folder}"
    zonesdir: "{folder}"
    rrl-ratelimit: 0
    tcp-count: 1000
{more}remote-control:
    control-enable: no
{keys}{zones}"""


def zone_clause(name: str, zone_file: Path | str, transfers: str = "") -> str:
    """Return the clause of a zone; *transfers* are lines on who may transfer it or from where it comes."""
    return f'zone:\n    name: "{name}"\n    zonefile: "{zone_file}"\n{transfers}'


def zone_clauses(zone_files: Mapping[str, Path]) -> str:
    """Return the clauses of zones that are files and nothing else."""
    return "".join(zone_clause(*pair) for pair in zone_files.items())


def nsd(name: str, folder: Path, addresses: Sequence[str], zones: str, *, keys: str = "", more: str = "") -> Server:
    """Return an NSD; it has bound its sockets when its command ends.

    Args:
        name: as `status` shows it.
        folder: its files.
        addresses: where it answers.
        zones: clauses, of `zone_clause`.
        keys: clauses of TSIG keys.
        more: lines for its `server` clause.
    """
    bound = "".join(f"    ip-address: {address}\n" for address in addresses)
    text = CONF.format(addresses=bound, folder=folder, more=more, keys=keys, zones=zones)
    mode = 0o600 if keys else 0o644
    command = ("/usr/sbin/nsd", "-c", str(folder / "nsd.conf"))
    return Server(name, folder, command, "nsd", {"nsd.conf": text}, mode=mode)
