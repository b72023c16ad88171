# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mail_domain_records makes, mail_domain_info finds nothing wrong with: each wish published, and looked at after every step."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import MxRecord, RecordData, SrvRecord, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_records.arguments import wishes_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_records.run import run_mail_domain_records
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Key, pem
from ansible_collections.mailops.tls.tests.unit.plugins.module_utils._domain.test_look import look
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns
from hypothesis import given, settings
from hypothesis import strategies as st

HOSTS = ("mx1.example.com", "mx2.example.com")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
PUBLIC_KEY = pem("PUBLIC KEY", Key.generate("rsa").spki).decode()
POLICIES = st.sampled_from(["none", "quarantine", "reject"])


def rdata(rdtype: str, value: str) -> RecordData:
    """Return a record as answers have it."""
    words = value.split()
    if rdtype == "TXT":
        return TxtRecord(tuple(one.encode() for one in _STRING.findall(value)))
    if rdtype == "MX":
        return MxRecord(int(words[0]), words[1].rstrip("."))
    if rdtype == "SRV":
        return SrvRecord(int(words[0]), int(words[1]), int(words[2]), words[3].rstrip("."))
    return value


def published(sets: dict[tuple[str, str], list[str]]) -> FakeDns:
    """Return DNS with these RRsets, and what every domain has."""
    dns = FakeDns().found("example.com", "SOA", ["ns.example.com. hostmaster.example.com. 7 3600 900 604800 300"])
    dns.found("example.com", "MX", [MxRecord(10, HOSTS[0])])
    for number, host in enumerate((*HOSTS, "mail.example.com")):
        address = f"192.31.196.{number + 1}"
        dns.found(host, "A", [address]).found(f"{number + 1}.196.31.192.in-addr.arpa", "PTR", [host])
    for (owner, rdtype), values in sets.items():
        dns.found(owner.rstrip("."), rdtype, [rdata(rdtype, one) for one in values])
    return dns


def filled(spec: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as an argument specification leaves them."""
    params = {name: one.get("default") for name, one in spec.items()}
    for name, value in wanted.items():
        inner = spec[name].get("options")
        if inner is not None and value is not None:
            value = [filled(inner, one) for one in value] if isinstance(value, list) else filled(inner, value)
        params[name] = value
    return params


@st.composite
def wishes(draw: Any) -> dict[str, Any]:
    """Wishes of a domain that receives mail, each alone or with others."""
    hosts = HOSTS[: draw(st.integers(1, 2))]
    wanted: dict[str, Any] = {"domain": "example.com", "exchanges": [{"host": one, "preference": 10 * n} for n, one in enumerate(hosts, 1)]}
    wanted["report_address"] = "reports@example.com"
    wanted["spf"] = {
        "networks": draw(st.lists(st.sampled_from(["198.51.100.1", "198.51.100.0/24", "2001:db8::/32"]), unique=True)),
        "rest": draw(st.sampled_from(["fail", "softfail"])),
    }
    wanted["dmarc"] = {"policy": draw(POLICIES), "strict_dkim": draw(st.booleans()), "strict_spf": draw(st.booleans())}
    wanted["dkim"] = [{"selector": "s1", "publickey_content": PUBLIC_KEY}] if draw(st.booleans()) else None
    if draw(st.booleans()):
        wanted["mta_sts"] = {"mode": draw(st.sampled_from(["testing", "enforce"])), "max_age": draw(st.integers(86400, 31557600))}
    wanted["caa"] = draw(st.sampled_from([None, {"issue": ["letsencrypt.org"]}, {"issue": ["letsencrypt.org"], "issuewild": []}]))
    if draw(st.booleans()):
        named = [{"service": one, "host": "mail.example.com"} for one in ("imaps", "submissions")]
        wanted["services"] = [*named, {"service": "pop3"}]
    return wanted


def made(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what the module makes of wishes."""
    return dict(run_mail_domain_records(filled(wishes_arguments(), wanted)).facts)


@settings(max_examples=40, deadline=None)
@given(wishes())
def test_a_domain_that_has_what_it_wishes_has_no_mistakes(wanted: dict[str, Any]) -> None:
    sets: dict[tuple[str, str], list[str]] = {}
    documents: dict[str, bytes] = {}
    selectors = (("s1", None),) if wanted["dkim"] else ()
    for step in made(wanted)["steps"]:
        sets.update({(one["record"], one["type"]): one["value"] for one in step["record_sets"]})
        if step["policy"] is not None:
            documents[step["policy"]["url"]] = step["policy"]["text"].encode()
        # A key is there from the step `identify` on.
        known = selectors if ("s1._domainkey.example.com.", "TXT") in sets else ()
        result = look(published(sets), documents, selectors=known)
        assert [one for one in result["lint"] if one["severity"] == "error"] == [], step["name"]
    meant = {"dmarc_policy_none"} if wanted["dmarc"]["policy"] == "none" else set()
    assert {one["id"] for one in result["lint"] if one["severity"] == "warning"} <= meant


@pytest.mark.skipif(not shutil.which("nsd-checkzone"), reason="NSD is not here")
def test_nsd_takes_the_zone(tmp_path: Path) -> None:
    wanted = {
        "domain": "example.com",
        "exchanges": [{"host": one} for one in HOSTS],
        "report_address": "reports@example.com",
        "spf": {"networks": ["2001:db8::/32"]},
        "dmarc": {},
        "dkim": [{"selector": "s1", "publickey_content": PUBLIC_KEY}],
        "mta_sts": {},
        "caa": {"issue": ["letsencrypt.org"], "issuemail": []},
        "services": [{"service": "imaps", "host": "mail.example.com"}, {"service": "pop3"}],
        "tlsa": [{"owner": "_25._tcp.mx1.example.com.", "rdata": ["3 1 1 " + "ab" * 32]}],
    }
    head = "@ 3600 IN SOA ns.example.com. hostmaster.example.com. 1 3600 900 604800 300\n@ 3600 IN NS ns.example.com.\n"
    glue = "".join(f"{one} 3600 IN A 192.31.196.1\n" for one in ("ns", "mx1", "mx2", "mail"))
    path = tmp_path / "zone"
    path.write_text(head + glue + made(wanted)["zone"], encoding="ascii")
    run = subprocess.run(["nsd-checkzone", "example.com", str(path)], capture_output=True, text=True, check=False)
    assert run.returncode == 0 and "zone example.com is ok" in run.stdout, run.stdout + run.stderr
