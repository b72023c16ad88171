# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that was found about mail servers as one text: what is broken, then ports, TLS, certificates, logins, a delivery, findings (pure).

Takes the results of `mailbox_tls_probe`, `mail_auth_probe` and `mail_delivery_probe`. They come from the host that probed, which may be
anybody's by now, so what has not their shape is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._results.broken import broken, every_finding, joined
from ansible_collections.mailops.tls.plugins.module_utils._results.columns import Line, columns, paragraph
from ansible_collections.mailops.tls.plugins.module_utils._results.delivery_report import delivery_report
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import (
    error_text,
    flag,
    mapping,
    mappings,
    number,
    reply_text,
    shown,
    word,
    words,
)
from ansible_collections.mailops.tls.plugins.module_utils._results.senders import what_senders_do
from ansible_collections.mailops.tls.plugins.module_utils._results.table import DEFAULT_WIDTH

NARROWEST = 80
MOST = 100
"""Endpoints, ports, logins and findings of one host that are shown."""
_SERVICES = ("PORT", "SERVICE", "STATE", "VERDICT", "TLS", "CERT", "LOGIN BEFORE TLS", "LOGIN INSIDE TLS")
_LOGINS = ("SERVICE", "ADDRESS", "PORT", "MECHANISM", "OUTCOME", "ANSWER")
Results = Sequence[Mapping[str, Any]]


def diagnosis(
    results: Results, logins: Results = (), delivery: Mapping[str, Any] | None = None, width: int = DEFAULT_WIDTH
) -> dict[str, list[str]]:
    """Return `lines`, none longer than *width*, and `broken`, a sentence for each thing that does not work now.

    Args:
        results: those of `mailbox_tls_probe`, or of `mail_auth_probe`.
        logins: those of `mail_auth_probe`, and of every other look at the same targets.
        delivery: what `mail_delivery_probe` returned.
        width: the longest line, at least 80.

    Raises:
        ValueError: when one of them is something else, or the width is too small.
    """
    if not isinstance(width, int) or isinstance(width, bool) or width < NARROWEST:
        raise ValueError(f"a diagnosis needs a width of at least {NARROWEST}, not {word(width)}")
    for one in (results, logins):
        if isinstance(one, (str, bytes, Mapping)) or not isinstance(one, Sequence):
            raise ValueError(f"a list of results is needed, not {shown(one)}")
    if delivery is not None and not isinstance(delivery, Mapping):
        raise ValueError(f"the delivery is what mail_delivery_probe returned, not {shown(delivery)}")
    merged = _merged(mappings(results, MOST), mappings(logins, MOST))
    findings = every_finding([*mappings(results, MOST), *mappings(logins, MOST), *([delivery] if delivery else [])])
    sentences = broken(merged, findings, delivery or {})
    lines: list[str] = []
    if merged or not delivery:  # a delivery alone begins with what became of it
        lines += ["broken now" if sentences else "Nothing is broken."]
        lines += [line for sentence in sentences for line in paragraph(sentence, width, 2)] + [""]
    lines += what_senders_do(merged, width)
    for result in merged:
        lines += [*_target(result, width), ""]
    tried = [line for result in merged for line in _login_lines(result)][:MOST]
    if tried:
        lines += ["logins", *columns(_LOGINS, tried, width), ""]
    if delivery:
        lines += [*delivery_report(delivery, width), ""]
    lines += _findings(findings, width)
    return {"lines": lines, "broken": sentences}


def _findings(findings: Results, width: int) -> Iterator[str]:
    """The findings that say the same together, with where it is so and what to do about it."""
    yield "findings" if findings else "There are no findings."
    places: dict[tuple[str, ...], list[str]] = {}
    for finding in findings:
        told = tuple(word(finding.get(key)) for key in ("severity", "id", "text", "fix"))
        places.setdefault(told, []).append(word(finding.get("subject")))
    for (severity, one, text, fix), subjects in list(places.items())[:MOST]:
        yield from paragraph(f"{severity}: {one}: {text}", width, 2)
        yield from paragraph(f"at {joined(subjects)}", width, 6)
        yield from paragraph(fix, width, 6)
    if len(places) > MOST:
        yield f"  and {len(places) - MOST} more"


def _merged(results: Results, logins: Results) -> list[dict[str, Any]]:
    """The targets with their endpoints, each as the login saw it where there was one: that has all the probe of TLS has, and more."""
    merged: dict[tuple[str, ...], dict[str, Any]] = {}
    for result in (*results, *logins):
        named = tuple(word(result.get(key)) for key in ("lookup", "target"))
        whole = merged.setdefault(named, {**result, "endpoints": []})
        whole["ports"] = whole.get("ports") or result.get("ports")
        places = {_place(one): at for at, one in enumerate(whole["endpoints"])}
        for endpoint in mappings(result.get("endpoints"), MOST):
            at = places.get(_place(endpoint))
            if at is None:
                whole["endpoints"].append(endpoint)
            elif "logins" in endpoint or "logins" not in whole["endpoints"][at]:
                whole["endpoints"][at] = endpoint
    return list(merged.values())


