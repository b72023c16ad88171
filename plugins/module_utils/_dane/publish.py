# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which TLSA records to publish for a server's keys and certificates, and which not (RFC 6698 section 2.1, RFC 7671 section 5).

Of the server's own key and certificate come records of usages 1 and 3, of its issuers those of usages 0 and 2. Refused is what
would not match, or stop matching at a time nobody thinks of: the digest of nothing, a trust anchor that is the server itself,
and a whole certificate of the server, which ends with its next renewal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dane.key_material import KeyMaterial
from ansible_collections.mailops.tls.plugins.module_utils._dane.parameters import TlsaParameters
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import WHOLE_CERTIFICATE, matching_data
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

_OWN = "is the server's own: usage %d is about the certificate of an issuer, and the server's own is never one"


@dataclass(frozen=True)
class Association:
    """A record and the labels of the sources it comes of, each once; several sources may hold the same key."""

    record: TlsaRecord
    labels: tuple[str, ...]


def associations(
    materials: Sequence[KeyMaterial],
    parameters: Sequence[TlsaParameters],
    *,
    allow_certificate_pinning: bool = False,
) -> tuple[Association, ...]:
    """Return the records for all sources, in their order and for each in that of the parameters; equal ones are one.

    Every parameter about the server must be met by every source that knows its key, since all combinations that are published
    must match whichever key is served (RFC 7671 section 8). Those about issuers are met by the sources that know issuers.

    Raises:
        OptionError: for `parameters`, or for the source that cannot be used with them.
    """
    for one in parameters:
        if one.about_certificate and not one.about_issuer and not allow_certificate_pinning:
            raise OptionError("parameters", str(one), _pinning_hint(one))
    made: dict[TlsaRecord, dict[str, None]] = {}
    for material in materials:
        _require_use(material, parameters)
        for each in parameters:
            for record in _records(material, each):
                made.setdefault(record, {})[material.label] = None
    for one in parameters:
        if one.about_issuer and not any(material.issuers for material in materials):
            raise OptionError("parameters", str(one), "needs the certificate of an issuer, and no source has any: give a chain")
    return tuple(Association(record, tuple(labels)) for record, labels in made.items())


def publishing_warnings(
    materials: Iterable[KeyMaterial], parameters: Sequence[TlsaParameters], ports: Iterable[int]
) -> tuple[str, ...]:
    """Return what a user should know of records that can be published."""
    warnings = []
    for one in parameters:
        if one.usage in (0, 1) and 25 in ports:
            warnings.append(f"{one}: sending mail servers do not use certificate usages 0 and 1 (RFC 7672 section 3.1.3)")
    if any(one.about_issuer and one.matching_type != 0 for one in parameters):
        roots = dict.fromkeys(root for material in materials for root in material.roots)
        text = "%s is a root: its records match only while the server sends the root itself too"
        warnings.extend(text % root.subject for root in roots)
    return tuple(warnings)


def _pinning_hint(parameters: TlsaParameters) -> str:
    better = TlsaParameters(parameters.usage, 1, parameters.matching_type or 1)
    return (
        f"is about the whole certificate and stops matching when it is renewed; "
        f"migrate to {better} of the same key, which survives renewals (or set allow_certificate_pinning)"
    )


def _require_use(material: KeyMaterial, parameters: Sequence[TlsaParameters]) -> None:
    """Raise `OptionError` when nothing would come of a source, or less than of the others."""
    own = [one for one in parameters if not one.about_issuer]
    anchors = [one for one in parameters if one.about_issuer]
    if material.spki is None:
        if not anchors:
            raise OptionError(material.option, material.value, "is an issuer's, and no parameters with usage 0 or 2 are asked for")
        return
    if not own and not material.issuers:
        raise OptionError(material.option, material.value, _OWN % anchors[0].usage + "; give a chain, or use 3 1 1")
    for one in own:
        if one.about_certificate and material.certificate is None:
            raise OptionError(material.option, material.value, f"is not a certificate, which {one} is about")


def _records(material: KeyMaterial, parameters: TlsaParameters) -> Iterable[TlsaRecord]:
    selected: list[bytes] = []
    if parameters.about_issuer:
        selected += [_selected(parameters, issuer) for issuer in material.issuers]
    elif material.spki is not None:
        selected.append(material.spki if material.certificate is None else _selected(parameters, material.certificate))
    for one in selected:
        data = matching_data(parameters.matching_type, one)
        if not one or data is None:
            raise OptionError(material.option, material.value, f"holds nothing that a record {parameters} could be made of")
        yield TlsaRecord(parameters.usage, parameters.selector, parameters.matching_type, data)


def _selected(parameters: TlsaParameters, certificate: Certificate) -> bytes:
    return certificate.der if parameters.selector == WHOLE_CERTIFICATE else certificate.spki or b""
