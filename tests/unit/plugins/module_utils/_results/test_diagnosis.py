# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A diagnosis shows everything that was found in order, says what is broken, and survives results of a host that lies."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._results.diagnosis import diagnosis

LEAF: dict[str, Any] = {
    "subject": "CN=mail.example.org", "issuer": "CN=Example CA", "not_before": "2026-01-01T00:00:00Z", "not_after": "2027-01-01T00:00:00Z",
    "dns_names": ["mail.example.org"], "ip_addresses": [], "public_key": {"type": "ecdsa", "bits": 256, "curve": "secp256r1"},
    "fingerprints": {"certificate": {"sha256": "ab"}},
}  # fmt: skip
WHERE = "mail.example.org[192.0.2.1]"
PLAINTEXT = {"kind": "starttls_not_offered", "phase": "starttls", "text": "the server does not offer STARTTLS"}
REFUSED = {"code": None, "status": "no", "enhanced_code": None, "response_code": "AUTHENTICATIONFAILED", "text": "Authentication failed."}


def endpoint(service: str, port: int, mode: str = "implicit", **changed: Any) -> dict[str, Any]:
    """Return a service as it should be, or with something changed."""
    protocol = {"imap": "imap", "pop3": "pop3", "siev": "managesieve"}.get(service[:4], "smtp")
    return {
        "service": service, "protocol": protocol, "tls_mode": mode, "host": "mail.example.org", "address": "192.0.2.1", "port": port,
        "port_state": "open", "status": "verified", "satisfied": True, "error": None,
        "auth_mechanisms": {"before_tls": [], "after_tls": ["PLAIN", "LOGIN"]},
        "password_login": {"before_tls": None, "after_tls": True if protocol in ("imap", "pop3") else None},
        "tls": {"protocol": "TLSv1.3"}, "chain": [LEAF], "verification": {"error": None}, **changed,
    }  # fmt: skip