def _place(endpoint: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(word(endpoint.get(key)) for key in ("service", "host", "address", "port"))


def _target(result: Mapping[str, Any], width: int) -> Iterator[str]:
    """The table of one host or domain: a line for each port of each address, and the certificates below it."""
    said = error_text(result.get("error"))
    yield from paragraph(f"{word(result.get('target'))}: {word(result.get('status'))}{', ' + said if said else ''}", width)
    endpoints = mappings(result.get("endpoints"), MOST)
    leaves = _leaves(endpoints)
    places = dict.fromkeys((word(one.get("host")), word(one.get("address"))) for one in endpoints)
    ports = mappings(result.get("ports"), 9 * MOST)
    for host, address in places:
        here = [one for one in endpoints if (word(one.get("host")), word(one.get("address"))) == (host, address)]
        asked = {number(one.get("port")) for one in here}
        closed = [one for one in ports if word(one.get("address")) == address and number(one.get("port")) not in asked]
        rows = [(number(one.get("port")) or 0, _endpoint_line(one, leaves)) for one in here]
        rows += [(number(one.get("port")) or 0, _port_line(one)) for one in closed]
        yield ""
        yield from paragraph(f"{host} [{address or 'no address'}]", width, 2)
        yield from columns(_SERVICES, [line for _port, line in sorted(rows, key=lambda row: row[0])], width, wrapped=2)
    if leaves:
        yield ""
    certificates = {_fingerprint(_leaf(one)): _leaf(one) for one in reversed(endpoints)}
    for key, at in leaves.items():
        yield from _certificate(at, certificates[key], width)


def _endpoint_line(endpoint: Mapping[str, Any], leaves: Mapping[str, int]) -> Line:
    opened = word(endpoint.get("port_state")) == "open"
    verification, before = mapping(endpoint.get("verification")), word(endpoint.get("tls_mode")) == "starttls"
    wrong = error_text(endpoint.get("error")) or word(mapping(verification.get("error")).get("text"))
    cells = (
        word(endpoint.get("port")),
        word(endpoint.get("service")),
        word(endpoint.get("port_state")),
        word(endpoint.get("status")) if opened else "",
        word(mapping(endpoint.get("tls")).get("protocol")),
        str(leaves.get(_fingerprint(_leaf(endpoint)), "")),
        _ways(endpoint, "before_tls") if opened and before else "",
        _ways(endpoint, "after_tls") if opened else "",
    )
    return Line(cells, (wrong,) if opened and wrong else ())


def _port_line(port: Mapping[str, Any]) -> Line:
    return Line((word(port.get("port")), word(port.get("service")), word(port.get("state")), *[""] * 5))


def _ways(endpoint: Mapping[str, Any], when: str) -> str:
    """The ways to log in: SASL mechanisms, and the protocol's own command; nothing where nobody knows."""
    mechanisms = mapping(endpoint.get("auth_mechanisms")).get(when)
    command = flag(mapping(endpoint.get("password_login")).get(when))
    if not isinstance(mechanisms, (list, tuple)) and command is None:
        return ""
    own = {"imap": "IMAP-LOGIN", "pop3": "USER-PASS"}.get(word(endpoint.get("protocol")), "")
    ways = words(mechanisms) + ([own] if command and own else [])
    return " ".join(ways) or "none"


def _leaf(endpoint: Mapping[str, Any]) -> Mapping[str, Any]:
    chain = mappings(endpoint.get("chain"), 1)
    return chain[0] if chain else {}


def _fingerprint(leaf: Mapping[str, Any]) -> str:
    digests = mapping(mapping(leaf.get("fingerprints")).get("certificate"))
    return next((word(value) for value in digests.values()), "")


def _leaves(endpoints: Results) -> dict[str, int]:
    """The servers' own certificates by fingerprint, numbered as they come."""
    found = dict.fromkeys(_fingerprint(_leaf(one)) for one in endpoints)
    found.pop("", None)
    return {key: at for at, key in enumerate(found, 1)}


def _certificate(at: int, leaf: Mapping[str, Any], width: int) -> Iterator[str]:
    key, names = mapping(leaf.get("public_key")), words(leaf.get("dns_names")) + words(leaf.get("ip_addresses"))
    kind = f"{word(key.get('type'))} {word(key.get('bits'))}".strip()
    yield from paragraph(
        f"certificate {at}: {word(leaf.get('subject')) or 'without subject'}, for {' '.join(names[:10]) or 'no name'}, "
        f"by {word(leaf.get('issuer'))}, {word(leaf.get('not_before'))[:10]} to {word(leaf.get('not_after'))[:10]}, {kind}", width, 2
    )  # fmt: skip


def _login_lines(result: Mapping[str, Any]) -> Iterator[Line]:
    for endpoint in mappings(result.get("endpoints"), MOST):
        for login in mappings(endpoint.get("logins"), MOST):
            said = reply_text(login.get("reply")) or error_text(login.get("error"))
            cells = (word(endpoint.get("service")), word(endpoint.get("address")), word(endpoint.get("port")))
            yield Line((*cells, word(login.get("mechanism")), word(login.get("outcome")), said))
