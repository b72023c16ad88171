# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The domains of the unit tests' cases in a real name server, and what others make of them: checkdmarc, opendkim-testkey and dig."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import checkdmarc
import checkdmarc.utils
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.arguments import domain_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.run import run_domain_look
from ansible_collections.mailops.tls.tests.lab.machinery.namespace import Namespace
from ansible_collections.mailops.tls.tests.lab.machinery.nsd import nsd, zone_clauses
from ansible_collections.mailops.tls.tests.lab.machinery.readiness import serves, wait
from ansible_collections.mailops.tls.tests.unit.domain_cases.dkim import DKIM_CASES
from ansible_collections.mailops.tls.tests.unit.domain_cases.dmarc import DMARC_CASES
from ansible_collections.mailops.tls.tests.unit.domain_cases.mta_sts import MTA_STS_CASES
from ansible_collections.mailops.tls.tests.unit.domain_cases.spf import SPF_CASES
from ansible_collections.mailops.tls.tests.unit.domain_cases.world import GOOD, Situation

HERE, ADDRESS = Namespace(), "127.0.58.1"
PATIENCE = 600.0
_ABSENT = re.compile(r"An? (?:SPF|DMARC|SMTP TLS Reporting|TLSRPT)[^.]*does not exist")
SUBJECTS = {"spf": SPF_CASES, "dkim": DKIM_CASES, "dmarc": DMARC_CASES, "tlsrpt": MTA_STS_CASES}


@dataclass(frozen=True)
class Seen:
    """What somebody says of a record: whether it is valid, None for one that is absent; and what else is told, in one order."""

    valid: bool | None
    more: tuple[object, ...] = ()


@dataclass(frozen=True)
class Look:
    """One subject of one domain."""

    subject: str
    case: str
    domain: str


def situations() -> dict[Look, Situation]:
    """Return all situations, each under a domain of its own."""
    found = {}
    for subject, cases in SUBJECTS.items():
        for case in cases:
            if subject == "tlsrpt" and not case.kind.id.startswith("tlsrpt"):
                continue
            for word, situation in (("wrong", case.wrong), ("right", case.right)):
                if not any(line.startswith("_dmarc.com.") or "!" in line.split(" ")[2:3] for line in situation.lines):
                    name = f"{case.kind.id} {word}"
                    found[Look(subject, name, f"{name.replace('_', '-').replace(' ', '.')}.example")] = situation
    return found


def zone_of(look: Look, situation: Situation) -> list[str]:
    """Return the records of a situation as lines of the root zone."""
    lines: dict[tuple[str, str], list[str]] = {}
    for source in (GOOD, situation.lines):
        own: dict[tuple[str, str], list[str]] = {}
        for line in source:
            owner, rdtype, data = line.replace("example.com", look.domain).split(" ", 2)
            absolute = owner if owner.endswith(".") else f"{look.domain}." if owner == "@" else f"{owner}.{look.domain}."
            own.setdefault((absolute, rdtype), []).append(_data(rdtype, data))
        lines.update(own)
    return [f"{owner} {rdtype} {one}" for (owner, rdtype), data in lines.items() for one in data if one != "-" and rdtype != "SOA"]


def _data(rdtype: str, data: str) -> str:
    if rdtype in ("TXT", "SPF") and data != "-":
        return " ".join(_string(part[at : at + 255]) for part in data.split("|") for at in range(0, max(len(part.encode()), 1), 255))
    if rdtype in ("MX", "PTR", "SOA") and data not in ("-", "0 ."):
        return " ".join(f"{word}." if "." in word and not word.endswith(".") else word for word in data.split(" "))
    return data


def _string(text: str) -> str:
    return '"' + "".join(chr(one) if 32 <= one < 127 and chr(one) not in '"\\' else f"\\{one:03d}" for one in text.encode()) + '"'


@contextmanager
def name_server(found: Mapping[Look, Situation]) -> Iterator[Path]:
    """Have all of it in the root zone of an NSD, which answers for everything; yields its folder."""
    records = dict.fromkeys(line for look, situation in found.items() for line in zone_of(look, situation))
    with tempfile.TemporaryDirectory(prefix="domain-peers.") as name:
        folder = Path(name)
        zone = folder / "root.zone"
        head = "$TTL 300\n. SOA a.root. hostmaster.root. 1 3600 900 604800 300\n. NS a.root.\na.root. A " + ADDRESS + "\n"
        zone.write_text(head + "".join(f"{line}\n" for line in records), encoding="ascii")
        server = nsd("peers", folder / "nsd", [ADDRESS], zone_clauses({".": zone}))
        server.start(HERE)
        try:
            wait(HERE, serves(ADDRESS, "."))
            yield folder
        finally:
            server.stop(HERE)


def ours(found: Mapping[Look, Situation]) -> dict[Look, dict[str, Any]]:
    """Return the results of our module."""
    params = {name: spec.get("default") for name, spec in domain_arguments().items()}
    own = {"checks": list(SUBJECTS), "dkim_selectors": ["key"], "nameservers": [ADDRESS], "dmarc_discovery": "tree_walk"}
    results = run_domain_look({**params, **own, "domains": [look.domain for look in found], "ehlo_name": "probe.example"}).facts["results"]
    return dict(zip(found, results))


def as_ours(look: Look, result: Mapping[str, Any]) -> Seen:
    """Return what our module says, in the words of all."""
    one = result["dkim"][0] if look.subject == "dkim" else result[look.subject]
    states = {"valid": True, "macro": True, "none": None, "missing": None}
    valid = states.get(one["status"], False)
    if look.subject == "spf":
        return Seen(valid, (one["lookups"], one["void_lookups"]) if valid else ())
    if look.subject == "dmarc":
        return Seen(valid, (one["policy"],) if valid else ())
    return Seen(valid)


def by_checkdmarc(look: Look) -> Seen:
    """Ask checkdmarc. Its cache does not know which name server an answer is from."""
    checkdmarc.utils.DNS_CACHE.clear()
    checks = {"spf": checkdmarc.check_spf, "dmarc": checkdmarc.check_dmarc, "tlsrpt": checkdmarc.check_smtp_tls_reporting}
    more = {"ignore_unrelated_records": True} if look.subject == "dmarc" else {}
    found: Mapping[str, Any] = checks[look.subject](look.domain, nameservers=[ADDRESS], timeout=20.0, **more)
    absent = found.get("record") is None and _ABSENT.match(str(found.get("error"))) is not None
    valid = True if found.get("valid") else None if absent else False
    if look.subject == "spf":
        return Seen(valid, (found.get("dns_lookups"), found.get("void_dns_lookups")) if valid else ())
    if look.subject == "dmarc":
        return Seen(valid, (found["tags"]["p"]["value"],) if valid else ())
    return Seen(valid)


def by_opendkim(look: Look, folder: Path) -> Seen:
    """Ask opendkim-testkey."""
    config = folder / "opendkim.conf"
    config.write_text(f"Nameservers {ADDRESS}\n", encoding="ascii")
    command = ["/usr/sbin/opendkim-testkey", "-x", str(config), "-d", look.domain, "-s", "key", "-vv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    said = done.stdout + done.stderr
    return Seen(True if done.returncode == 0 else None if "not found" in said or "NXDOMAIN" in said else False)


def by_dig(name: str, rdtype: str) -> set[str]:
    """Return records as dig tells them, the strings of a text joined."""
    command = ["/usr/bin/dig", "+short", f"@{ADDRESS}", name, rdtype]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    return {line.replace('" "', "") if rdtype == "TXT" else line for line in done.stdout.splitlines()}
