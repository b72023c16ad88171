# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every log line of posttls-finger: a run of the real program that prints it, and where our result of the same situation says the same.

One row of the guide's table has one or more of these proofs; `test_guide` runs them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.mailops.tls.tests.lab import posttls_finger as lines

Result = Mapping[str, Any]
Match = re.Match[str]


@dataclass(frozen=True)
class Proof:
    """One line. `words` and `options` say the same to both sides; `{ca}` and other braces are filled in from the lab's summary.

    `shows` compares the line with our result. Without it we are to refuse the options (or, by the argument specification, the choice).
    """

    row: str
    pattern: re.Pattern[str]
    destination: str
    shows: Callable[[Match, Result], bool] | None
    words: Sequence[str] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    match: Sequence[str] = ()


def endpoint(result: Result) -> Any:
    """The endpoint that posttls-finger looked at: the first that took a connection, else the last."""
    reached = [one for one in result["endpoints"] if not one["error"] or one["error"]["phase"] not in ("dns", "tlsa", "connect")]
    return reached[0] if reached else result["endpoints"][-1]


def error(kind: str, phase: str = "") -> Callable[[Match, Result], bool]:
    """The endpoint failed so."""

    def shows(_match: Match, result: Result) -> bool:
        found = endpoint(result)["error"]
        return found["kind"] == kind and (not phase or found["phase"] == phase)

    return shows


def lookup(kind: str) -> Callable[[Match, Result], bool]:
    """The destination failed so."""
    return lambda _match, result: bool(result["error"]["kind"] == kind)


def status(word: str) -> Callable[[Match, Result], bool]:
    """The summary line and the session agree."""

    def shows(match: Match, result: Result) -> bool:
        found = endpoint(result)
        told = (match["status"].lower(), match["proto"], match["cipher"], int(match["usebits"]))
        return told == (word, found["tls"]["protocol"], found["tls"]["cipher"], found["tls"]["cipher_bits"]) and found["status"] == word

    return shows


def level(name: str, reason: str) -> Callable[[Match, Result], bool]:
    """The level that was left, and why."""

    def shows(_match: Match, result: Result) -> bool:
        found = endpoint(result)["verification"]
        return found["effective_level"] == name and reason in found["reason"]

    return shows


def record(match: Match) -> str:
    """A TLSA record as we write it, as far as posttls-finger prints its data."""
    return f"{match['u']} {match['s']} {match['m']} {match['data'].lower()}"


def records(result: Result, **wanted: Any) -> list[str]:
    """Our TLSA records with these facts."""
    found = [one for one in endpoint(result)["tlsa"]["records"] if all(one[name] == value for name, value in wanted.items())]
    return [f"{one['usage']} {one['selector']} {one['matching_type']} {one['data']}" for one in found]


def _connected(match: Match, result: Result) -> bool:
    found = endpoint(result)
    return (match["host"], match["addr"], match["port"]) == (found["host"], found["address"], str(found["port"]))


def _certificate(match: Match, result: Result) -> bool:
    leaf = endpoint(result)["chain"][0]
    told = ["CN=" + match["cn"], "CN=" + match["issuer"], *(match[name].replace(":", "").lower() for name in ("cfp", "pfp"))]
    return told == [leaf["subject"], leaf["issuer"], *(leaf["fingerprints"][one]["sha256"] for one in ("certificate", "public_key"))]


def _dane(match: Match, result: Result) -> bool:
    depth = endpoint(result)["verification"]["depth"] == int(match["depth"])
    return depth and any(one.startswith(record(match).partition("...")[0]) for one in records(result, matched=True))


def _failure(code: int) -> Callable[[Match, Result], bool]:
    def shows(match: Match, result: Result) -> bool:
        found = endpoint(result)["verification"]["error"]
        side = match["purpose"] is None or (match["purpose"] == "server") == (found["depth"] == 0)
        return found["code"] == code and side and (match["num"] is None or match["why"] == found["text"])

    return shows


def _chat(match: Match, result: Result) -> bool:
    return match[0] in [f"{line['direction']} {line['text']}" for line in endpoint(result)["transcript"]]


