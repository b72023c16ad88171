# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind of sender makes of a mail server whose TLS does not verify (pure).

Such a server is not broken: most senders take any certificate, or none (RFC 7435). Others ask for TLSA records (RFC 7672), or for a name
in a certificate that they can trust (RFC 8461, and Postfix's levels verify and secure). Without this a page would say that nothing is
broken, and show a server that is untrusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._results.broken import MOST, RELAYING, joined, place_of
from ansible_collections.mailops.tls.plugins.module_utils._results.columns import paragraph
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import mapping, mappings, word

_FLAWS = {"untrusted": "the certificate is untrusted", "anonymous": "there is no certificate", "plaintext": "there is no TLS"}
_OPPORTUNISTIC = {
    "plaintext": "without a policy, as most: deliver, and everybody on the way can read it",
    None: "without a policy, as most: deliver, encrypted for whoever answers",
}
_STRICT = "MTA-STS, and levels verify and secure: hold mail back"
_DANE = {
    "found": "DANE: hold mail back, as the server does not match its TLSA records",
    "none": "DANE: deliver as without a policy, as there are no TLSA records",
    "insecure": "DANE: deliver as without a policy, as the TLSA records are not signed",
    "error": "DANE: hold mail back, as the TLSA records cannot be looked up",
    None: "DANE: deliver if TLSA records name this certificate or its key, whoever issued it",
}
_DANE_PLAINTEXT = "DANE: hold mail back if there are TLSA records, as those promise TLS"


def what_senders_do(results: Sequence[Mapping[str, Any]], width: int) -> Iterator[str]:
    """Yield lines on the servers of ports 25 and 24 that run and do not verify, those that are alike together; none without any."""
    places: dict[tuple[str, str], list[str]] = {}
    for result in results:
        for endpoint in mappings(result.get("endpoints"), MOST):
            status = word(endpoint.get("status"))
            if word(endpoint.get("service")) in RELAYING and status in _FLAWS:
                places.setdefault((status, word(mapping(endpoint.get("tlsa")).get("lookup"))), []).append(place_of(endpoint))
    for (status, lookup), named in places.items():
        yield from paragraph(f"What senders do, since {_FLAWS[status]}: {joined(named)}", width)
        dane = _DANE.get(lookup, _DANE[None])
        if status == "plaintext" and lookup not in ("none", "insecure", "error"):
            dane = _DANE_PLAINTEXT
        for line in (_OPPORTUNISTIC.get(status, _OPPORTUNISTIC[None]), dane, _STRICT):
            yield from paragraph(line, width, 2)
        yield ""
