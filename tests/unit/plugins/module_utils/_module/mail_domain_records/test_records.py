# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of a mail domain: each has to be what its standard's own reader takes for valid, in an order that never breaks mail."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.zone
import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts_text import PolicyMode, read_sts_policy, read_sts_record
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus
from ansible_collections.mailops.tls.plugins.module_utils._domain.wished_records import quoted_strings
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_records.arguments import wishes_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_records.run import run_mail_domain_records
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Key, pem
from hypothesis import given
from hypothesis import strategies as st

EXCHANGES = [{"host": "mx2.example.org", "preference": 20}, {"host": "mx1.example.org", "preference": 10}]
EVERYTHING: dict[str, Any] = {
    "exchanges": EXCHANGES,
    "report_address": "reports@example.org",
    "spf": {"networks": ["192.0.2.1", "2001:db8::/32"], "includes": ["spf.example.net"]},
    "dmarc": {"subdomain_policy": "quarantine", "nonexistent_policy": "reject", "strict_dkim": True},
    "mta_sts": {},
    "caa": {"issue": ["ca.example.net"], "issuewild": []},
    "services": [{"service": "imaps", "host": "mail.example.org"}, {"service": "pop3"}],
    "tlsa": [{"record": "_25._tcp.mx1.example.org.", "value": ["3 1 1 " + "ab" * 32, "2 1 1 " + "cd" * 32], "ttl": 60}],
}