def _greeting(match: Match, result: Result) -> bool:
    return bool(match["line"] == endpoint(result)["greeting"])


def _capability(match: Match, result: Result) -> bool:
    return match["line"][4:] in endpoint(result)["capabilities"]["before_tls"]


def _unresumed(_match: Match, result: Result) -> bool:
    return all(one["session_offered"] and one["session_reused"] for one in endpoint(result)["reconnects"]["attempts"])


def _ended(how: str) -> Callable[[Match, Result], bool]:
    return lambda _match, result: bool(endpoint(result)["reconnects"]["ended"] == how)


def _dumped(match: Match, result: Result) -> bool:
    return match["subject"] in ["/" + one["subject"] for one in endpoint(result)["chain"]]


def exact(text: str) -> re.Pattern[str]:
    """A pattern of a part of this section's own."""
    return re.compile(text)


CA = ["-F", "{ca_file}"]
WITH_CA = {"ca_file": "{ca_file}"}
NOTHING = "(nothing: no STARTTLS offered)"
GREETING = "``SMTP service not available: CODE TEXT``"
IO = "``timeout while ...``, ``lost connection while ...``"
LOOKUP = "``Destination address lookup failed: REASON``"
FAILED = "``Failed to establish session to DEST via HOST:PORT: REASON``"
SUMMARY = "``Verified|Trusted|Untrusted|Anonymous TLS connection established to ...``"
FINDING = "``... certificate verification failed for PEER: num=N:TEXT``"
UNUSABLE = "``unusable TLSA RR: U S M HEX``, ``all TLSA records unusable ...``"
DROPPED = "``unsupported TLSA certificate usage: ...``, ``reserved private-use matching type: ...``, ``truncated TLSA RR ...``"
RESORT = '``no [usable] TLSA records found, resorting to "secure"``'
INSECURE = "``MX RRset is insecure: try to encrypt`` and its like"
HANDSHAKE = "``SSL_connect error to PEER: ...``, ``TLS library problem: ...``"
CACHE = "``looking for session ...``, ``reloaded session ...``, ``save session ...``"
AGAIN = "``Reusing old session``, ``Reconnecting after N seconds``, ``Found a previously used server. ...``"
REFUSED = "``Invalid TLS protocol list``, ``invalid cipher grade``, ``... disabling TLS support``, ``malformed fingerprint value: ...``"
SESSIONS = {"reconnect_delay": 0.5}

