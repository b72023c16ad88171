# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen from outside: results of `smtp_tls_probe` as the endpoints of the rollover. Pure.

Results come by way of playbooks and files, so nothing of their shape is taken for granted: what does not fit is a user's mistake. What
a server did wrong is a problem of its endpoint.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import rollover
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import owner_name
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._rollover.certificates import served_chain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import EndpointSight, Fault, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import pem_blocks

_OPTION = "verification"
KINDS = ("rsa", "ecdsa")
"""The kinds of keys that any server may have."""
_VERIFIED = "verified"
_SHOWN = 80
_UNSEEN = "nobody looked at this address"
_NOWHERE = "no address"
_NO_STARTTLS = (ErrorKind.STARTTLS_NOT_OFFERED.value, ErrorKind.STARTTLS_REJECTED.value)
_LOOKUPS = {
    "none": "they were not found there, though they are published",
    "insecure": "they, or the addresses, were not validated with DNSSEC there",
    "skipped": "they were not asked for (security_level dane), or the addresses were not validated with DNSSEC there",
}


@dataclass(frozen=True)
class OurEndpoints:
    """The exchanges and ports whose endpoints count, and this server's addresses; all of them are when `addresses` is None."""

    hosts: tuple[str, ...]
    ports: tuple[int, ...]
    addresses: tuple[str, ...] | None = None

    def has_address(self, address: str) -> bool:
        """Return whether an address is one of this server."""
        return self.addresses is None or address in self.addresses


def endpoints_of(
    results: Sequence[Any], ours: OurEndpoints, published: Collection[str] = (), kinds: Collection[str] = KINDS
) -> tuple[EndpointSight, ...]:
    """Return the endpoints of the exchanges and ports; others are passed over.

    A destination that could not be resolved becomes an endpoint without address for each exchange it names.

    Args:
        published: owners that have records. Who did not see them cannot judge by them.
        kinds: the kinds of keys that have to have been asked for.

    Raises:
        OptionError: for what is no result of a probe.
    """
    found: list[EndpointSight] = []
    for result in results:
        endpoints = _item(result, "endpoints", list)
        for endpoint in endpoints:
            found += _endpoint(endpoint, ours, published, kinds)
        if not endpoints:
            found += _unresolved(result, ours)
    return tuple(found)


@dataclass(frozen=True)
class AddressesFound:
    """The addresses that DNS has for a host; `error` is why they may not be all."""

    found: tuple[str, ...] = ()
    error: str | None = None


def with_all_addresses(
    endpoints: Sequence[EndpointSight], ours: OurEndpoints, addresses: Mapping[str, AddressesFound]
) -> tuple[EndpointSight, ...]:
    """Return the endpoints, and one that was not reached for each address of an exchange that is not among them.

    The host that probes may have left some out, or may have another view of DNS. Senders use all that DNS has.
    """
    seen = {(one.owner, one.address) for one in endpoints}
    found = list(endpoints)
    for host in ours.hosts:
        known = addresses.get(host, AddressesFound(error="nobody looked them up"))
        for port in ours.ports:
            owner = owner_name(host, port)
            problem = None
            if known.error is not None:
                problem = f"which addresses it has could not be found out: {known.error}"
            elif not known.found:
                problem = "the resolver of this server finds no address"
            if problem is not None:
                found.append(EndpointSight(owner, _NOWHERE, ours.has_address(""), False, False, (), clean(problem)))
            for address in known.found:
                if (owner, _place(address, port)) not in seen:
                    found.append(EndpointSight(owner, _place(address, port), ours.has_address(address), False, False, (), _UNSEEN))
    return tuple(found)


def _unresolved(result: Any, ours: OurEndpoints) -> Iterator[EndpointSight]:
    text = str(_item(result, "destination", str))
    for host in ours.hosts:
        for port in ours.ports:
            if text.lower() in (f"[{host}]:{port}", f"[{host}]"):
                problem = _error(result) or "no address was found"
                # Such a result stands for a host which was to look and could not (looks.py).
                looked = _item(result, "error", Mapping, {}).get("kind") != rollover.VANTAGE_FAILED.id
                yield EndpointSight(owner_name(host, port), _NOWHERE, ours.has_address(""), False, False, (), clean(problem), looked=looked)


def _endpoint(endpoint: Any, ours: OurEndpoints, published: Collection[str], kinds: Collection[str]) -> Iterator[EndpointSight]:
    host = str(_item(endpoint, "host", str)).lower().rstrip(".")
    if host not in ours.hosts:
        return
    text = _item(endpoint, "address", str, None)
    if text is None:
        for port in ours.ports:
            problem = _error(endpoint) or "no address was found"
            yield EndpointSight(owner_name(host, port), _NOWHERE, ours.has_address(""), False, False, (), clean(problem))
        return
    port = _item(endpoint, "port", int, 0)
    if port not in ours.ports:
        return
    address = normalized_address(text)
    if address is None:
        raise _refused(text, "is not the address of an endpoint")
    owner = owner_name(host, port)
    yield _sight(endpoint, owner, _place(address, port), ours.has_address(address), owner in published, kinds)


