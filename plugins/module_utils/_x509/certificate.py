# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One certificate as a server sent it: fingerprints always, every other attribute as far as it can be read.

Nothing is decoded before it is asked for, and no library decodes it: the fingerprints and the SPKI come from the
bytes as they came, and what cryptography refuses to load (one odd certificate in five) is still shown and matched.
"""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime
from functools import cached_property
from typing import Callable, TypeVar

from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._x509 import der, distinguished_name, extensions, public_key
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import pem_text
from ansible_collections.mailops.tls.plugins.module_utils._x509.signature_algorithms import SignatureAlgorithm, identify
from ansible_collections.mailops.tls.plugins.module_utils._x509.structure import (
    Extension,
    Structure,
    outline,
    read_extensions,
)

_Value = TypeVar("_Value")
_ORGANIZATION = "2.5.4.10"


def _readable(read: Callable[[], _Value]) -> _Value | None:
    try:
        return read()
    except der.DerError:
        return None


class Certificate:
    """A certificate made of its raw DER. Making one never fails; an attribute that cannot be read is `None` or empty.

    Equal when the DER is equal, and hashable. Not frozen by force, but nothing ever changes it.
    """

    def __init__(self, raw: bytes) -> None:
        self.der = bytes(raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and other.der == self.der

    def __hash__(self) -> int:
        return hash(self.der)

    def __repr__(self) -> str:
        return "Certificate(%s)" % (self.subject or self.digest("sha256"))

    # --- the outline: raw parts ---

    @cached_property
    def structure(self) -> Structure | None:
        """The raw parts; `None` when the bytes have not the outline of a certificate."""
        return _readable(lambda: outline(self.der))

    @property
    def is_exact(self) -> bool:
        """Whether the bytes are one certificate and nothing more."""
        return self.structure is not None and self.structure.exact

    @property
    def spki(self) -> bytes | None:
        """The SubjectPublicKeyInfo as it came, DER: what TLSA selector 1 and public key fingerprints look at."""
        return self.structure.spki.raw if self.structure else None

    @property
    def subject_der(self) -> bytes:
        """The subject Name as it came; empty when there is no outline."""
        return self.structure.subject.raw if self.structure else b""

    @property
    def issuer_der(self) -> bytes:
        """The issuer Name as it came; empty when there is no outline."""
        return self.structure.issuer.raw if self.structure else b""

    def digest(self, algorithm: str) -> str:
        """Return the certificate's fingerprint: the digest of the whole DER, lower-case hexadecimal."""
        return hashlib.new(algorithm, self.der).hexdigest()

    def public_key_digest(self, algorithm: str) -> str | None:
        """Return the public key's fingerprint: the digest of the SPKI, lower-case hexadecimal."""
        return None if self.spki is None else hashlib.new(algorithm, self.spki).hexdigest()

    # --- names ---

    @cached_property
    def _subject_name(self) -> distinguished_name.Name | None:
        return _readable(lambda: distinguished_name.parse(self.subject_der))

    @cached_property
    def _issuer_name(self) -> distinguished_name.Name | None:
        return _readable(lambda: distinguished_name.parse(self.issuer_der))

    @cached_property
    def subject(self) -> str | None:
        """The subject as clean RFC 4514 text."""
        return None if self._subject_name is None else clean(distinguished_name.rfc4514(self._subject_name))

    @property
    def shown_subject(self) -> str:
        """What a certificate is called in texts for people: by its subject, which may be empty."""
        return self.subject or "a certificate without subject"

    @cached_property
    def issuer(self) -> str | None:
        """The issuer as clean RFC 4514 text."""
        return None if self._issuer_name is None else clean(distinguished_name.rfc4514(self._issuer_name))

    @cached_property
    def canonical_subject(self) -> object:
        """The subject in the form names are compared in (RFC 5280 section 7.1)."""
        return distinguished_name.canonical(self.subject_der)

    @cached_property
    def canonical_issuer(self) -> object:
        """The issuer in the form names are compared in."""
        return distinguished_name.canonical(self.issuer_der)

    @property
    def is_self_issued(self) -> bool:
        """Whether subject and issuer are the same name."""
        return self.structure is not None and self.canonical_subject == self.canonical_issuer

    @property
    def subject_common_names(self) -> tuple[str, ...]:
        """Every CN of the subject, `uncleaned` (a NUL stays, so that it cannot match anything)."""
        return distinguished_name.values(self._subject_name or (), distinguished_name.COMMON_NAME)

    @property
    def issuer_common_name(self) -> str | None:
        """The issuer's first CN, else its O, as Postfix shows it; clean text."""
        name = self._issuer_name or ()
        found = distinguished_name.values(name, distinguished_name.COMMON_NAME)
        found = found or distinguished_name.values(name, _ORGANIZATION)
        return clean(found[0]) if found else None

    @cached_property
    def _alternative_names(self) -> extensions.AlternativeNames | None:
        if self.extension_values is None:
            return None
        value = self.extension_values.get(extensions.SUBJECT_ALTERNATIVE_NAME)
        return (
            extensions.AlternativeNames() if value is None else _readable(lambda: extensions.alternative_names(value))
        )

    @property
    def names_are_readable(self) -> bool:
        """False when there may be subjectAltNames that could not be read; then the CN must not stand in for them."""
        return self._alternative_names is not None

    @property
    def dns_names(self) -> tuple[str, ...]:
        """The dNSName SANs, `uncleaned`, one character per octet (a NUL stays, so that it cannot match anything)."""
        return self._alternative_names.dns_names if self._alternative_names else ()

    @property
    def ip_addresses(self) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, ...]:
        """The iPAddress SANs."""
        return self._alternative_names.ip_addresses if self._alternative_names else ()

    @property
    def srv_names(self) -> tuple[str, ...]:
        """The SRVName SANs (RFC 4985), `uncleaned`, as `_imaps.example.org`."""
        return self._alternative_names.srv_names if self._alternative_names else ()

    # --- serial, validity, key, signature ---

    @cached_property
    def serial(self) -> int | None:
        """The serial number."""
        structure = self.structure
        return None if structure is None else _readable(lambda: der.integer(structure.serial))

    @cached_property
    def _validity(self) -> tuple[datetime | None, datetime | None]:
        structure = self.structure
        parts = None if structure is None else _readable(lambda: der.members(structure.validity))
        if parts is None or len(parts) != 2:
            return None, None
        first, last = parts
        return _readable(lambda: der.time(first)), _readable(lambda: der.time(last))

    @property
    def not_before(self) -> datetime | None:
        """Begin of the validity, aware UTC."""
        return self._validity[0]

    @property
    def not_after(self) -> datetime | None:
        """End of the validity, aware UTC."""
        return self._validity[1]

    @cached_property
    def public_key(self) -> public_key.PublicKey | None:
        """The key's type, bits and curve."""
        spki = self.spki
        return None if spki is None else _readable(lambda: public_key.decode(spki))

    @cached_property
    def signature(self) -> SignatureAlgorithm | None:
        """The algorithm the certificate is signed with: name, key type, digest."""
        structure = self.structure
        return None if structure is None else _readable(lambda: identify(structure.signature_algorithm))

    @property
    def signature_algorithm(self) -> str | None:
        """The signature algorithm as OpenSSL writes it, e.g. `sha256WithRSAEncryption`; an unknown one's OID."""
        return self.signature.name if self.signature else None

    # --- extensions ---

    @cached_property
    def extension_list(self) -> tuple[Extension, ...] | None:
        """All extensions in the order of the certificate; `None` when they cannot be read."""
        structure = self.structure
        return None if structure is None else _readable(lambda: read_extensions(structure))

    @cached_property
    def extension_values(self) -> dict[str, bytes] | None:
        """OID -> value of every extension; `None` when unreadable or one occurs twice (RFC 5280 section 4.2)."""
        if self.extension_list is None:
            return None
        found = {extension.oid: extension.value for extension in self.extension_list}
        return found if len(found) == len(self.extension_list) else None

    def _extension(self, oid: str, read: Callable[[bytes], _Value]) -> _Value | None:
        value = (self.extension_values or {}).get(oid)
        return None if value is None else _readable(lambda: read(value))

    @cached_property
    def basic_constraints(self) -> extensions.BasicConstraints | None:
        """The basicConstraints; `None` when absent or unreadable."""
        return self._extension(extensions.BASIC_CONSTRAINTS, extensions.basic_constraints)

    @cached_property
    def key_usage(self) -> frozenset[str] | None:
        """The keyUsage by RFC 5280's names; `None` when absent or unreadable."""
        return self._extension(extensions.KEY_USAGE, extensions.key_usage)

    @cached_property
    def extended_key_usage(self) -> tuple[str, ...] | None:
        """The extKeyUsage purposes as OIDs; `None` when absent or unreadable."""
        return self._extension(extensions.EXTENDED_KEY_USAGE, extensions.extended_key_usage)

    @cached_property
    def subject_key_identifier(self) -> bytes | None:
        """The subjectKeyIdentifier; `None` when absent or unreadable."""
        return self._extension(extensions.SUBJECT_KEY_IDENTIFIER, extensions.key_identifier)

    @cached_property
    def authority_key_identifier(self) -> extensions.AuthorityKeyIdentifier | None:
        """The authorityKeyIdentifier; `None` when absent or unreadable."""
        return self._extension(extensions.AUTHORITY_KEY_IDENTIFIER, extensions.authority_key_identifier)

    # --- results ---

    @property
    def pem(self) -> str:
        """The certificate as one PEM block, whatever its bytes are."""
        return pem_text("CERTIFICATE", self.der).decode("ascii")

    @cached_property
    def _told_times(self) -> tuple[str | None, str | None]:
        """Both times as results have them: a certificate is told once for each server that has it."""
        first, last = (None if one is None else _iso(one) for one in (self.not_before, self.not_after))
        return first, last

    def as_facts(self, *, include_pem: bool = False, digest: str = "sha256") -> dict[str, object]:
        """Return one item of `chain` in results.

        *digest* is any name hashlib knows and the key under `fingerprints`. The serial is text, upper-case
        hexadecimal as `openssl x509 -serial` prints it; times are ISO 8601 with `Z`. Unreadable attributes are
        `None`, and so is `pem` unless asked for.
        """
        names = self._alternative_names
        not_before, not_after = self._told_times
        return {
            "subject": self.subject,
            "issuer": self.issuer,
            "serial": None if self.serial is None else _hexadecimal(self.serial),
            "not_before": not_before,
            "not_after": not_after,
            "dns_names": None if names is None else [clean(name.encode("latin-1")) for name in names.dns_names],
            "ip_addresses": None if names is None else [str(address) for address in names.ip_addresses],
            "public_key": self.public_key.as_facts() if self.public_key else None,
            "signature_algorithm": self.signature_algorithm,
            "fingerprints": {
                "certificate": {digest: self.digest(digest)},
                "public_key": {digest: self.public_key_digest(digest)},
            },
            "pem": self.pem if include_pem else None,
        }


def _hexadecimal(serial: int) -> str:
    digits = f"{abs(serial):X}"
    return ("-" if serial < 0 else "") + "0" * (len(digits) % 2) + digits


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