def target(*endpoints: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return the result of a host."""
    result: dict[str, Any] = {"target": "mail.example.org", "lookup": "host", "status": "verified", "error": None, "lint": []}
    return {**result, "ports": None, "endpoints": list(endpoints), **changed}


def login(outcome: str, mechanism: str = "PLAIN", **changed: Any) -> dict[str, Any]:
    """Return one login."""
    return {"mechanism": mechanism, "outcome": outcome, "reply": None, "seconds": 0.1, "error": None, **changed}


def finding(severity: str, subject: str, one: str = "some_id", text: str = "it is wrong") -> dict[str, Any]:
    """Return one finding."""
    return {"id": one, "severity": severity, "subject": subject, "text": text, "why": "Because.", "fix": "Mend it.", "reference": "RFC"}


IN_CLEAR = endpoint(
    "imap", 143, "starttls", status="plaintext", satisfied=False, error=PLAINTEXT, tls=None, chain=[],
    auth_mechanisms={"before_tls": ["PLAIN"], "after_tls": None}, password_login={"before_tls": True, "after_tls": None},
)  # fmt: skip
DELIVERY: dict[str, Any] = {
    "delivered": True, "folder": "INBOX", "found_after": 1.72, "queue_id": "1CF5FC0AAE", "error": None,
    "steps": [
        {"step": "rcpt", "ok": True, "reply": {"code": 250, "enhanced_code": "2.1.5", "text": "Ok"}, "error": None, "at": 0.31},
        {"step": "search", "ok": False, "reply": None, "error": {"kind": "timeout", "text": "no answer"}, "at": 0.5},
    ],
    "received": [
        {"by": "mail.example.org", "from": "client.example.net", "from_address": "192.0.2.9", "with": "ESMTPSA", "seconds": 1.1,
         "tls": {"protocol": "TLSv1.3", "stated": True}},
        {"by": "client.example.net", "from": None, "from_address": None, "with": "ESMTPS", "seconds": None, "tls": {"protocol": None}},
        {"by": None, "from": None, "from_address": None, "with": "ESMTP", "seconds": None, "tls": None},
    ],
    "authentication_results": [{"authserv_id": "mail.example.org", "method": "dkim", "result": "pass", "properties": {}}],
    "cleanup": {"found": 1, "removed": 1, "left": 0, "error": None}, "lint": [],
}  # fmt: skip


def test_every_port_of_every_address_has_a_line() -> None:
    ports = [{"address": "192.0.2.1", "port": port, "service": name, "state": state} for port, name, state in (
        (25, "smtp", "filtered"), (143, "imap", "open"), (993, "imaps", "open"), (995, "pop3s", "refused"),
    )]  # fmt: skip
    lines = diagnosis([target(endpoint("imaps", 993), IN_CLEAR, ports=ports)])["lines"]
    assert lines == [
        "broken now",
        "  The server does not offer STARTTLS: mail.example.org[192.0.2.1]:143",
        "",
        "mail.example.org: verified",
        "",
        "  mail.example.org [192.0.2.1]",
        "  PORT  SERVICE  STATE     VERDICT    TLS      CERT  LOGIN BEFORE TLS  LOGIN INSIDE TLS",
        "  25    smtp     filtered",
        "  143   imap     open      plaintext                 PLAIN IMAP-LOGIN",
        "      starttls_not_offered: the server does not offer STARTTLS",
        "  993   imaps    open      verified   TLSv1.3  1                       PLAIN LOGIN IMAP-LOGIN",
        "  995   pop3s    refused",
        "",
        "  certificate 1: CN=mail.example.org, for mail.example.org, by CN=Example CA, 2026-01-01 to",
        "    2027-01-01, ecdsa 256",
        "",
        "There are no findings.",
    ]


def test_addresses_and_certificates_are_told_apart() -> None:
    other = {**LEAF, "fingerprints": {"certificate": {"sha256": "cd"}}}
    lines = diagnosis([target(endpoint("imaps", 993), endpoint("imaps", 993, address="2001:db8::1", chain=[other]))])["lines"]
    assert [line for line in lines if "[" in line] == ["  mail.example.org [192.0.2.1]", "  mail.example.org [2001:db8::1]"]
    assert [line.split()[5] for line in lines if "imaps" in line] == ["1", "2"]


def test_what_is_all_right_is_not_broken() -> None:
    logins = [login("accepted"), login("not_offered", "CRAM-MD5")]
    ends = (endpoint("imaps", 993, logins=logins), endpoint("pop3s", 995, port_state="refused"))
    found = diagnosis([target(*ends, lint=[finding("warning", WHERE + ":993")])], delivery=DELIVERY)
    assert found["broken"] == [] and found["lines"][0] == "Nothing is broken."


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (IN_CLEAR, f"The server does not offer STARTTLS: {WHERE}:143"),
        (endpoint("imaps", 993, status="untrusted", satisfied=False, verification={"error": {"text": "expired"}}), f"Expired: {WHERE}:993"),
        (endpoint("imaps", 993, status="anonymous", satisfied=False, verification=None), f"Anonymous: {WHERE}:993"),
        (endpoint("smtp", 25, status="failed", satisfied=False, error={"kind": "timeout", "text": "x"}), f"X: {WHERE}:25"),
        (endpoint("smtp", 25, status="untrusted", satisfied=False), None),
    ],
)
def test_a_service_that_a_client_would_not_use(one: dict[str, Any], sentence: str | None) -> None:
    assert diagnosis([target(one)])["broken"] == ([sentence] if sentence else [])


@pytest.mark.parametrize(
    ("lookup", "dane"),
    [
        ("skipped", "DANE: deliver if TLSA records name this certificate or its key, whoever issued it"),
        ("found", "DANE: hold mail back, as the server does not match its TLSA records"),
        ("none", "DANE: deliver as without a policy, as there are no TLSA records"),
        ("insecure", "DANE: deliver as without a policy, as the TLSA records are not signed"),
        ("error", "DANE: hold mail back, as the TLSA records cannot be looked up"),
    ],
)
def test_a_mail_server_that_does_not_verify_is_told_by_what_senders_do(lookup: str, dane: str) -> None:
    one = endpoint("smtp", 25, status="untrusted", satisfied=False, tlsa={"lookup": lookup})
    assert diagnosis([target(one, endpoint("imaps", 993))])["lines"][:7] == [
        "Nothing is broken.",
        "",
        f"What senders do, since the certificate is untrusted: {WHERE}:25",
        "  without a policy, as most: deliver, encrypted for whoever answers",
        f"  {dane}",
        "  MTA-STS, and levels verify and secure: hold mail back",
        "",
    ]


def test_senders_meet_no_tls() -> None:
    one = endpoint("smtp", 25, "starttls", status="plaintext", satisfied=False, error=PLAINTEXT, tls=None, chain=[])
    other = endpoint("smtp", 25, "starttls", status="plaintext", satisfied=False, address="192.0.2.2", tls=None, chain=[])
    lines = diagnosis([target(one, other)], width=120)["lines"]
    assert lines[2:5] == [
        f"What senders do, since there is no TLS: {WHERE}:25, mail.example.org[192.0.2.2]:25",
        "  without a policy, as most: deliver, and everybody on the way can read it",
        "  DANE: hold mail back if there are TLSA records, as those promise TLS",
    ]


def test_errors_are_broken_and_told_once() -> None:
    lint = [finding("notice", "mail.example.org"), finding("error", WHERE + ":143", text="STARTTLS is missing")]
    found = diagnosis([target(IN_CLEAR, lint=lint)], [target(IN_CLEAR, lint=lint)])
    assert found["broken"] == [f"STARTTLS is missing: {WHERE}:143"]
    assert found["lines"][found["lines"].index("findings") :][:7] == [
        "findings",
        "  error: some_id: STARTTLS is missing",
        f"      at {WHERE}:143",
        "      Mend it.",
        "  notice: some_id: it is wrong",
        "      at mail.example.org",
        "      Mend it.",
    ]


def test_what_is_wrong_in_several_places_is_told_once() -> None:
    lint = [finding("error", f"{WHERE}:{port}", text="STARTTLS is missing") for port in range(100, 130)]
    found = diagnosis([target(IN_CLEAR, lint=lint)])
    (sentence,) = [line for line in found["broken"] if "is missing" in line]
    assert sentence.startswith(f"STARTTLS is missing: {WHERE}:100, {WHERE}:101") and sentence.endswith(" and 10 more")
    assert found["lines"].count("      Mend it.") == 1


@pytest.mark.parametrize(("one", "counts"), [("certificate_untrusted", False), ("sasl_password_in_clear", True)])
def test_on_port_25_a_certificate_does_not_count(one: str, counts: bool) -> None:
    lint = [finding("error", WHERE + ":25", one)]
    assert bool(diagnosis([target(endpoint("smtp", 25), lint=lint)])["broken"]) is counts


def test_logins_that_end_the_same_way_are_one_sentence() -> None:
    wrong = [login("bad_credentials", name, reply=REFUSED) for name in ("PLAIN", "LOGIN")]
    bound = [login("withheld"), login("withheld", "LOGIN")]
    logins = [target(endpoint("imaps", 993, logins=wrong), endpoint("submission", 587, "starttls", logins=bound))]
    found = diagnosis([target(endpoint("imaps", 993))], logins)
    assert found["broken"] == [
        f"The name or the password is wrong: imaps at {WHERE}:993 (PLAIN, LOGIN)",
        f"The password was not sent: submission at {WHERE}:587 (PLAIN, LOGIN)",
    ]
    (line,) = [line for line in found["lines"] if "bad_credentials" in line and "LOGIN" in line]
    assert line == "  imaps       192.0.2.1  993   LOGIN      bad_credentials  no AUTHENTICATIONFAILED Authentication"
    assert len([line for line in found["lines"] if line.startswith("  993")]) == 1


def test_a_login_is_withheld_for_what_is_told_already() -> None:
    found = diagnosis([], [target({**IN_CLEAR, "logins": [login("withheld")]})])
    assert found["broken"] == [f"The server does not offer STARTTLS: {WHERE}:143"]


def test_of_several_looks_the_one_with_logins_is_shown() -> None:
    looks = [target(endpoint("imaps", 993, logins=[]), endpoint("imap", 143)), target(endpoint("imaps", 993, logins=[login("accepted")]))]
    lines = diagnosis([target(endpoint("imaps", 993))], looks)["lines"]
    assert [line.split()[:2] for line in lines if "verified" in line][1:] == [["143", "imap"], ["993", "imaps"]]
    assert len([line for line in lines if "accepted" in line]) == 1


def test_a_login_that_nobody_offers_is_told() -> None:
    logins = [target(endpoint("imaps", 993, logins=[login("not_offered", "CRAM-MD5"), login("unsupported", "GSSAPI")]))]
    assert diagnosis([], logins)["broken"] == ["Nobody could log in: no mechanism that was to be tried is offered"]


def test_a_delivery_is_told_step_by_step() -> None:
    lines = diagnosis([target(endpoint("imaps", 993))], delivery=DELIVERY)["lines"]
    assert lines[lines.index("delivery: the message was found in INBOX after 1.7 s, queued there as 1CF5FC0AAE") :][:12] == [
        "delivery: the message was found in INBOX after 1.7 s, queued there as 1CF5FC0AAE",
        "",
        "  AT    STEP            ANSWER",
        "  0.31  rcpt    ok      250 2.1.5 Ok",
        "  0.50  search  failed  timeout: no answer",
        "",
        "  HOP  BY                  WITH     TLS      SECONDS  FROM",
        "  1    mail.example.org    ESMTPSA  TLSv1.3  1        client.example.net 192.0.2.9",
        "  2    client.example.net  ESMTPS   yes",
        "  3                        ESMTP    none",
        "  the receiver notes: dkim pass",
        "  removed from the mailbox: 1, left there: 0",
    ]


def test_a_lost_message_is_broken() -> None:
    missing = {"kind": "not_found", "phase": "search", "text": "not found within 60 s"}
    lost = {**DELIVERY, "delivered": False, "folder": None, "error": missing}
    (sentence,) = diagnosis([target(endpoint("imaps", 993))], delivery=lost)["broken"]
    said = "he message was not delivered: not_found: not found within 60 s, queued there as 1CF5FC0AAE."
    assert sentence == f"T{said} Search the log of that server for 1CF5FC0AAE"


def test_a_delivery_alone_says_first_what_became_of_it() -> None:
    error = {"kind": "rejected", "phase": "rcpt", "text": "no such user"}
    failed = {"delivered": False, "error": error, "cleanup": {"found": 0, "removed": 0, "left": 0, "error": None}}
    assert diagnosis([], delivery=failed)["lines"] == [
        "delivery: the message was not delivered: rejected: no such user",
        "",
        "There are no findings.",
    ]


def test_without_an_address_the_reason_is_told() -> None:
    error = {"kind": "dns_not_found", "phase": "address", "text": "no such name"}
    found = diagnosis([target(status="failed", error=error)])
    assert found["broken"] == ["No such name: mail.example.org"]
    assert found["lines"][3] == "mail.example.org: failed, dns_not_found: no such name"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("example.org",), "a list of results is needed, not 'example.org'"),
        (([], {"a": 1}), "a list of results is needed, not a value of the type dict"),
        (([], [], ["x"]), "the delivery is what mail_delivery_probe returned, not a value of the type list"),
        (([], [], None, 79), "a width of at least 80, not 79"),
        (([], [], None, True), "a width of at least 80, not True"),
    ],
)
def test_what_cannot_be_shown_is_one_error(arguments: tuple[Any, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        diagnosis(*arguments)


ESCAPE = "\x1b]0;owned\x07\x1b[2J\r\n\u202e\u2028\ud800"
HARM: tuple[Any, ...] = (
    None, ESCAPE, 7, -1.5, float("nan"), True, [], {}, [ESCAPE], {"a": ESCAPE}, [[]], [None], b"x", 10**5000,
    "x" * 100_000, [{}], {"sha256": []}, {"open": {}}, [{"outcome": []}, {"reply": 7}],
)  # fmt: skip
WHOLE: dict[str, Any] = {
    "results": [target(endpoint("imaps", 993, logins=[login("bad_credentials", reply=REFUSED)]), lint=[finding("error", "x")],
                       ports=[{"address": "192.0.2.1", "port": 143, "service": "imap", "state": "refused"}])],
    "delivery": DELIVERY,
}  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return every place in a value, the value itself first."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in items for place in places(one, (*path, key)))]


@pytest.mark.parametrize("path", places(WHOLE)[1:], ids=str)
def test_results_of_a_host_that_lies(path: tuple[Any, ...]) -> None:
    """A text or one clean error; no traceback, no control characters, no flood."""
    for harm in HARM:
        whole = copy.deepcopy(WHOLE)
        place: Any = whole
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = harm
        try:
            found = diagnosis(whole["results"], delivery=whole["delivery"])
        except ValueError as error:
            assert len(str(error)) < 200
            continue
        assert max(map(len, found["lines"])) <= 100 and len(found["lines"]) < 200
        assert all(text.isprintable() and len(text) < 3000 for text in (*found["lines"], *found["broken"]))


def test_a_flood_is_cut() -> None:
    lint = [finding("error", f"{number}") for number in range(5000)]
    logins = [login("timeout", "x" * 400)] * 5000
    found = diagnosis([target(*[endpoint("imaps", 993, logins=logins)] * 300, lint=lint)])
    assert len(found["lines"]) < 2000 and len(found["broken"]) <= 100
