# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's wishes as one checked value. Every mistake is found here, and nothing is asked of anybody."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname, is_record_name
from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts_text import MOST_MAX_AGE, PolicyMode
from ansible_collections.mailops.tls.plugins.module_utils._domain.published import published_records
from ansible_collections.mailops.tls.plugins.module_utils._domain.publishing_steps import Published
from ansible_collections.mailops.tls.plugins.module_utils._domain.wishes import (
    CaaWish,
    DkimWish,
    DmarcWish,
    GivenRecord,
    MailWishes,
    SpfWish,
    SrvWish,
    StsWish,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._idna import domain_of, to_ascii
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._module.options import port
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_ttl
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import parse_wanted
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import PemError, pem_blocks
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_key import decode

ReadFile = Callable[[str, str], bytes]
"""Reads a file that an option names: (option, path) -> content. Raises `OptionError`."""
_MAIL_ADDRESS = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,253}")
_SHORTEST_RSA = 1024
_ED25519_HEADER = 12
"""Octets before the key itself in its SubjectPublicKeyInfo (RFC 8410); DKIM takes the key alone (RFC 8463 section 4)."""


@dataclass(frozen=True)
class RecordsWished:
    """Everything a task says. `published` is what a look at the domain has seen, None without one."""

    wishes: MailWishes
    published: Published | None = None


def wishes_options(params: Mapping[str, Any], read: ReadFile) -> RecordsWished:
    """Turn the parameters of `mail_domain_records` into options.

    Raises:
        OptionError: for the first value that cannot be used.
    """
    domain = _name("domain", params["domain"], is_record_name)
    report = None if params["report_address"] is None else _mailbox("report_address", params["report_address"])
    reports = (report,) if report else ()
    exchanges = _exchanges(params["exchanges"])
    wishes = MailWishes(
        domain=domain,
        exchanges=exchanges,
        sends=params["sends"],
        spf=_spf(params["spf"], exchanges),
        dkim=tuple(_key(one, read) for one in params["dkim"] or ()),
        dmarc=_dmarc(params["dmarc"], reports),
        mta_sts=_sts(params["mta_sts"], exchanges),
        tlsrpt=tuple(_report_uri(one) for one in params["tlsrpt"] or ()) or reports,
        caa=_caa(params["caa"], reports),
        services=tuple(_service(one) for one in params["services"] or ()),
        tlsa=_tlsa(params["tlsa"] or ()),
        ttl=parse_ttl(params["ttl"]) or 0,
    )
    _check_together(wishes, params)
    return RecordsWished(wishes, published_records(params["current"], domain) if params["current"] is not None else None)


def _name(option: str, text: str, fits: Callable[[str], bool] = is_hostname) -> str:
    try:
        converted = to_ascii(text[:-1] if text.endswith(".") else text)
    except ValueError as problem:
        raise OptionError(option, text, str(problem)) from problem
    if not fits(converted):
        raise OptionError(option, text, "is not a domain name" if fits is is_record_name else "is not a host name")
    return converted.lower()


def _mailbox(option: str, text: str) -> str:
    local, at, domain = text.rpartition("@")
    address = f"{local}{at}{domain if domain.isascii() else domain_of(domain)}"
    if not _MAIL_ADDRESS.fullmatch(address):
        raise OptionError(option, text, "is not a mail address, as in reports@example.org")
    return address


def _report_uri(text: str) -> str:
    if text.startswith("https://") and text.isascii() and text.isprintable() and " " not in text and ";" not in text:
        return text
    return _mailbox("tlsrpt", text)


def _exchanges(items: Sequence[Mapping[str, Any]] | None) -> tuple[tuple[int, str], ...] | None:
    if items is None:
        return None
    found = []
    for item in items:
        if not 0 <= item["preference"] <= 65535:
            raise OptionError("exchanges", item["preference"], "is not a preference from 0 to 65535")
        found.append((item["preference"], _name("exchanges", item["host"])))
    hosts = [host for _preference, host in found]
    twice = next((host for host in hosts if hosts.count(host) > 1), None)
    if twice is not None:
        raise OptionError("exchanges", twice, "is named twice")
    return tuple(sorted(found))


def _spf(given: Mapping[str, Any] | None, exchanges: tuple[tuple[int, str], ...] | None) -> SpfWish | None:
    if given is None:
        return None
    networks = tuple(_network(text) for text in given["networks"] or ())
    includes = tuple(_name("spf.includes", text, is_record_name) for text in given["includes"] or ())
    own = given["exchanges"] and exchanges != ()
    return SpfWish(own, networks, includes, given["rest"])


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text.strip())
    except ValueError as problem:
        raise OptionError("spf.networks", text, f"is not an address or a network: {problem}") from None
    return str(network.network_address if network.prefixlen == network.max_prefixlen else network)


