# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts that want to be structure, in whatever field a server, DNS or an issuer controls, in results of every module.

One generator for all formats of a report: a field that results get is tried in every format, and so is a new text.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, lost, record, tlsa
from ansible_collections.mailops.tls.tests.unit.makers.formats import TEXTS
from ansible_collections.mailops.tls.tests.unit.makers.reports import delivery_result, domain_result, rollover_result
from hypothesis import strategies as st

ATOMS = (
    *TEXTS, "<!--", "-->", "</style>", "<![CDATA[", "]]>", "<?x ?>", "&#60;b&#62;", "&\x00lt;",
    "' onfocus='window.hit=1' autofocus='", "{{", "{%", "{#",
    "x;=1", "x;\t-1", " =1", "\u3000\uff1d1", "\u00a0+1", "\t@1", "=cmd|' /C calc'!A0", "\"\"\",=1", "a,b\r\n=1,c", "'",
    "\x9b31m", "\x1b[31m", "\x1b]8;;http://example.net\x07", "\x08\x08\x08", "\x7f", "\x85",
    "\u2028", "\u200b\u200d\u2060\ufeff", "\u202e\u2067",
    "exаmple.org", "xn--80ak6aa92e.com", "a\\.b.example.org", "a\\000b", "a\\\\", "\\n", "\\\"", "x\\",
    "} 1\nmailops_tls_forged 1\n", "# HELP forged x", "\n# TYPE x gauge", "x|'days left'=1;;;0", "\n[CRITICAL] forged", "a\rb",
    "\udc80", "\ud83d", "\ud83d\ude00", "\U000e0001\U0010ffff\ufffe\uffff", "e\u0301\u0489" * 40, "\ufdfd",
    "__proto__", "constructor", "toString",
)  # fmt: skip
"""Beginnings, ends and separators of every format, and characters that hide or turn round what stands beside them."""
WORDS_OF_OURS = frozenset((
    "status", "lookup", "severity", "port_state", "outcome", "protection", "service", "mechanism", "phase", "state", "not_after", "level",
    "address",
))  # fmt: skip
"""Fields whose values decide how a page is laid out: kept, all others of a result get another face than with a text in them."""


def templates() -> dict[str, dict[str, Any]]:
    """A result of every module with all that it can have."""
    chain = [certificate("mx.example.org", ip_addresses=["192.0.2.1"]), certificate("issuer", subject="CN=issuer,O=Trust")]
    part = {"state": "tested", "complete": False, "value": [{"name": "TLS_X"}, "x25519"], "why": "rate"}
    records = [record("mx.example.org"), {**record("x"), "usable": False, "reason": "x"}]
    seen = endpoint(
        "mx.example.org", chain=chain, tlsa=tlsa("mx.example.org", records),
        key_algorithms=[{"algorithm": "rsa", "offered": True, "status": "verified", "chain": chain, "tlsa": tlsa("mx.example.org")}],
        scan={"versions": {"TLSv1.2": part}, "ciphers": part, "stopped": "busy"},
    )  # fmt: skip
    failed = lost("mx2.example.org", "192.0.2.2")
    finding = {"id": "x", "severity": "error", "subject": "x", "text": "x", "why": "x", "fix": "x", "reference": "x"}
    check = {"id": "x", "title": "x", "level": "insufficient", "text": "x", "connections": ["x"], "fixable_by": "ca", "ref": "x"}
    grade = {"policy": "x", "title": "x", "level": "insufficient", "tested_level": "good", "counts": {"good": 1}, "checks": [check]}
    login = {"mechanism": "PLAIN", "outcome": "refused", "error": None, "reply": {"code": 535, "text": "x"}}
    mailbox = {
        "target": "mail.example.org", "lookup": "host", "srv": [], "status": "failed", "satisfied": False, "worst": "error", "error": None,
        "warnings": ["x"], "ports": None, "lint": [finding],
        "endpoints": [{**seen, "service": "imaps", "port_state": "open", "logins": [login]}],
    }  # fmt: skip
    published = {"status": "invalid", "record": "x", "error": {"kind": "dns_error", "text": "x"}, "explanation": "x"}
    domain = domain_result(
        "example.org", spf=published, dmarc=published, tlsrpt=published, bimi=published, lint=[finding],
        mta_sts={"status": "found", "policy": {"mode": "enforce", "mx": ["x"], "text": "x"}, "error": {"kind": "x", "text": "x"}},
        dkim=[{**published, "selector": "x"}], caa={"records": [{"tag": "issue", "value": "x"}]},
        dane=[{"exchange": "mx.example.org", "lookup": "found", "records": [record("x")], "error": "x"}],
        srv=[{"service": "_imaps", "target": "x", "port": 993, "probe": failed}],
    )  # fmt: skip
    error = {"kind": "dns_error", "phase": "dns", "text": "x"}
    return {
        "destination": audited("example.org", seen, failed, lint=[finding], grade=grade, error=error),
        "mailbox": mailbox,
        "domain": domain,
        "delivery": delivery_result("mail.example.org", lint=[finding], error={"kind": "timeout", "text": "x"}, delivered=False),
        "rollover": rollover_result("mx.example.org", alarm=True),
    }  # fmt: skip


def everywhere(value: Any, text: str, kept: frozenset[str] = frozenset(), key: str = "") -> Any:
    """Return a value of JSON with a text in place of all its texts, but those of fields that are kept."""
    if isinstance(value, str):
        return value if key in kept else text
    if isinstance(value, dict):
        keywords = key in ("before_tls", "after_tls", "counts", "versions")
        return {text if keywords else name: everywhere(one, text, kept, name) for name, one in value.items()}
    return [everywhere(one, text, kept, key) for one in value] if isinstance(value, list) else value


def results_with(text: str) -> list[dict[str, Any]]:
    """Results of every module: with a text wherever there is one, and with it wherever it is not a word of ours."""
    return [everywhere(one, text, kept) for kept in (frozenset[str](), WORDS_OF_OURS) for one in templates().values()]


def changes_with(text: str) -> tuple[dict[str, Any], ...]:
    """Changes of every shape with a text in them."""
    shapes: tuple[Any, ...] = (text, None, {text: text, "x": [text]}, [text, {text: text}])
    return tuple(
        {"kind": kind, "destination": text, "host": text, "address": text, "before": one, "after": one, "counts": counts}
        for one in shapes for kind, counts in (("verdict", True), ("renewed", False), (text, True))
    )  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, str):
        yield path
    elif isinstance(value, (dict, list)):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(one, (*path, key))


def texts(longest: int = 70_000) -> st.SearchStrategy[str]:
    """Texts that want to be structure, alone, joined, among any others, and very long."""
    odd = st.characters(categories=["Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs", "Mn"])
    pieces = st.one_of(st.sampled_from(ATOMS), st.text(max_size=6), odd)
    short = st.lists(pieces, max_size=5).map("".join)
    return st.one_of(st.sampled_from(ATOMS), short, short.map(lambda text: (text * longest)[:longest] if text else text))


@st.composite
def hostile_results(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Results of every module, some of whose texts are such texts."""
    found = []
    for one in templates().values():
        result = copy.deepcopy(one)
        places = list(_places(result))
        for path in draw(st.lists(st.sampled_from(places), min_size=1, max_size=6, unique=True)):
            place = result
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = draw(texts(3000))
        found.append(result)
    return found
