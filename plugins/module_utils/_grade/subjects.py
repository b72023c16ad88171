# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of the TLS of one endpoint, a function for each thing that policies are about: versions, suites, groups and the like.

Each returns values, and a gap for whatever may exist beside them. Without a scan only the sessions of the probe are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._grade.endpoint_view import (
    BEFORE_1_3,
    TLS_1_3,
    EndpointView,
    Observation,
    Observed,
    ScanItem,
    entries_of,
    names_of,
)
from ansible_collections.mailops.tls.plugins.module_utils._grade.suite_names import iana_name
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import number, word

_LARGE_PRIME = 3072
"""From so many bits a prime can be one of the well-known ones that are large enough; only a scan tells which it is."""


def starttls(endpoint: EndpointView) -> Observed:
    """Whether TLS is offered: `offered`, `not_offered`."""
    path = endpoint.path
    if endpoint.speaks_tls:
        field = f"{path}.tls" if endpoint.facts.get("tls") else f"{path}.scan.versions" if endpoint.scan else f"{path}.error"
        return Observed((endpoint.saw("offered", field),))
    if endpoint.lacks_starttls:
        field = f"{path}.error" if endpoint.error_kind else f"{path}.capabilities.before_tls"
        return Observed((endpoint.saw("not_offered", field),))
    return endpoint.gap(endpoint.trouble or "it was not looked for")


def tls_version(endpoint: EndpointView) -> Observed:
    """The protocol versions that are accepted, in Postfix's spelling."""
    found = _of_sessions(endpoint, "protocol")
    if not endpoint.scan:
        return found + endpoint.gap(endpoint.nothing)
    for name, item in endpoint.versions.items():
        if item.value is True:
            found += Observed((endpoint.saw(name, item.field),))
        elif not item.observed:
            found += endpoint.gap(f"{name}: {item.why}")
    return found


def cipher_suite(endpoint: EndpointView) -> Observed:
    """The cipher suites that are accepted, by IANA's names."""
    found = _of_sessions(endpoint, "cipher", iana_name)
    if not endpoint.scan:
        return found + endpoint.gap(endpoint.nothing)
    listed = {name: endpoint.item("suites", name) for name in (*BEFORE_1_3, TLS_1_3)}
    levels = scanned_levels(endpoint)
    items = (*listed.values(), *levels.values())
    found += Observed(tuple([Observation(iana_name(name), endpoint.name, item.field) for item in items for name in names_of(item)]))
    top = max((name for name in BEFORE_1_3 if endpoint.versions[name].value is True), key=BEFORE_1_3.index, default=None)
    asked_by_level = bool(levels) and all(item.complete for item in levels.values())
    for name, item in listed.items():
        version = endpoint.versions[name]
        if not version.observed:
            found += endpoint.gap(f"{name}: {version.why}")
        elif version.value is True and not item.complete and not (name == top and asked_by_level):
            found += endpoint.gap(f"suites of {name}: {_why_open(item, levels) if name == top else item.why}")
    return found


def scanned_levels(endpoint: EndpointView) -> dict[str, ScanItem]:
    """Return the levels by which a scan for a grade asked for suites."""
    levels = endpoint.scan.get("levels")
    return {str(name): endpoint.item("levels", str(name)) for name in levels} if isinstance(levels, Mapping) else {}


def _why_open(item: ScanItem, levels: Mapping[str, ScanItem]) -> str:
    return next((level.why for level in levels.values() if not level.complete), item.why)


def key_exchange(endpoint: EndpointView) -> Observed:
    """The groups and the Diffie-Hellman primes. A prime without a name is `DH-` and its bits."""
    found = Observed()
    for one in _of_sessions(endpoint, "group").seen:
        bits = one.value[2:]
        if not (one.value.startswith("dh") and bits.isdigit()):
            found += Observed((one,))
        elif int(bits) < _LARGE_PRIME:
            found += Observed((Observation(f"DH-{int(bits)}", one.endpoint, one.field),))
        elif not endpoint.scan:
            found += endpoint.gap(f"only a scan tells which prime of {bits} bits it is")
    if not endpoint.scan:
        return found + endpoint.gap(endpoint.nothing)
    groups, primes = endpoint.item("groups"), endpoint.item("primes")
    found += Observed(tuple(endpoint.saw(word(one.get("name")), groups.field) for one in entries_of(groups)))
    for prime in entries_of(primes):
        found += Observed((endpoint.saw(word(prime.get("name")) or f"DH-{int(number(prime.get('bits')) or 0)}", primes.field),))
    for item, what in ((groups, "groups"), (primes, "primes")):
        if not item.complete:
            found += endpoint.gap(f"{what}: {item.why}")
    return found


