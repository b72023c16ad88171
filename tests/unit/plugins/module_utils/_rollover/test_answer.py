# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail server says is data on a controller: fields have bounds, texts are no templates, requests ask for own names."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._rollover.answer import MAX_ITEMS, MAX_REQUESTS, answer
from ansible_collections.mailops.tls.plugins.module_utils._rollover.server_terms import server_of
from ansible_collections.mailops.tls.plugins.module_utils._x509 import keys, requests
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make

KEY = keys.generate(keys.KeyKind.ECDSA_P256)
NAME = "mx.example.org"
SERVER = server_of({"exchanges": [NAME], "folder": "/var/lib/mailops-tls/default"})
CHAIN = make.hierarchy().served_pem.decode()


def csr(*names: str, subject: dict[str, str] | None = None) -> str:
    return requests.request(KEY, names, subject).decode()


def taken(**given: Any) -> dict[str, Any]:
    return answer(given, SERVER).facts


def test_an_ordinary_answer_comes_through() -> None:
    facts = taken(
        phase="aging",
        message="aging: ready at 2026-09-12T03:00:00Z",
        action={"kind": "none", "done": False},
        next_step={"kind": "none", "text": None, "at": "2026-09-12T03:00:00Z"},
        verify={"needed": True, "key_algorithms": ["any", "rsa", "ecdsa"]},
        earliest="2026-09-12T03:00:00Z",
        dnssec=True,
        days_left=89,
        blockers=[{"id": "not_visible", "text": "ns2: old"}],
        findings=[{"id": "not_reached", "severity": "error", "subject": NAME, "text": "gone", "since": "2026-09-12T01:00:00Z"}],
        changed=True,
    )
    assert facts["phase"] == "aging" and facts["changed"] and facts["needs_look"] and facts["dnssec"] is True
    assert facts["next_step"] == {"text": "", "at": "2026-09-12T03:00:00Z"}
    assert facts["key_algorithms"] == ["any", "rsa", "ecdsa"]
    assert facts["blockers"] == [{"id": "not_visible", "text": "ns2: old"}]
    assert facts["findings"][0]["since"] == "2026-09-12T01:00:00Z"
    assert facts["days_left"] == 89


@pytest.mark.parametrize("result", [None, "text", [], {}, {"dns": [], "action": 3, "verify": "x", "csrs": "y", "blockers": 5}])
def test_whatever_comes_is_an_answer(result: object) -> None:
    found = answer(result, SERVER)
    assert found.facts["phase"] is None and found.facts["action"] == {"kind": "none", "done": False}
    assert found.refused == ()


def test_texts_are_no_templates_and_bounded() -> None:
    evil = "{{ lookup('pipe', 'id') }} {% if x %}{# y #}{{{ z"
    facts = taken(message=evil, msg=evil, blockers=[{"id": evil, "text": evil}], findings=[{"id": "a", "text": "x" * 10**6}])
    texts = [facts["message"], facts["msg"], facts["blockers"][0]["text"], facts["blockers"][0]["id"]]
    assert not any(opening in text for text in texts for opening in ("{{", "{%", "{#"))
    assert facts["blockers"][0]["id"] == "unknown"
    assert len(facts["findings"][0]["text"]) <= 1000


@pytest.mark.parametrize("name", ["phase", "earliest", "clock"])
@pytest.mark.parametrize("value", ["{{ x }}", "steady\n", "2026-09-12T03:00:00Z; rm", 7, ["steady"], True])
def test_words_and_times_have_their_form(name: str, value: object) -> None:
    assert taken(**{name: value})[name] is None


def test_numbers_of_items_are_bounded() -> None:
    facts = taken(blockers=[{"id": "a", "text": "b"}] * 10**5, key_algorithms=["any"])
    assert len(facts["blockers"]) == MAX_ITEMS


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ({"algorithm": "ecdsa", "csr": csr(NAME, "www.example.org")}, "asks for www.example.org"),
        ({"algorithm": "ecdsa", "csr": csr(NAME, "*.example.org")}, "asks for *.example.org"),
        ({"algorithm": "ecdsa", "csr": csr(NAME, subject={"CN": "bank.example"})}, "asks for bank.example"),
        ({"algorithm": "ecdsa", "csr": csr(NAME, subject={"O": "A Bank"})}, "asks for the attribute"),
        ({"algorithm": "../../etc/cron.d/x", "csr": csr(NAME)}, "is for no kind of key"),
        ({"algorithm": "ecdsa", "csr": "request"}, "is not one certificate signing request"),
        ({"algorithm": "ecdsa", "csr": csr(NAME) + csr("www.example.org")}, "is not one certificate signing request"),
        ({"algorithm": "ecdsa", "csr": csr(NAME), "public_key_sha256": "00" * 32}, "is for another key"),
        ({"algorithm": "ecdsa", "csr": make.pem("CERTIFICATE REQUEST", b"\x30\x03\x02\x01\x00").decode()}, "cannot be read"),
        ({"algorithm": "ecdsa"}, "has no text"),
        ("text", "has no text"),
    ],
)
def test_requests_for_more_than_the_own_names_are_refused(item: object, why: str) -> None:
    found = answer({"csrs": [item]}, SERVER)
    assert found.facts["csrs"] == []
    assert why in found.refused[0]


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/var/lib/mailops-tls/default/keys/x.csr", True),
        ("/var/lib/mailops-tls/default/../../x", False),
        ("/etc/passwd", False),
        ("/var/lib/mailops-tls/default/{{ x }}", False),
        (None, False),
    ],
)
def test_an_own_request_is_taken_with_its_path_below_the_own_folder(path: str | None, kept: bool) -> None:
    digest = hashlib.sha256(KEY.spki).hexdigest()
    found = answer({"csrs": [{"algorithm": "ecdsa", "csr": csr(NAME), "public_key_sha256": digest, "path": path}]}, SERVER)
    assert found.refused == ()
    assert found.facts["csrs"][0]["path"] == (path if kept else "")
    assert found.facts["csrs"][0]["public_key_sha256"] == digest