def filled(spec: dict[str, Any], given_values: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as an argument specification leaves them, its sub-options among them."""
    params = {name: one.get("default") for name, one in spec.items()}
    for name, value in given_values.items():
        inner = spec[name].get("options")
        if inner is not None and value is not None:
            value = [filled(inner, one) for one in value] if isinstance(value, list) else filled(inner, value)
        params[name] = value
    for name, one in spec.items():
        for alias in one.get("aliases", ()):
            if alias in params and params[name] is None:
                params[name] = params[alias]
    return params


def records_of(**wanted: Any) -> dict[str, Any]:
    """Return what the module makes."""
    for record in wanted.get("tlsa") or ():
        record.setdefault("owner", record.pop("record", None))
        record.setdefault("rdata", record.pop("value", None))
    spec = wishes_arguments()
    return dict(run_mail_domain_records(filled(spec, {"domain": "example.org", **wanted})).facts)


def texts(made: dict[str, Any], owner: str) -> list[str]:
    """Return the TXT records of an owner as readers see them."""
    return [one["text"] for one in made["records"] if one["owner"] == owner + "." and one["type"] == "TXT"]


def answer(owner: str, text: str) -> Answer:
    """Return an answer with one TXT record."""
    return Answer(owner, "TXT", Outcome.FOUND, (TxtRecord((text.encode(),)),), owner)


def test_everything_at_once() -> None:
    made = records_of(**EVERYTHING)
    shown = {(one["record"], one["type"]): one["value"] for one in made["record_sets"]}
    policy_id = made["policy"]["id"]
    assert shown == {
        ("_smtp._tls.example.org.", "TXT"): ['"v=TLSRPTv1; rua=mailto:reports@example.org"'],
        ("_dmarc.example.org.", "TXT"): [
            '"v=DMARC1; p=reject; sp=quarantine; np=reject; adkim=s; rua=mailto:reports@example.org"',
        ],
        ("example.org.", "MX"): ["10 mx1.example.org.", "20 mx2.example.org."],
        ("example.org.", "TXT"): ['"v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32 mx include:spf.example.net -all"'],
        ("_imaps._tcp.example.org.", "SRV"): ["0 1 993 mail.example.org."],
        ("_pop3._tcp.example.org.", "SRV"): ["0 0 0 ."],
        ("example.org.", "CAA"): ['0 issue "ca.example.net"', '0 issuewild ";"', '0 iodef "mailto:reports@example.org"'],
        ("_25._tcp.mx1.example.org.", "TLSA"): ["3 1 1 " + "ab" * 32, "2 1 1 " + "cd" * 32],
        ("_mta-sts.example.org.", "TXT"): [f'"v=STSv1; id={policy_id}"'],
    }
    assert [one["ttl"] for one in made["record_sets"] if one["type"] == "TLSA"] == [60]
    assert made["policy"]["text"] == "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.org\r\nmx: mx2.example.org\r\nmax_age: 604800\r\n"


def test_the_forms_say_the_same_and_a_name_server_takes_them() -> None:
    made = records_of(**EVERYTHING)
    zone = dns.zone.from_text("@ IN SOA ns. hostmaster. 1 1 1 1 1\n@ IN NS ns.\n" + made["zone"], "example.org.", relativize=False)
    in_zone = {(str(name), dns.rdatatype.to_text(rdata.rdtype), rdata.to_text()) for name, _ttl, rdata in zone.iterate_rdatas()}
    for one in made["single_records"]:
        rdata = dns.rdata.from_text(dns.rdataclass.IN, one["type"], one["value"], relativize=False)
        assert (one["record"], one["type"], rdata.to_text()) in in_zone
    flat = [(one["record"], one["type"], value) for one in made["record_sets"] for value in one["value"]]
    assert flat == [(one["record"], one["type"], one["value"]) for one in made["single_records"]]
    assert flat == [(one["owner"], one["type"], one["rdata"]) for one in made["records"]]


def test_the_order_turns_nothing_away_before_it_was_seen() -> None:
    steps = records_of(**EVERYTHING)["steps"]
    assert [one["name"] for one in steps] == [
        "reports", "identify", "authorities", "dane", "mta_sts_testing", "mta_sts_enforce", "dmarc_quarantine", "dmarc_reject",
    ]  # fmt: skip
    assert [one["step"] for one in steps] == list(range(1, 9))
    first = {one["record"]: one["value"] for one in steps[0]["record_sets"]}
    assert first["_dmarc.example.org."] == ['"v=DMARC1; p=none; sp=none; np=none; adkim=s; rua=mailto:reports@example.org"']
    assert "sp=quarantine; np=quarantine" in steps[6]["record_sets"][0]["value"][0]
    testing, enforcing = (one["policy"] for one in steps[4:6])
    assert "mode: testing" in testing["text"] and "mode: enforce" in enforcing["text"] and testing["id"] != enforcing["id"]


def test_the_policy_is_one_that_senders_take() -> None:
    made = records_of(exchanges=EXCHANGES, mta_sts={"mx": ["*.example.org"]})
    policy = read_sts_policy(made["policy"]["text"].encode())
    assert policy.valid and policy.mode is PolicyMode.ENFORCE and policy.mx == ("*.example.org",)
    (text,) = texts(made, "_mta-sts.example.org")
    record = read_sts_record(answer("_mta-sts.example.org", text))
    assert record.status is RecordStatus.VALID and record.id == made["policy"]["id"]


def test_the_id_changes_with_the_policy_alone() -> None:
    def made(age: int, ttl: int) -> str:
        return str(records_of(exchanges=EXCHANGES, mta_sts={"max_age": age}, ttl=ttl)["policy"]["id"])

    one, same, other = made(90000, 60), made(90000, 90), made(90001, 60)
    assert one == same != other


@pytest.mark.parametrize(("kind", "key_type"), [("rsa", "rsa"), ("ed25519", "ed25519")])
def test_keys_of_both_types(tmp_path: Path, kind: str, key_type: str) -> None:
    key = Key.generate(kind)
    path = tmp_path / "dkim.pub"
    path.write_bytes(pem("PUBLIC KEY", key.spki))
    made = records_of(dkim=[{"selector": "a", "publickey_path": str(path)}, {"selector": "b", "publickey_content": path.read_text()}])
    (text,) = texts(made, "a._domainkey.example.org")
    assert texts(made, "b._domainkey.example.org") == [text]
    head, _equals, data = text.rpartition("p=")
    assert head == f"v=DKIM1; k={key_type}; "
    assert base64.b64decode(data) == (key.spki if kind == "rsa" else key.spki[-32:])
    (rdata,) = [one["rdata"] for one in made["records"] if one["owner"].startswith("a.")]
    assert all(len(part) <= 255 for part in rdata[1:-1].split('" "'))


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=700))
def test_strings_of_a_record_join_to_its_text(text: str) -> None:
    rdata: Any = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.TXT, quoted_strings(text))
    assert b"".join(rdata.strings) == text.encode()


def test_a_domain_that_is_parked() -> None:
    made = records_of(exchanges=[], sends=False, dmarc={"policy": "reject"})
    assert texts(made, "example.org") == ["v=spf1 -all"]
    assert [one["value"] for one in made["record_sets"] if one["type"] == "MX"] == [["0 ."]]
    assert made["policy"] is None


def test_reports_to_another_domain_need_its_word() -> None:
    made = records_of(dmarc={"policy": "none", "rua": ["a@Reports.Example.net", "b@sub.example.org"]})
    assert made["elsewhere"] == [
        {"record": "example.org._report._dmarc.reports.example.net.", "type": "TXT", "ttl": 3600, "value": ['"v=DMARC1"']}
    ]
    assert [one["name"] for one in made["steps"]] == ["reports"]


def look(**changes: Any) -> dict[str, Any]:
    """Return a result of a look at the domain that has found nothing."""
    nothing: dict[str, Any] = {"status": "none", "record": None, "records": [], "location": None}
    return {
        "domain": "Example.org",
        "mx": {"found": False, "null_mx": False, "implicit": True, "exchanges": []},
        "spf": nothing,
        "dkim": [],
        "dmarc": nothing,
        "tlsrpt": nothing,
        "mta_sts": {"status": "none", "txt": {"found": False, "records": []}},
        "caa": {"found_at": None, "records": []},
        "srv": [],
        "dane": [],
        **changes,
    }


def test_what_is_done_is_known_from_a_look() -> None:
    wanted: dict[str, Any] = {"exchanges": EXCHANGES, "spf": {}, "dmarc": {"policy": "quarantine"}, "report_address": "r@example.org"}
    assert records_of(**wanted)["next_step"] is None
    made = records_of(**wanted, current=look())
    assert {one["done"] for one in made["steps"]} == {False} and made["next_step"] == "reports"
    tlsrpt = {"status": "valid", "record": "v=TLSRPTv1; rua=mailto:r@example.org"}
    dmarc = {"status": "valid", "location": "example.org", "record": "v=DMARC1; p=quarantine; rua=mailto:r@example.org"}
    made = records_of(**wanted, current=look(tlsrpt=tlsrpt, dmarc=dmarc))
    assert {one["name"]: one["done"] for one in made["steps"]} == {"reports": True, "identify": False, "dmarc_quarantine": True}
    assert made["next_step"] == "identify"


@pytest.mark.parametrize("text", ["Müller.example", "xn--mller-kva.example.", "postmaster@müller.example"])
def test_what_is_done_is_known_however_the_domain_is_written(text: str) -> None:
    tlsrpt = {"status": "valid", "record": "v=TLSRPTv1; rua=mailto:r@xn--mller-kva.example"}
    current = look(domain=text, tlsrpt=tlsrpt)
    made = records_of(domain="müller.example", report_address="r@müller.example", current=current)
    assert [one["done"] for one in made["steps"]] == [True]


def test_what_could_not_be_asked_is_not_known() -> None:
    failed: dict[str, Any] = {"status": "error", "record": None, "records": [], "location": None}
    made = records_of(report_address="r@example.org", current=look(tlsrpt=failed))
    assert [one["done"] for one in made["steps"]] == [None] and made["next_step"] == "reports"


@pytest.mark.parametrize(
    ("option", "wanted"),
    [
        ("domain", {"domain": "exa mple.org", "spf": {}}),
        ("domain", {}),
        ("exchanges", {"exchanges": [{"host": "192.0.2.1"}]}),
        ("exchanges", {"exchanges": [{"host": "mx.example.org", "preference": 70000}]}),
        ("exchanges", {"exchanges": [{"host": "mx.example.org"}, {"host": "MX.example.org."}]}),
        ("report_address", {"report_address": "reports"}),
        ("report_address", {"report_address": "a b@example.org"}),
        ("spf.networks", {"spf": {"networks": ["192.0.2.1/24"]}}),
        ("spf.includes", {"spf": {"includes": ["-"]}}),
        ("sends", {"sends": False, "spf": {}}),
        ("dkim", {"dkim": [{"selector": "a"}]}),
        ("dkim", {"dkim": [{"selector": "a", "publickey_content": "nothing"}]}),
        ("dkim.publickey_path", {"dkim": [{"selector": "a", "publickey_path": "/nonexistent"}]}),
        ("dkim.selector", {"dkim": [{"selector": "a b", "publickey_content": "x"}]}),
        ("dmarc.rua", {"dmarc": {"rua": ["https://example.org"]}}),
        ("mta_sts.max_age", {"exchanges": EXCHANGES, "mta_sts": {"max_age": 60}}),
        ("mta_sts.mx", {"mta_sts": {}}),
        ("mta_sts.mx", {"mta_sts": {"mx": ["*.*.example.org"]}}),
        ("mta_sts.mode", {"exchanges": [], "mta_sts": {"mx": ["mx.example.org"]}}),
        ("tlsrpt", {"tlsrpt": ["http://example.org"]}),
        ("caa.issue", {"caa": {"issue": ["ca;evil"]}}),
        ("caa.iodef", {"caa": {"iodef": ["x"]}}),
        ("services", {"services": [{"service": "imaps", "port": 993}]}),
        ("services", {"services": [{"service": "imaps", "host": "mail.example.org", "port": 0}]}),
        ("services", {"services": [{"service": "imaps"}, {"service": "imaps", "host": "mail.example.org"}]}),
        ("tlsa", {"tlsa": [{"owner": "_25._tcp.mx.example.org.", "rdata": "3 1"}]}),
        ("ttl", {"spf": {}, "ttl": -1}),
        ("current", {"spf": {}, "current": {"domain": "example.org"}}),
        ("current", {"spf": {}, "current": look(domain="example.net")}),
    ],
)
def test_a_mistake_names_the_option(option: str, wanted: dict[str, Any]) -> None:
    with pytest.raises(OptionError) as caught:
        records_of(**wanted)
    assert caught.value.option == option
