# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys and certificates an instance serves, wherever they are configured, by service and server name.

The rules are those of smtpd(8) (smtpd.c, tls_certkey.c): `smtpd_tls_chain_files` takes the place of the older pairs of parameters; a key
file not named is the certificate's file; relative names are relative to `queue_directory`, the daemons' working directory;
one file that cannot be used breaks TLS altogether. Values and files in, values out; what is wrong is a `Finding`, never an error.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import postfix
from ansible_collections.mailops.tls.plugins.module_utils._files.rights import explained
from ansible_collections.mailops.tls.plugins.module_utils._files.state import FileState, ReadFile
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, MasterService, Scope
from ansible_collections.mailops.tls.plugins.module_utils._postfix.sni_maps import ReadTable, absolute_table, sni_entries, table_names
from ansible_collections.mailops.tls.plugins.module_utils._x509 import der, public_key
from ansible_collections.mailops.tls.plugins.module_utils._x509.chain_files import (
    KeyAndChain,
    Loaded,
    Pem,
    load_joined,
    load_pair,
    load_sequence,
)

CHAIN_FILES = "smtpd_tls_chain_files"
PAIRS = (
    ("smtpd_tls_cert_file", "smtpd_tls_key_file"),
    ("smtpd_tls_dcert_file", "smtpd_tls_dkey_file"),
    ("smtpd_tls_eccert_file", "smtpd_tls_eckey_file"),
)
"""Parameters of certificate and key, in the order in which Postfix loads them."""
SNI_MAPS = "tls_server_sni_maps"
_SEPARATORS = re.compile(r"[\s,]+")