def key_exchange_hash(endpoint: EndpointView) -> Observed:
    """The digests with which the server signs a key exchange of TLS 1.2; TLS 1.3 has no weak ones."""
    found = Observed(tuple(
        one for session in endpoint.sessions if session.tls.get("protocol") != TLS_1_3
        for one in _session_value(endpoint, session.path, session.tls.get("signature_digest"), "signature_digest")
    ))  # fmt: skip
    if not endpoint.scan:
        return found + endpoint.gap(endpoint.nothing)
    if endpoint.only_1_3:
        return found
    item = endpoint.item("weak_signature")
    if not item.observed:
        return found + endpoint.gap(item.why)
    if item.value is None:
        return found
    digest = word(item.value).rpartition("-")[2]
    found += Observed((endpoint.saw(digest, item.field),))
    return found if digest == "SHA1" else found + endpoint.gap("one weak digest was seen, and there may be others")


def signature_scheme(endpoint: EndpointView) -> Observed:
    """The signature schemes, as `RSA-PSS-SHA256`."""
    found = Observed()
    for session in endpoint.sessions:
        algorithm, digest = session.tls.get("signature"), session.tls.get("signature_digest")
        if isinstance(algorithm, str) and algorithm:
            value = f"{algorithm}-{digest}" if isinstance(digest, str) and digest else algorithm
            found += Observed((endpoint.saw(value, f"{session.path}.tls.signature"),))
    if not endpoint.scan:
        return found + endpoint.gap(endpoint.nothing)
    item = endpoint.item("signature_schemes")
    found += Observed(tuple(endpoint.saw(name.replace(" (PSS key)", ""), item.field) for name in names_of(item)))
    return found if item.complete or endpoint.only_1_3 else found + endpoint.gap(item.why)


def preference(endpoint: EndpointView) -> Observed:
    """Whose order of suites counts: `server`, `client`, or `one_suite` where there is nothing to choose."""
    item = endpoint.item("preference")
    if item.observed:
        return Observed((endpoint.saw(item.value, item.field),))
    return endpoint.gap(item.why)


def _switch(name: str) -> Callable[[EndpointView], Observed]:
    """Something that TLS 1.3 has no more: `on` or `off`."""

    def read(endpoint: EndpointView) -> Observed:
        item = endpoint.item(name)
        if item.observed and isinstance(item.value, bool):
            found = Observed((endpoint.saw("on" if item.value else "off", item.field),))
            return found if item.complete else found + endpoint.gap(item.why)
        return Observed() if endpoint.only_1_3 else endpoint.gap(item.why)

    return read


def extended_master_secret(endpoint: EndpointView) -> Observed:
    """Whether TLS 1.2 has the extended master secret: `on`, `off`."""
    without_1_2 = bool(endpoint.versions) and endpoint.versions["TLSv1.2"].value is False
    return Observed() if without_1_2 else _switch("extended_master_secret")(endpoint)


def client_renegotiation(endpoint: EndpointView) -> Observed:
    """Whether a client may renegotiate. No scan asks for it, since it takes eleven tries that servers take for an attack."""
    return endpoint.gap("no probe of this collection asks for it" if endpoint.speaks_tls else endpoint.nothing)


def early_data(endpoint: EndpointView) -> Observed:
    """Whether tickets of TLS 1.3 allow early data: `on`, `off`. No probe sends any."""
    found = Observed()
    for session in endpoint.sessions:
        most = number(session.tls.get("max_early_data"))
        if session.tls.get("protocol") == TLS_1_3 and most is not None:
            found += Observed((endpoint.saw("on" if most else "off", f"{session.path}.tls.max_early_data"),))
    if found.seen:
        return found
    older = endpoint.versions[TLS_1_3].value is False if endpoint.versions else False
    return Observed() if older else endpoint.gap("no ticket of TLS 1.3 came" if endpoint.speaks_tls else endpoint.nothing)


def _of_sessions(endpoint: EndpointView, key: str, convert: Callable[[str], str] = str) -> Observed:
    return Observed(tuple(
        one for session in endpoint.sessions for one in _session_value(endpoint, session.path, session.tls.get(key), key, convert)
    ))  # fmt: skip


def _session_value(
    endpoint: EndpointView, path: str, value: object, key: str, convert: Callable[[str], str] = str
) -> tuple[Observation, ...]:
    return (endpoint.saw(convert(value), f"{path}.tls.{key}"),) if isinstance(value, str) and value else ()


TLS_SUBJECTS: Mapping[str, Callable[[EndpointView], Observed]] = {
    "starttls": starttls,
    "tls_version": tls_version,
    "cipher_suite": cipher_suite,
    "key_exchange": key_exchange,
    "key_exchange_hash": key_exchange_hash,
    "signature_scheme": signature_scheme,
    "compression": _switch("compression"),
    "secure_renegotiation": _switch("secure_renegotiation"),
    "extended_master_secret": extended_master_secret,
    "client_renegotiation": client_renegotiation,
    "early_data": early_data,
}
"""By the word that a policy has in `applies`."""
