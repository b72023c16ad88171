# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong, or will be, with the keys and certificates of an instance: the identifiers of `lint` in `postfix_tls_info`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import postfix, x509
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import FileState, ReadFile
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed import (
    CHAIN_FILES,
    PAIRS,
    Deployed,
    Deployment,
    certificate_file,
    resolve,
    smtpd_services,
    sni_tables,
    split_files,
)
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, Scope
from ansible_collections.mailops.tls.plugins.module_utils._postfix.sni_maps import table_file
from ansible_collections.mailops.tls.plugins.module_utils._postfix.tls_settings import client_level, server_level
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.chain import out_of_order
from ansible_collections.mailops.tls.plugins.module_utils._x509.findings import expired, expires_soon, issuer_missing, not_yet_valid
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import ReferenceName, match_names, reference_name

_TLSPROXY = {name: "tlsproxy_" + name[len("smtpd_") :] for name in (CHAIN_FILES, *(one for pair in PAIRS for one in pair))}
_RSA_PAIR, _DSA_PAIR, _EC_PAIR = PAIRS
_OWN_KIND = {_RSA_PAIR[0]: ("rsa", "rsa-pss"), _DSA_PAIR[0]: ("dsa",), _EC_PAIR[0]: ("ecdsa",)}


def lint(
    instance: Instance, found: Deployment, read_file: ReadFile, *, names: Sequence[ReferenceName], now: datetime, min_days_left: int
) -> list[Finding]:
    """Return all findings, each once, those about the configuration first.

    Args:
        names: names that every default chain should be for.
        now: aware; certificates that end less than *min_days_left* days later are a finding.
            """
    problems: list[Finding] = [*found.problems]
    problems += [*_settings(instance), *_services(instance, found), *_tables(instance, read_file)]
    for item in found.items:
        problems += [*item.problems, *_key(item), *_certificates(item, now, min_days_left), *_names(item, names)]
    return list(dict.fromkeys(problems))


def _settings(instance: Instance) -> Iterator[Finding]:
    """Parameters of main.cf, and those of services as far as they are worse."""
    of_main = [*_parameters(instance.main)]
    yield from of_main
    for scope in instance.scopes.values():
        for one in _parameters(scope):
            if one not in of_main:
                yield replace(one, subject=f"{scope.name}/{one.subject}")


def _parameters(scope: Scope) -> Iterator[Finding]:
    yield from _shadowed(scope)
    yield from _relative(scope)
    yield from _levels(scope)


def _shadowed(scope: Scope) -> Iterator[Finding]:
    if not split_files(scope.value(CHAIN_FILES)):
        return
    legacy = [name for name, _key_name in PAIRS if certificate_file(scope, name)]
    if legacy:
        text = f"{CHAIN_FILES} is set, so Postfix ignores {' and '.join(legacy)}"
        yield Finding(postfix.CHAIN_FILES_SHADOW_LEGACY_PARAMETERS, CHAIN_FILES, text)


def _relative(scope: Scope) -> Iterator[Finding]:
    words = [(CHAIN_FILES, word) for word in split_files(scope.value(CHAIN_FILES))]
    for parameter, key_parameter in PAIRS:
        if certificate_file(scope, parameter):
            words += [(parameter, scope.value(parameter)), (key_parameter, scope.value(key_parameter))]
    for parameter, word in words:
        if word and not word.startswith("/"):
            text = f"{parameter}: {word} is relative: for smtpd it is {resolve(scope, word)}, for `postfix tls` something else"
            yield Finding(postfix.RELATIVE_PATH_IN_MAIN_CF, parameter, text)


def _levels(scope: Scope) -> Iterator[Finding]:
    sides = (("smtp_tls_security_level", client_level(scope)), ("smtpd_tls_security_level", server_level(scope)))
    for parameter, level in sides:
        value = scope.value(parameter)
        if level.level is None:
            yield Finding(postfix.SECURITY_LEVEL_INVALID, parameter, f"there is no level {value}")
        elif parameter.startswith("smtpd") and value.lower() in ("verify", "secure", "fingerprint"):
            text = f"the server has no level {value} and takes it for encrypt"
            yield Finding(postfix.SECURITY_LEVEL_UNSUPPORTED, parameter, text)


