# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of the certificates and TLSA records of one endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._grade.endpoint_view import EndpointView, Observation, Observed
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import flag, mapping, mappings, number, word, words
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import name_matches, reference_name

_FIXED = {"ed25519": "Ed25519", "ed448": "Ed448", "x25519": "X25519", "x448": "X448"}
_KEYS_WITH_BITS = {"rsa": "RSA", "rsa-pss": "RSA", "dsa": "DSA"}
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_DANE_USAGES = (2, 3)
Read = Callable[[EndpointView, Mapping[str, Any]], "str | None"]


def key_value(facts: object) -> str | None:
    """Return a public key as a value: `RSA-2048`, the name of a curve, `Ed25519`. None when it cannot be read."""
    key = mapping(facts)
    kind, bits = word(key.get("type")), number(key.get("bits"))
    if kind in _KEYS_WITH_BITS:
        return f"{_KEYS_WITH_BITS[kind]}-{int(bits)}" if bits is not None else None
    if kind == "ecdsa":
        return word(key.get("curve")) or "a curve of its own"
    return _FIXED.get(kind, kind) or None


def _key(_endpoint: EndpointView, certificate: Mapping[str, Any]) -> str | None:
    return key_value(certificate.get("public_key"))


def _signature(_endpoint: EndpointView, certificate: Mapping[str, Any]) -> str | None:
    return word(certificate.get("signature_algorithm")) or None


def _days(_endpoint: EndpointView, certificate: Mapping[str, Any]) -> str | None:
    begin, end = (_moment(certificate.get(key)) for key in ("not_before", "not_after"))
    if begin is None or end is None or end < begin:
        return None
    return f"days-{-(-int((end - begin).total_seconds()) // 86400)}"


def _moment(text: object) -> datetime | None:
    try:
        return datetime.strptime(word(text), _TIME)
    except ValueError:
        return None


def _name(endpoint: EndpointView, certificate: Mapping[str, Any]) -> str | None:
    names = certificate.get("dns_names")
    if not isinstance(names, list):
        return None
    try:
        wanted = reference_name(endpoint.host)
    except OptionError:
        return None
    presented = words(names, 1000) + words(certificate.get("ip_addresses"), 100)
    return "matches" if any(name_matches(one, wanted) for one in presented) else "other_name"


def _reader(read: Read, field: str, *, leaf: bool) -> Callable[[EndpointView], Observed]:
    """Read something of the certificates of each session: of the server's own alone, or of all but a root."""

    def subject(endpoint: EndpointView) -> Observed:
        found = Observed()
        for session in endpoint.sessions:
            for depth, certificate in enumerate(session.chain[:1] if leaf else session.chain):
                if depth and _is_root(certificate):
                    continue
                value = read(endpoint, certificate)
                if value is None:
                    found += endpoint.gap(f"certificate {depth} cannot be read")
                else:
                    found += Observed((Observation(value, endpoint.name, f"{session.path}.chain[{depth}].{field}"),))
        return found if found.seen or found.gaps else endpoint.gap(_no_certificate(endpoint))

    return subject


def _is_root(certificate: Mapping[str, Any]) -> bool:
    subject = certificate.get("subject")
    return subject is not None and subject == certificate.get("issuer")


def _no_certificate(endpoint: EndpointView) -> str:
    return endpoint.nothing if not endpoint.speaks_tls else endpoint.trouble or "no certificate was shown"


def trust(endpoint: EndpointView) -> Observed:
    """Whether the chain leads to a trusted authority: `trusted`, `untrusted`."""
    trusted = flag(mapping(endpoint.facts.get("verification")).get("trusted"))
    if trusted is None:
        return endpoint.gap(_no_certificate(endpoint) if not any(one.chain for one in endpoint.sessions) else "trust was not asked for")
    return Observed((endpoint.saw("trusted" if trusted else "untrusted", f"{endpoint.path}.verification.trusted"),))


def dane(endpoint: EndpointView) -> Observed:
    """What TLSA records say of the certificate: `valid`, `failed`, `none`, `not_validated`."""
    field = f"{endpoint.path}.tlsa"
    tlsa = mapping(endpoint.facts.get("tlsa"))
    lookup = word(tlsa.get("lookup"))
    if lookup in ("none", "insecure"):
        return Observed((endpoint.saw("none" if lookup == "none" else "not_validated", field),))
    if lookup != "found":
        return endpoint.gap(word(tlsa.get("error")) or endpoint.trouble or "the level of the probe does not ask for TLSA records")
    usable = [one for one in mappings(tlsa.get("records"), 100) if one.get("usage") in _DANE_USAGES]
    if not usable:
        return Observed((endpoint.saw("none", field),))
    if any(one.get("matched") is True for one in usable):
        return Observed((endpoint.saw("valid", field),))
    if all(one.get("usable") is False or one.get("matched") is False for one in usable):
        return Observed((endpoint.saw("failed", field),))
    return endpoint.gap(_no_certificate(endpoint))


def dane_rollover(endpoint: EndpointView) -> Observed:
    """Whether there are records for a key to come: `prepared` with two of usage 3, or one each of 3 and 2, else `single`."""
    tlsa = mapping(endpoint.facts.get("tlsa"))
    if word(tlsa.get("lookup")) != "found":
        return endpoint.gap("there are no TLSA records")
    usages = [one.get("usage") for one in mappings(tlsa.get("records"), 100)]
    prepared = usages.count(3) > 1 or (3 in usages and 2 in usages)
    return Observed((endpoint.saw("prepared" if prepared else "single", f"{endpoint.path}.tlsa.records"),))


def has_anchor_records(endpoint: EndpointView) -> bool:
    """True when there are TLSA records of usage 2, for which the name in the certificate counts."""
    return any(one.get("usage") == 2 for one in mappings(mapping(endpoint.facts.get("tlsa")).get("records"), 100))


def has_signed_name(endpoint: EndpointView) -> bool:
    """True when the answer on TLSA records, found or not, was validated for the name of the server itself."""
    tlsa = mapping(endpoint.facts.get("tlsa"))
    asked = word(tlsa.get("lookup")) in ("found", "none") and word(tlsa.get("base_domain")).lower() == endpoint.host
    return asked and tlsa.get("secure") is True


CERTIFICATE_SUBJECTS: Mapping[str, Callable[[EndpointView], Observed]] = {
    "certificate_key": _reader(_key, "public_key", leaf=False),
    "certificate_signature": _reader(_signature, "signature_algorithm", leaf=False),
    "leaf_key": _reader(_key, "public_key", leaf=True),
    "leaf_signature": _reader(_signature, "signature_algorithm", leaf=True),
    "leaf_lifetime": _reader(_days, "not_after", leaf=True),
    "certificate_name": _reader(_name, "dns_names", leaf=True),
    "certificate_trust": trust,
    "dane": dane,
    "dane_rollover": dane_rollover,
}
"""By the word that a policy has in `applies`."""