def _key(given: Mapping[str, Any], read: ReadFile) -> DkimWish:
    selector = _name("dkim.selector", given["selector"], is_record_name)
    if (given["publickey_path"] is None) is (given["publickey_content"] is None):
        raise OptionError("dkim", given["selector"], "needs exactly one of publickey_path and publickey_content")
    if given["publickey_path"] is not None:
        shown, content = given["publickey_path"], read("dkim.publickey_path", given["publickey_path"])
    else:
        shown, content = f"the publickey_content of {selector}", given["publickey_content"].encode("utf-8")
    try:
        spki = [block.der for block in pem_blocks(content) if block.label == "PUBLIC KEY"]
        kind = decode(spki[0])
    except (PemError, ValueError, IndexError):
        raise OptionError("dkim", shown, "has no public key in PEM, as `openssl pkey -pubout` writes it") from None
    if kind.type == "rsa" and (kind.bits or 0) >= _SHORTEST_RSA:
        return DkimWish(selector, "rsa", base64.b64encode(spki[0]).decode("ascii"))
    if kind.type == "ed25519":
        return DkimWish(selector, "ed25519", base64.b64encode(spki[0][_ED25519_HEADER:]).decode("ascii"))
    raise OptionError("dkim", shown, f"is a key of type {kind.type} with {kind.bits} bits; DKIM has RSA from 1024 bits and Ed25519")


def _dmarc(given: Mapping[str, Any] | None, reports: tuple[str, ...]) -> DmarcWish | None:
    if given is None:
        return None
    rua = tuple(_mailbox("dmarc.rua", text) for text in given["rua"] or ()) or reports
    return DmarcWish(
        given["policy"], given["subdomain_policy"], given["nonexistent_policy"], rua, given["strict_dkim"], given["strict_spf"]
    )


def _sts(given: Mapping[str, Any] | None, exchanges: tuple[tuple[int, str], ...] | None) -> StsWish | None:
    if given is None:
        return None
    if not 86400 <= given["max_age"] <= MOST_MAX_AGE:
        raise OptionError("mta_sts.max_age", given["max_age"], f"is not a number of seconds from 86400 to {MOST_MAX_AGE}")
    wish = StsWish(PolicyMode(given["mode"]), tuple(_pattern(text) for text in given["mx"] or ()), given["max_age"])
    if wish.mode is not PolicyMode.NONE and not wish.patterns and not exchanges:
        raise OptionError("mta_sts.mx", given["mx"], "names no exchange, and neither does exchanges")
    return wish


def _pattern(text: str) -> str:
    wild = "*." if text.startswith("*.") else ""
    return wild + _name("mta_sts.mx", text[len(wild) :])


def _caa(given: Mapping[str, Any] | None, reports: tuple[str, ...]) -> CaaWish | None:
    if given is None:
        return None
    named = {tag: _authorities(tag, given[tag]) for tag in ("issue", "issuewild", "issuemail")}
    iodef = tuple(_mailbox("caa.iodef", text) for text in given["iodef"] or ()) or reports
    return CaaWish(iodef=iodef, **named)


def _authorities(tag: str, names: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(_name(f"caa.{tag}", name, is_record_name) for name in names)


def _service(given: Mapping[str, Any]) -> SrvWish:
    service = MailService(given["service"])
    if given["host"] is None:
        if given["port"] is not None:
            raise OptionError("services", given["port"], f"is a port, but {service.value} has no host")
        return SrvWish(service)
    for item in ("priority", "weight"):
        if not 0 <= given[item] <= 65535:
            raise OptionError("services", given[item], f"is not a {item} from 0 to 65535")
    number = service.terms.port if given["port"] is None else port(given["port"], "services")
    return SrvWish(service, _name("services", given["host"]), number, given["priority"], given["weight"])


def _tlsa(items: Sequence[Mapping[str, Any]]) -> tuple[GivenRecord, ...]:
    if not items:
        return ()
    try:
        wanted = parse_wanted(items)
    except OptionError as error:
        raise OptionError("tlsa", error.value, error.reason) from error
    return tuple(GivenRecord(one.owner, "TLSA", str(record), one.ttl) for one in wanted for record in one.records)


def _check_together(wishes: MailWishes, params: Mapping[str, Any]) -> None:
    """What cannot be wished at the same time."""
    if not wishes.sends and (wishes.spf is not None or wishes.dkim):
        raise OptionError("sends", False, "means that nobody sends for the domain; leave spf and dkim out, or set it to true")
    if wishes.exchanges == () and wishes.mta_sts is not None and wishes.mta_sts.mode is not PolicyMode.NONE:
        raise OptionError("mta_sts.mode", wishes.mta_sts.mode.value, "needs exchanges: a domain that receives no mail has no policy")
    owners = [(one.service, one.target) for one in wishes.services]
    absent = {service for service, target in owners if not target}
    both = next((service for service, target in owners if target and service in absent), None)
    if both is not None:
        raise OptionError("services", both.value, "has a host, and an item without one, which says that there is no such service")
    if not any(params[name] is not None for name in _PARTS) and wishes.sends:
        raise OptionError("domain", params["domain"], f"is all there is: say what is wanted by one of {', '.join(_PARTS)}")


_PARTS = ("exchanges", "report_address", "spf", "dkim", "dmarc", "mta_sts", "tlsrpt", "caa", "services", "tlsa")