def _services(instance: Instance, found: Deployment) -> Iterator[Finding]:
    """What is wrong for a service altogether: TLS without certificate, TLS broken by a file, tlsproxy with another chain."""
    for service in smtpd_services(instance):
        scope = instance.scope(service)
        if server_level(scope).level in (None, "none"):
            continue
        chains = [item for item in found.items if service.name in item.services and item.server_name is None]
        if not chains and scope.value(_RSA_PAIR[0]).lower() != "none":
            yield Finding(postfix.NO_CERTIFICATE, service.name, f"{service.name}: TLS is on, but no certificate is configured")
        broken = [item.source for item in chains if not item.usable and not item.is_out_of_reach]
        if broken:
            # Most mistakes turn TLS off (454 to STARTTLS); after a chain file that cannot be opened there is STARTTLS without certificate.
            text = f"{service.name}: TLS does not work until {' and '.join(dict.fromkeys(broken))} can be used"
            yield Finding(postfix.TLS_BROKEN, service.name, text)
        kinds = {item.algorithm for item in chains if item.usable}
        if kinds and not any(item.is_out_of_reach for item in chains) and not kinds & {"rsa", "rsa-pss"}:
            text = f"{service.name}: there is no RSA key, and clients that know nothing else cannot use TLS"
            yield Finding(postfix.NO_RSA_KEY, service.name, text)
    if any(one.command == "postscreen" for one in instance.services):
        for parameter, proxy in _TLSPROXY.items():
            if instance.main.values.get(proxy, instance.main.value(parameter)) != instance.main.value(parameter):
                text = f"{proxy} differs from {parameter}: postscreen serves another chain than smtpd"
                yield Finding(postfix.TLSPROXY_DIFFERS, proxy, text)


def _tables(instance: Instance, read_file: ReadFile) -> Iterator[Finding]:
    """Tables made by `postmap -F` hold private keys."""
    for scope in (instance.main, *instance.scopes.values()):
        for table in sni_tables(scope):
            path = table_file(table)
            if path is not None and not table.startswith("texthash:"):
                yield from _readable_by_others(read_file(path))


def _key(item: Deployed) -> Iterator[Finding]:
    for file in item.files:
        if file.path == item.material.key_name:
            yield from _readable_by_others(file)
    if item.source in _OWN_KIND and item.material.key is not None:
        if item.algorithm not in _OWN_KIND[item.source]:
            text = f"{item.source} has a key of type {item.algorithm}; Postfix serves it, `postfix tls` takes it for another"
            yield Finding(postfix.UNEXPECTED_ALGORITHM, item.source, text)
        if item.key_parameter == item.source != _DSA_PAIR[0]:
            key_parameter = dict(PAIRS)[item.source]
            text = f"{key_parameter} is not set: `postfix tls` does not find the key and makes a new one for a new certificate"
            yield Finding(postfix.KEY_PARAMETER_NOT_SET, key_parameter, text)


def _readable_by_others(file: FileState) -> Iterator[Finding]:
    if file.mode is None:
        return
    if file.mode & 0o007:
        text = f"{file.path}: mode {file.mode:04o} lets everybody at a private key"
        yield Finding(postfix.KEY_READABLE_BY_OTHERS, file.path, text)
    elif file.mode & 0o070 and file.gid != 0:
        text = f"{file.path}: mode {file.mode:04o} lets group {file.gid} at a private key"
        yield Finding(postfix.KEY_READABLE_BY_GROUP, file.path, text)
    if file.uid is not None and file.uid != 0:
        yield Finding(postfix.KEY_NOT_OWNED_BY_ROOT, file.path, f"{file.path}: it is owned by user {file.uid}")


def _certificates(item: Deployed, now: datetime, min_days_left: int) -> Iterator[Finding]:
    chain, names = item.material.chain, item.material.chain_names
    for certificate, name in zip(chain, names):
        yield from _validity(certificate, name, now, min_days_left)
    if not chain:
        return
    at = out_of_order(chain)
    if at is not None:
        text = f"{names[at]}: certificate {at + 1} of the chain did not issue the one before it"
        yield Finding(x509.CHAIN_UNORDERED, names[at], text)
        return
    if len(chain) == 1 and not chain[0].is_self_issued:
        yield issuer_missing(names[0], chain[0], names[0])


def _validity(certificate: Certificate, name: str, now: datetime, min_days_left: int) -> Iterator[Finding]:
    who, begin, end = certificate.shown_subject, certificate.not_before, certificate.not_after
    if begin is not None and begin > now:
        yield not_yet_valid(name, f"{name}: {who} is valid from {begin.date()} on")
    if end is not None and end < now:
        yield expired(name, f"{name}: {who} expired on {end.date()}")
    elif end is not None and end < now + timedelta(days=min_days_left):
        yield expires_soon(name, certificate, name)


def _names(item: Deployed, names: Sequence[ReferenceName]) -> Iterator[Finding]:
    if not item.material.chain:
        return
    place = item.material.chain_names[0]
    for name in names if item.server_name is None else _server_name(item.server_name):
        if not match_names(item.material.chain[0], [name]).matched:
            yield Finding(x509.NAME_MISSING, place, f"{place}: the certificate is not for {name.value}")


def _server_name(text: str) -> tuple[ReferenceName, ...]:
    try:
        return (reference_name(text),)
    except OptionError:
        return ()  # a key that no client asks for


def reference_names(names: Sequence[str] | None, myhostname: str) -> tuple[ReferenceName, ...]:
    """Return the names that default chains should be for: those of the option `names`, else the host name of the instance.

    Raises:
        OptionError: for what can be no name.
    """
    if names is not None:
        return tuple(reference_name(name, "names") for name in names)
    return _server_name(myhostname) if not myhostname.startswith("/") else ()
