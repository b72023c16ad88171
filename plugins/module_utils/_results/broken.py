# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What does not work now, in a sentence each: of all that was found about mail servers, what somebody has to mend today (pure).

A finding of severity `error` is one, and so is a service that a client cannot trust, a login that is refused, a message that is lost. On
ports 25 and 24 certificates are told and do not count: senders take any, unless a policy says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._results.delivery_report import fate
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import mapping, mappings, word

MOST = 100
MOST_FINDINGS = 1000
MOST_PLACES = 20
RELAYING = frozenset(("smtp", "lmtp"))
"""Services whose clients are mail servers."""
_RANKS = {"error": 0, "warning": 1, "notice": 2}
_OF_CLIENTS = ("certificate_", "starttls_not_offered", "starttls_rejected", "tls_protocol_old")
"""Findings, by how their ids begin, that count where people log in."""
_REFUSED = {
    "bad_credentials": "The name or the password is wrong",
    "mechanism_refused": "The server refuses the mechanism",
    "tls_required": "The server wants TLS before the login",
    "temporary_failure": "The server cannot check logins now",
    "rate_limited": "The server has had too many logins",
    "account_problem": "The server has something against this account",
    "server_not_authentic": "The server does not know the password that it asks for",
    "withheld": "The password was not sent",
    "protocol_error": "The server does not keep to the protocol of the login",
    "disconnected": "The server closed the connection during the login",
    "timeout": "The server did not answer the login in time",
}
"""What outcomes of a login mean that is not one."""


def every_finding(parts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the findings of all results, each once, the worst first."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for part in parts:
        for one in mappings(part.get("lint"), MOST_FINDINGS):
            found.setdefault((word(one.get("id")), word(one.get("subject"))), one)
    return sorted(found.values(), key=lambda one: _RANKS.get(word(one.get("severity")), 3))


def broken(results: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]], delivery: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each thing that does not work now, with all places where it is so."""
    relaying = {
        place_of(endpoint)
        for result in results
        for endpoint in mappings(result.get("endpoints"), MOST)
        if word(endpoint.get("service")) in RELAYING
    }
    errors = [one for one in findings if word(one.get("severity")) == "error" and _counts(one, relaying)]
    told = {word(one.get("subject")) for one in errors}
    wrong = [(word(one.get("text")), word(one.get("subject"))) for one in errors]
    wrong += [pair for result in results for pair in _result(result, told)]
    wrong += [pair for result in results for pair in _logins(result)]
    sentences = [*_sentences(wrong), *_nobody(results)]
    if delivery and delivery.get("delivered") is not True and (delivery.get("delivered") is False or delivery.get("error")):
        sentences.append(fate(delivery))
    return [one[:1].upper() + one[1:] for one in sentences[:MOST]]


def refused_logins(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each way in which logins ended badly, with all places where it is so."""
    return _sentences([pair for result in results for pair in _logins(result)])[:MOST]


def _sentences(wrong: Sequence[tuple[str, str]]) -> list[str]:
    """Put what is wrong in the same way into one sentence, with its places."""
    places: dict[str, list[str]] = {}
    for text, place in wrong:
        places.setdefault(text, []).append(place)
    return [f"{text.rstrip('.')}: {joined(found)}" for text, found in places.items()]


def joined(places: Sequence[str]) -> str:
    """Return places in one line, the first few of many."""
    named = list(dict.fromkeys(places))
    more = f" and {len(named) - MOST_PLACES} more" if len(named) > MOST_PLACES else ""
    return ", ".join(named[:MOST_PLACES]) + more


def _counts(finding: Mapping[str, Any], relaying: set[str]) -> bool:
    return word(finding.get("subject")) not in relaying or not word(finding.get("id")).startswith(_OF_CLIENTS)


def place_of(endpoint: Mapping[str, Any]) -> str:
    """Return where a service is, as findings name it."""
    return f"{word(endpoint.get('host'))}[{word(endpoint.get('address')) or 'no address'}]:{word(endpoint.get('port'))}"


def _result(result: Mapping[str, Any], told: set[str]) -> Iterator[tuple[str, str]]:
    """Services that run, and that a client would not use; or that there are none at all."""
    if result.get("error"):
        yield _reason(result), word(result.get("target"))
        return
    for endpoint in mappings(result.get("endpoints"), MOST):
        usable = endpoint.get("satisfied") is True or word(endpoint.get("port_state")) != "open"
        at_port_25 = word(endpoint.get("service")) in RELAYING and word(endpoint.get("status")) != "failed"
        if usable or at_port_25 or place_of(endpoint) in told:
            continue
        wrong = word(mapping(mapping(endpoint.get("verification")).get("error")).get("text"))
        yield _reason(endpoint) or wrong or word(endpoint.get("status")), place_of(endpoint)


def _reason(result: Mapping[str, Any]) -> str:
    error = mapping(result.get("error"))
    return word(error.get("text")) or word(error.get("kind"))


def _logins(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Logins that ended badly. What was withheld from a server that has not verified is told by its certificate already."""
    for endpoint in mappings(result.get("endpoints"), MOST):
        ended: dict[str, list[str]] = {}
        for login in mappings(endpoint.get("logins"), MOST):
            outcome = word(login.get("outcome"))
            if outcome in _REFUSED and (outcome != "withheld" or endpoint.get("satisfied") is True):
                ended.setdefault(outcome, []).append(word(login.get("mechanism")))
        for outcome, mechanisms in ended.items():
            yield _REFUSED[outcome], f"{word(endpoint.get('service'))} at {place_of(endpoint)} ({', '.join(mechanisms)})"


def _nobody(results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say that no login could be tried, if so."""
    outcomes = {
        word(login.get("outcome"))
        for result in results
        for endpoint in mappings(result.get("endpoints"), MOST)
        for login in mappings(endpoint.get("logins"), MOST)
    }
    if outcomes and not outcomes - {"not_offered", "unsupported"}:
        yield "Nobody could log in: no mechanism that was to be tried is offered"