@dataclass(frozen=True)
class Deployed:
    """One key with its chain, as services serve it.

    Args:
        source: the parameter it is configured by.
        key_parameter: the parameter that names the key; that of the certificate when no other is set.
        services: names of the services of master.cf that serve it (`smtp/inet`); main.cf alone may have none.
        server_name: the SNI key it is for, which begins with a dot for subdomains; None for the default chains.
        material: key and certificates, as far as they could be read.
        files: every file that was read for it, the key's first.
        problems: why Postfix cannot use it; empty when it can.
            """

    source: str
    key_parameter: str
    services: tuple[str, ...]
    server_name: str | None
    material: KeyAndChain
    files: tuple[FileState, ...]
    problems: tuple[Finding, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether Postfix can load it."""
        return not self.problems

    @property
    def is_out_of_reach(self) -> bool:
        """Whether nothing is known to be wrong, but files could not be read for want of rights."""
        return bool(self.problems) and all(one.kind is postfix.PERMISSION_DENIED for one in self.problems)

    @property
    def public_key(self) -> public_key.PublicKey | None:
        """Type, bits and curve of the key."""
        try:
            return None if self.material.spki is None else public_key.decode(self.material.spki)
        except der.DerError:
            return None

    @property
    def algorithm(self) -> str | None:
        """The kind of key: `rsa`, `ecdsa`, `ed25519`...; None when there is none."""
        return self.public_key.type if self.public_key else None

    @property
    def public_key_sha256(self) -> str | None:
        """The SHA-256 of the SubjectPublicKeyInfo that clients are shown, lower-case hexadecimal: the data of `3 1 1`."""
        return None if self.material.spki is None else hashlib.sha256(self.material.spki).hexdigest()


def is_of_main(instance: Instance, item: Deployed) -> bool:
    """Tell whether main.cf configures an item, and not only the -o options of single services."""
    return not item.services or any(service not in instance.scopes for service in item.services)


def is_for(server_name: str, host: str) -> bool:
    """Tell whether a key of tls_server_sni_maps is this host, or with a dot before it a domain above."""
    return host.lower().endswith(server_name) if server_name.startswith(".") else host.lower() == server_name


@dataclass(frozen=True)
class Deployment:
    """All that an instance serves, and what is wrong with the configuration itself."""

    items: tuple[Deployed, ...]
    problems: tuple[Finding, ...] = ()


def deployment(instance: Instance, read_file: ReadFile, read_table: ReadTable) -> Deployment:
    """Return what the services of an instance serve, those of main.cf first.

    Services that serve the same from the same parameters share an item. Services at level `none` are included: what they
    have configured would be served as soon as TLS is turned on.
    """
    found: list[Deployed] = []
    problems: list[Finding] = []
    for scope, services in _scopes(instance):
        for item in (*_default_chains(scope, read_file, problems), *_by_server_name(scope, read_file, read_table, problems)):
            twin = next((at for at, one in enumerate(found) if replace(one, services=()) == item), None)
            if twin is None:
                found.append(replace(item, services=services))
            else:
                found[twin] = replace(found[twin], services=(*found[twin].services, *services))
    return Deployment(tuple(found), tuple(dict.fromkeys(problems)))


def smtpd_services(instance: Instance) -> tuple[MasterService, ...]:
    """Return the services of master.cf whose program is smtpd(8)."""
    return tuple(one for one in instance.services if one.command == "smtpd")


def _scopes(instance: Instance) -> Iterator[tuple[Scope, tuple[str, ...]]]:
    services = smtpd_services(instance)
    yield instance.main, tuple(one.name for one in services if one.name not in instance.scopes)
    for one in services:
        if one.name in instance.scopes:
            yield instance.scopes[one.name], (one.name,)


def split_files(value: str) -> tuple[str, ...]:
    """Return the words of a list of file names (CHARS_COMMA_SP)."""
    return tuple(word for word in _SEPARATORS.split(value) if word)


def resolve(scope: Scope, path: str) -> str:
    """Return the absolute path of a file that a parameter names."""
    return posixpath.join(scope.value("queue_directory") or "/", path)


def sni_tables(scope: Scope) -> tuple[str, ...]:
    """Return the tables of chains by server name, with absolute names of files."""
    directory = resolve(scope, "")
    return tuple(absolute_table(table, directory) for table in table_names(scope.value(SNI_MAPS)))


def certificate_file(scope: Scope, parameter: str) -> str:
    """Return the value of one of the three certificate parameters, where `none` says that there shall be none."""
    value = scope.value(parameter)
    return "" if parameter == PAIRS[0][0] and value.lower() == "none" else value


def _default_chains(scope: Scope, read_file: ReadFile, problems: list[Finding]) -> Iterator[Deployed]:
    names = split_files(scope.value(CHAIN_FILES))
    if names:
        files = tuple(read_file(resolve(scope, name)) for name in names)
        yield from _sequence(CHAIN_FILES, None, files)
        return
    found: list[Deployed] = []
    for parameter, key_parameter in PAIRS:
        certificates = certificate_file(scope, parameter)
        if certificates:
            key = scope.value(key_parameter)
            named = key_parameter if scope.explicit.get(key_parameter) else parameter
            item = _pair(parameter, named, read_file(resolve(scope, certificates)), read_file(resolve(scope, key)))
            found = [*_beside(found, item, problems)]
    yield from found


def _beside(found: Sequence[Deployed], new: Deployed, problems: list[Finding]) -> Iterator[Deployed]:
    """What there is once another pair was loaded: OpenSSL has one place for each kind of key.

    Two files take the place of the key before them (SSL_CTX_use_certificate_chain_file). One file for both does not, and
    that is the end of TLS (SSL_CTX_use_cert_and_key).
    """
    for item in found:
        if item.algorithm is None or item.algorithm != new.algorithm or not (item.usable and new.usable):
            yield item
        elif len(new.files) == 1:
            text = f"{new.material.key_name}: a second {new.algorithm} key, where Postfix takes one of each kind"
            new = replace(new, problems=(Finding(postfix.DUPLICATE_ALGORITHM, new.material.key_name, text),))
            yield item
        else:
            text = f"{item.source}: Postfix serves the {item.algorithm} key of {new.source} in its place"
            problems.append(Finding(postfix.KEY_SHADOWED, item.source, text))
    yield new


def _by_server_name(scope: Scope, read_file: ReadFile, read_table: ReadTable, problems: list[Finding]) -> Iterator[Deployed]:
    seen: set[str] = set()
    for table in sni_tables(scope):
        entries, why = sni_entries(table, read_table)
        if why:
            problems.append(Finding(postfix.SNI_MAP_UNLISTED, table, explained(why)))
        for entry in entries:
            if entry.name in seen:
                continue  # the first table that has a name decides
            seen.add(entry.name)
            if entry.pem is not None:
                yield from _sequence(SNI_MAPS, entry.name, (FileState(table, entry.pem),), load_joined)
            elif entry.files:
                yield from _sequence(SNI_MAPS, entry.name, tuple(read_file(resolve(scope, name)) for name in entry.files), load_joined)
            else:
                text = f"{table}: the value of {entry.name} names no files, and is not what postmap -F makes of them"
                problem = Finding(postfix.SNI_VALUE_MALFORMED, entry.name, text)
                yield Deployed(SNI_MAPS, SNI_MAPS, (), entry.name, KeyAndChain(), (), (problem,))


def _pair(parameter: str, key_parameter: str, certificates: FileState, key: FileState) -> Deployed:
    files = (key,) if certificates == key else (key, certificates)
    problems = _unreadable(files)
    loaded = Loaded((KeyAndChain(),))
    if not problems:
        loaded = load_pair(Pem(certificates.path, certificates.data), Pem(key.path, key.data))
        problems = _loading(loaded, certificates.path)
    material = loaded.chains[0]
    return Deployed(parameter, key_parameter, (), None, material, files, (*problems, *_disagreement(material)))


def _sequence(
    source: str, server_name: str | None, files: tuple[FileState, ...], load: Callable[[Sequence[Pem]], Loaded] = load_sequence
) -> Iterator[Deployed]:
    """One item for each key; what stops Postfix concerns all of them."""
    unreadable = _unreadable(files)
    loaded = load([Pem(file.path, file.data) for file in files if file.error is None])
    stopped = unreadable or _loading(loaded, files[0].path)
    kinds: list[str | None] = []
    for material in loaded.chains or (KeyAndChain(),):
        own = [file for file in files if file.path in (material.key_name, *material.chain_names)] or list(files)
        own.sort(key=lambda file: file.path != material.key_name)
        item = Deployed(source, source, (), server_name, material, tuple(own), (*stopped, *_disagreement(material)))
        if item.algorithm is not None and item.algorithm in kinds:
            text = f"{material.key_name}: a second {item.algorithm} key, where Postfix takes one of each kind"
            item = replace(item, problems=(*item.problems, Finding(postfix.DUPLICATE_ALGORITHM, material.key_name, text)))
        kinds.append(item.algorithm)
        yield item


def _unreadable(files: Sequence[FileState]) -> tuple[Finding, ...]:
    return tuple(_unread(file) for file in files if file.error)


def _unread(file: FileState) -> Finding:
    if file.denied:
        return Finding(postfix.PERMISSION_DENIED, file.path, explained(f"{file.path}: {file.error}"))
    return Finding(postfix.FILE_UNREADABLE, file.path, f"{file.path}: {file.error}")


def _loading(loaded: Loaded, subject: str) -> tuple[Finding, ...]:
    return () if loaded.kind is None else (Finding(loaded.kind, loaded.text.partition(":")[0] or subject, loaded.text),)


def _disagreement(material: KeyAndChain) -> tuple[Finding, ...]:
    if material.agrees is not False:
        return ()
    text = f"the private key in {material.key_name} is not that of the certificate in {material.chain_names[0]}"
    return (Finding(postfix.KEY_CERTIFICATE_MISMATCH, material.key_name, text),)