def test_too_many_requests_are_refused() -> None:
    found = answer({"csrs": [{"algorithm": "ecdsa", "csr": csr(NAME)}] * (MAX_REQUESTS + 1)}, SERVER)
    assert len(found.facts["csrs"]) == MAX_REQUESTS and "more than" in found.refused[0]


@pytest.mark.parametrize("chain", [CHAIN, CHAIN * 2])
def test_chains_for_neighbours_come_through(chain: str) -> None:
    assert [one["chain"] for one in taken(deployed=[{"chain": chain, "algorithm": "rsa"}])["deployed"]] == [chain]


@pytest.mark.parametrize(
    "chain", ["x", CHAIN + "{{ x }}", make.pem("CERTIFICATE", b"\x30\x03\x02\x01\x00").decode(), CHAIN * 1000, None, CHAIN[:-40]]
)
def test_a_chain_that_would_stop_a_neighbour_is_left_out(chain: object) -> None:
    assert taken(deployed=[{"chain": chain, "algorithm": "rsa"}])["deployed"] == []


@pytest.mark.parametrize(
    ("given", "why"),
    [({"exchanges": [NAME], "port": 25}, "not options"), ({"exchanges": ["192.0.2.1"]}, "no names"), ({"exchanges": []}, "no names")],
)
def test_what_the_inventory_says_has_to_be_right(given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        server_of(given)


def test_a_name_that_the_inventory_or_the_controller_knows_for_an_alias_counts() -> None:
    target, record = "dane.example.net", {"rdata": "3 1 1 " + "ab" * 32, "ttl": 60}
    given = {"dns": {"add": [{"owner": target + ".", **record}], "remove": []}}
    assert answer(given, SERVER).add == () and answer(given, SERVER).unknown
    owner = f"_25._tcp.{NAME}"
    told = server_of({"exchanges": [NAME], "aliases": {owner: target}})
    seen = {"owner": owner + ".", "canonical_owner": target + ".", "aliases": [{"owner": owner}], "records": [], "error": None}
    looked = server_of({"exchanges": [NAME], "seen": [seen]})
    for server in (told, looked):
        assert [one.owner for one in answer(given, server).add] == [target]
    assert answer(given, server_of({"exchanges": [NAME], "aliases": {"_25._tcp.other.example": target}})).add == ()


def test_variables_that_it_sets_are_named() -> None:
    found = answer({"ansible_facts": {"discovered_interpreter_python": "/usr/bin/python3"}}, SERVER)
    assert found.refused == ()
    found = answer({"ansible_facts": {"dane_rollover_exchanges": ["www.example.org"], "{{ x }}": 1}}, SERVER)
    assert found.refused == ("variables that it has set itself: dane_rollover_exchanges, { { x }}",)
    found = answer({"ansible_facts": {str(number) * 99: 1 for number in range(9)}}, SERVER)
    assert found.refused[0].endswith(" and more") and len(found.refused[0]) <= 400


@pytest.mark.parametrize("matching_type", [0, 1, 2])
@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize(("usage", "depth"), [(3, 0), (2, 0), (2, 1)])
def test_no_record_of_what_another_server_serves_is_removed(usage: int, depth: int, selector: int, matching_type: int) -> None:
    other = make.hierarchy()
    certificate = (other.leaf, other.intermediate)[depth]
    data = (certificate.der, certificate.key.spki)[selector]
    digest = {0: data, 1: hashlib.sha256(data).digest(), 2: hashlib.sha512(data).digest()}[matching_type]
    item = {"owner": f"_25._tcp.{NAME}.", "rdata": f"{usage} {selector} {matching_type} {digest.hex()}"}
    said = {"dns": {"remove": [item]}}
    served = {"public_key_sha256": hashlib.sha256(other.leaf.key.spki).hexdigest(), "chain": other.served_pem.decode()}
    among = server_of({"exchanges": [NAME], "served_by_others": [served]})
    assert [one.record.data for one in answer(said, SERVER).remove] == [digest]
    assert answer(said, among).remove == () and "another server serves" in answer(said, among).refused[0]
