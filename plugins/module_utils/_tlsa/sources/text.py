# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of texts that may be any key or certificate, for the filter `tlsa_rdata`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.key_material import Source, of_text
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import PROTOCOLS
from ansible_collections.mailops.tls.plugins.module_utils._dane.parameters import parse_parameters
from ansible_collections.mailops.tls.plugins.module_utils._dane.publish import associations
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import all_forms, rdata_facts, rfc3597_rdata
from ansible_collections.mailops.tls.plugins.module_utils._dane.rrset import rrsets
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_owners, parse_ttl

FORMS = (
    "rdata", "rfc3597", "fields", "records", "zone", "zone_rfc3597", "record_sets", "single_records", "split_records",
)  # fmt: skip
"""The first three are of records without owner."""


def records_of_text(
    texts: Sequence[str],
    *,
    parameters: Sequence[str],
    issuers: bool = False,
    form: str = FORMS[0],
    hosts: Sequence[str] = (),
    ports: Sequence[int] = (25,),
    protocol: str = PROTOCOLS[0],
    ttl: int | None = None,
    allow_certificate_pinning: bool = False,
) -> Any:
    """Return the records of all texts in one of the `FORMS`: a list, for zone files text.

    Raises:
        OptionError: for what cannot be read. `_input` is the option that the texts came by, and nothing of them is shown.
    """
    if form not in FORMS:
        raise OptionError("form", form, f"is none of {', '.join(FORMS)}")
    if protocol not in PROTOCOLS:
        raise OptionError("protocol", protocol, f"is none of {', '.join(PROTOCOLS)}")
    wanted = parse_parameters(parameters)
    given = [
        Source(text.encode("utf-8", "replace"), "_input", f"text {number}", f"text {number}") for number, text in enumerate(texts, 1)
    ]
    materials = [of_text(one, issuers=issuers) for one in given]
    if not materials:
        raise OptionError("_input", [], "has no text")
    made = associations(materials, wanted, allow_certificate_pinning=allow_certificate_pinning)
    records = [one.record for one in made]
    if form == "rdata":
        return [str(record) for record in records]
    if form == "rfc3597":
        return [rfc3597_rdata(record) for record in records]
    if form == "fields":
        return [rdata_facts(record) for record in records]
    if not hosts:
        raise OptionError("host", None, f"is needed for the form {form}")
    owners = parse_owners(hosts, [_number("port", port) for port in ports], protocol)
    return all_forms(rrsets(owners, made, parse_ttl(None if ttl is None else _number("ttl", ttl))), comments=False)[form]


def _number(option: str, value: Any) -> int:
    """A number of a template, which may have become text on its way."""
    try:
        return int(value)
    except (TypeError, ValueError):
        raise OptionError(option, value, "is not a number") from None