PROOFS: tuple[Proof, ...] = (
    Proof("``Connected to HOST[ADDR]:PORT``", lines.CONNECTED, "dane-ee.test", _connected),
    Proof("``< 220 ...``, ``> EHLO ...``", lines.CHAT, "dane-ee.test", _greeting),
    Proof("``< 220 ...``, ``> EHLO ...``", exact(r"^< (?P<line>250-STARTTLS)$"), "dane-ee.test", _capability),
    Proof(
        "``< 220 ...``, ``> EHLO ...``",
        exact(r"^> EHLO \S+$"),
        "dane-ee.test",
        _chat,
        ("-o", "myhostname=a.test"),
        {"ehlo_name": "a.test", "transcript": True},
    ),
    Proof(GREETING, lines.GREETING, "greeting-554.test", error("rejected", "greeting")),
    Proof(GREETING, lines.GREETING, "greeting-busy.test", error("rate_limited", "greeting"), options={"deadline": 3}),
    Proof("``EHLO rejected: CODE TEXT``", lines.REJECTED, "ehlo-502.test", error("rejected", "ehlo")),
    Proof(NOTHING, exact(r"^> QUIT$"), "no-starttls.test", error("starttls_not_offered")),
    Proof("``STARTTLS rejected: CODE TEXT``", lines.REJECTED, "starttls-454.test", error("starttls_rejected")),
    Proof(IO, lines.IO_ERROR, "silent.test", error("timeout"), ("-t", "1"), {"connect_timeout": 1}),
    Proof(IO, lines.IO_ERROR, "closes.test", error("disconnected")),
    Proof(LOOKUP, lines.LOOKUP_FAIL, "no-such-domain.test", lookup("dns_not_found")),
    Proof(LOOKUP, lines.LOOKUP_FAIL, "zone-lame.test", lookup("dns_error")),
    Proof(LOOKUP, lines.LOOKUP_FAIL, "null-mx.test", lookup("null_mx")),
    Proof(
        "``no MX host for NAME has a valid address record``",
        lines.NO_ADDR,
        "mx-without-address.test",
        lambda match, result: match[0] in result["route"]["warnings"],
    ),
    Proof(FAILED, lines.CONN_FAIL, "all-dead.test", error("connect_refused")),
    Proof(FAILED, lines.CONN_FAIL, "connect-timeout.test", error("connect_timeout"), ("-t", "1"), {"connect_timeout": 1}),
    Proof(FAILED, lines.CONN_FAIL, "tlsa-servfail-only.test", error("tlsa_lookup_failed")),
    Proof(SUMMARY, lines.SUMMARY, "dane-ee.test", status("verified")),
    Proof(SUMMARY, lines.SUMMARY, "no-tlsa.test", status("trusted"), ("-l", "encrypt", *CA), {"security_level": "encrypt", **WITH_CA}),
    Proof(SUMMARY, lines.SUMMARY, "no-tlsa.test", status("untrusted")),
    Proof(SUMMARY, lines.SUMMARY, "anonymous.test", status("anonymous"), ("-l", "may"), {"security_level": "may"}),
    Proof(
        "``Server is anonymous``",
        lines.ANONYMOUS,
        "anonymous.test",
        lambda _match, result: endpoint(result)["status"] == "anonymous" and not endpoint(result)["chain"],
        ("-l", "may"),
        {"security_level": "may"},
    ),
    Proof(
        "``subject_CN=..., issuer=..., cert fingerprint=..., pkey fingerprint=...``",
        exact(f"{lines.CERT_38.pattern}|(?!)"),
        "dane-ee.test",
        _certificate,
    ),
    Proof(
        "``matched peername: NAME``",
        lines.PEERNAME,
        "dane-ta.test",
        lambda match, result: match["name"] == endpoint(result)["verification"]["matched_name"],
    ),
    Proof("``Matched DANE EE|TA certificate at depth N: U S M HEX``", lines.MATCH_DANE, "dane-ee.test", _dane),
    Proof("``Matched DANE EE|TA certificate at depth N: U S M HEX``", lines.MATCH_DANE, "dane-ta.test", _dane),
    Proof("``Matched DANE EE|TA certificate at depth N: U S M HEX``", lines.MATCH_DANE, "dane-ta-bare-key.test", _dane),
    Proof(
        "``Matched fingerprint: HEX``",
        lines.MATCH_FPT,
        "dane-ee.test",
        lambda match, result: (
            endpoint(result)["verification"]["matched"]
            and match["data"].lower() == endpoint(result)["chain"][0]["fingerprints"]["certificate"]["sha256"]
        ),
        ("-l", "fingerprint"),
        {"security_level": "fingerprint", "match": ["{dane_ee}"]},
        ("{dane_ee}",),
    ),
    Proof(
        "``Matched trust anchor at depth N``",
        lines.MATCH_TA,
        "no-tlsa.test",
        lambda match, result: (
            endpoint(result)["verification"]["depth"] == int(match["depth"]) and endpoint(result)["verification"]["matched"]
        ),
        ("-l", "secure", "-A", "{inter}"),
        {"security_level": "secure", "trust_anchor_files": ["{inter}"]},
    ),
    Proof(FINDING, lines.VFY_FAIL, "dane-ee-mismatch.test", _failure(65)),
    Proof(FINDING, lines.VFY_FAIL, "expired-leaf.test", _failure(10), ("-l", "secure", *CA), {"security_level": "secure", **WITH_CA}),
    Proof(FINDING, lines.VFY_FAIL, "no-tlsa.test", _failure(20)),
    Proof(UNUSABLE, lines.UNUSABLE, "unusable-short-digest.test", lambda match, result: record(match) in records(result, usable=False)),
    Proof(
        UNUSABLE,
        lines.ALL_UNUSABLE,
        "unusable-short-digest.test",
        lambda match, result: not records(result, usable=True) and "unusable" in endpoint(result)["verification"]["reason"],
    ),
    Proof(
        DROPPED,
        lines.TLSA_DROP,
        "usage-1-only.test",
        lambda match, result: record(match) in records(result, usable=False, reason=match["why"]),
    ),
    Proof(
        "``DANE TLSA lookup problem: ...``",
        lines.TLSA_ERR,
        "tlsa-servfail-only.test",
        lambda match, result: match["why"].partition("name=")[2].partition(":")[0] in endpoint(result)["tlsa"]["error"],
    ),
    Proof(
        "``DNSSEC-signed TLSA record: OWNER: U S M HEX``",
        lines.TLSA_RR,
        "dane-ee.test",
        lambda match, result: match["owner"] == endpoint(result)["tlsa"]["owner"] and record(match) in records(result),
        ("-L", "verbose"),
    ),
    Proof(
        RESORT,
        lines.DANE_POLICY,
        "no-tlsa.test",
        level("secure", "no TLSA records found"),
        ("-l", "dane-only"),
        {"security_level": "dane-only"},
    ),
    Proof(
        RESORT,
        lines.DANE_POLICY,
        "usage-1-only.test",
        level("secure", "no usable TLSA records found"),
        ("-l", "dane-only"),
        {"security_level": "dane-only"},
    ),
    Proof(INSECURE, lines.DANE_POLICY, "insecure-mx.test", level("half-dane", "MX RRset is insecure")),
    Proof(
        INSECURE,
        lines.DANE_POLICY,
        "insecure-mx.test",
        level("encrypt", "MX RRset is insecure"),
        ("-M", "encrypt"),
        {"insecure_mx_policy": "encrypt"},
    ),
    Proof(
        INSECURE, lines.DANE_POLICY, "insecure-mx.test", level("may", "MX RRset is insecure"), ("-M", "may"), {"insecure_mx_policy": "may"}
    ),
    Proof(HANDSHAKE, lines.SSL_ERROR, "anonymous.test", error("handshake_failed")),
    Proof(HANDSHAKE, lines.TLS_LIB, "anonymous.test", error("handshake_failed")),
    Proof(CACHE, lines.CACHE, "dane-ee.test", _unresumed, ("-r", "1"), SESSIONS),
    Proof(AGAIN, exact(r"^.*: Reusing old session$"), "dane-ee.test", _unresumed, ("-r", "1"), SESSIONS),
    Proof(
        AGAIN,
        exact(r"^Reconnecting after 1 seconds$"),
        "dane-ee.test",
        lambda _match, result: len(endpoint(result)["reconnects"]["attempts"]) == 1,
        ("-r", "1"),
        SESSIONS,
    ),
    Proof(
        AGAIN,
        exact(r"^Found a previously used server\.  Done reconnecting\.$"),
        "dane-ee.test",
        _ended("known_server"),
        ("-r", "1"),
        SESSIONS,
    ),
    Proof(AGAIN, lines.RECONNECT, "no-sessions.test", _ended("not_cached"), ("-r", "1"), SESSIONS),
    Proof(
        "``U asciified to A``",
        lines.IDNA,
        "b\u00fccher.test",
        lambda match, result: match["u"] == result["destination"] and endpoint(result)["tls"]["sni"] == "mx." + match["a"],
    ),
    Proof("the chain of ``-C``", exact(r"^ \d subject: (?P<subject>.*)$"), "dane-ee.test", _dumped, ("-C",)),
    Proof(REFUSED, lines.TLS_SETUP, "dane-ee.test", None, ("-p", "TLSv9"), {"tls_protocols": "TLSv9"}),
    Proof(REFUSED, lines.TLS_SETUP, "dane-ee.test", None, ("-g", "bogus"), {"cipher_grade": "bogus"}),
    Proof(REFUSED, lines.TLS_OFF, "dane-ee.test", None, ("-F", "/nonexistent"), {"ca_file": "/nonexistent"}),
    Proof(REFUSED, lines.FPT_BAD, "dane-ee.test", None, ("-l", "fingerprint"), {"security_level": "fingerprint", "match": ["zz"]}, ("zz",)),
    Proof("``fatal: ...``", exact(r"^missing \"\]\" in server description: "), "[dane-ee.test", None),
)