def _sight(endpoint: Any, owner: str, place: str, ours: bool, published: bool, kinds: Collection[str]) -> EndpointSight:
    """An address: each kind of key must have been asked for, and the TLSA records must have been known to who looked."""
    sessions = _item(endpoint, "key_algorithms", list, [])
    failure, status = _error(endpoint), _item(endpoint, "status", str)
    chains = tuple(dict.fromkeys(one for one in (_served(session, place) for session in sessions or [endpoint]) if one is not None))
    incomplete, fault = _incomplete(endpoint, sessions, published, kinds) or (None, None)
    if incomplete is None and not chains:
        incomplete, fault = failure or "it showed no certificate", Fault.NOT_REACHED
    if incomplete is not None and not chains:
        fault = _without_certificate([endpoint, *sessions], fault)
    problem = incomplete
    verified = status == _VERIFIED or _delivers_without_records(endpoint, published)
    if incomplete is None and not verified:
        problem, fault = failure or f"it is {status}: {_reason([endpoint, *sessions])}", Fault.NOT_VERIFIED
    reached = incomplete is None
    shown = None if problem is None else clean(problem)
    return EndpointSight(owner, place, ours, reached, reached and verified, chains, shown, fault)


def _without_certificate(items: Sequence[Any], otherwise: Fault | None) -> Fault | None:
    """What is wrong with a server that showed no certificate: it offers no STARTTLS, or it was not reached."""
    found = [one["error"] for one in items if isinstance(one.get("error"), Mapping)]
    if any(one.get("kind") in _NO_STARTTLS for one in found):
        return Fault.STARTTLS_NOT_OFFERED
    return Fault.NOT_REACHED if found else otherwise


def _delivers_without_records(endpoint: Any, published: bool) -> bool:
    """Whether mail is delivered since nothing says that it must not: there are no TLSA records, and the session is fine."""
    satisfied = _item(endpoint, "satisfied", bool, False)
    return satisfied is True and not published and _item(_item(endpoint, "tlsa", Mapping), "lookup", str) == "none"


def _place(address: str, port: int) -> str:
    return address if port == 25 else f"[{address}]:{port}"


def _incomplete(
    endpoint: Any, sessions: Sequence[Any], published: bool, kinds: Collection[str]
) -> tuple[str, Fault] | None:
    """Why nothing can be concluded from a look, None when it came to its end."""
    asked = {str(_item(one, "algorithm", str)) for one in sessions}
    missing = [kind for kind in kinds if kind not in asked]
    if missing:
        return f"it was not asked for its {' and '.join(missing)} key (key_algorithms)", Fault.KEY_KINDS_MISSING
    unknown = [one for one in sessions if _item(one, "offered", bool, None) is None]
    if unknown:
        names = " and ".join(str(one["algorithm"]) for one in unknown)
        text = f"it could not be found out which key it has of the kind {names}: {_error(unknown[0]) or 'no error'}"
        return text, Fault.KEY_KINDS_MISSING
    tlsa = _item(endpoint, "tlsa", Mapping)
    lookup = _item(tlsa, "lookup", str)
    if (lookup == "found" and tlsa.get("secure") is True) or (lookup == "none" and not published):
        return None
    return "who looked could not use its TLSA records: %s" % (tlsa.get("error") or _LOOKUPS.get(lookup, lookup)), Fault.TLSA_NOT_SEEN


def _served(session: Any, place: str) -> ServedChain | None:
    """The chain of one session.

    Raises:
        OptionError: when the certificates themselves are not there.
    """
    items = _item(session, "chain", list, [])
    if not items:
        return None
    chain = []
    for item in items:
        pem = _item(item, "pem", str, None)
        if pem is None:
            raise _refused(place, "has no certificates in PEM; probe with include_pem")
        chain.append(_certificate(pem, place))
    key = chain[0].public_key
    if chain[0].spki is None or key is None:
        raise _refused(place, "has a certificate whose key cannot be read")
    return served_chain(key.type, chain, place)


def _certificate(pem: str, place: str) -> Certificate:
    try:
        found = Certificate(next(pem_blocks(pem.encode("utf-8"))).der)
    except (ValueError, StopIteration):
        raise _refused(place, "has a certificate that is no PEM") from None
    return found


def _reason(items: Sequence[Any]) -> str:
    """Why something is not verified: the first finding on a certificate."""
    for one in items:
        verification = one.get("verification")
        error = verification.get("error") if isinstance(verification, Mapping) else None
        if isinstance(error, Mapping) and error.get("text"):
            return str(error["text"])
    return "no TLSA record was used"


def _error(item: Any) -> str | None:
    error = _item(item, "error", Mapping, None)
    return None if error is None else str(error.get("text") or error.get("kind") or "an error")


_NEEDED = object()


def _item(mapping: Any, name: str, kind: type, default: Any = _NEEDED) -> Any:
    """An item of a mapping, of one type; None or missing is the default."""
    if not isinstance(mapping, Mapping):
        raise _refused(mapping, "is not an item of the results of smtp_tls_probe")
    value = mapping.get(name)
    if value is None and default is not _NEEDED:
        return default
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _refused(value, f"is no {name} in the results of smtp_tls_probe")
    return value


def _refused(value: object, reason: str) -> OptionError:
    return OptionError(_OPTION, clean(str(value), _SHOWN), reason)
