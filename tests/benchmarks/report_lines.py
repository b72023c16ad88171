# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes scanned results as a prober would, for reports: `python -m ...report_lines FILE DOMAINS`, with the collection on the path.

Every fifth domain is not delivered to, every fourth has a second exchange, every seventh a server with old protocols. An exchange has
two domains.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import result_line
from ansible_collections.mailops.tls.tests.unit.makers.audit_files import IDENTITY, NOON, header
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, lost
from ansible_collections.mailops.tls.tests.unit.makers.graded import GOOD_1_2, GOOD_1_3, scan

_OLD = {"TLSv1": ("AES128-SHA",), "TLSv1.2": (*GOOD_1_2, "ECDHE-RSA-AES256-SHA384"), "TLSv1.3": GOOD_1_3}
_FINDING = {
    "id": "certificate_expiring", "severity": "warning", "subject": "mx", "text": "the certificate ends in 12 days",
    "why": "Senders refuse a certificate that has ended.", "fix": "Renew it.", "reference": "RFC 5280, section 4.1.2.5",
}  # fmt: skip


def scanned(host: str, number: int) -> dict[str, Any]:
    """A server, of which one in seven has more to be told."""
    end, issuer = f"2026-0{5 + number % 5}-{10 + number % 20}T00:00:00Z", f"CN=R{number % 40},O=Trust {number % 12},C=US"
    leaf = certificate(host, not_after=end, issuer=issuer)
    seen = endpoint(host, f"192.0.{number % 250}.{number % 199}", dane=number % 3 == 0, scan=scan(_OLD if number % 7 == 3 else None))
    return {**seen, "chain": [leaf, *seen["chain"][1:]]}


def result(number: int, count: int) -> dict[str, Any]:
    """The result of a domain."""
    exchange = number % max(1, count // 2)
    host = f"mx{exchange}.provider{exchange % 997}.example"
    first = lost(host) if number % 5 == 4 else scanned(host, exchange)
    more = [scanned("b" + host, exchange + 1)] if number % 4 == 0 else []
    return audited(f"domain{number}.example.org", first, *more, lint=[_FINDING] if number % 6 == 1 else [])


def write(path: Path, count: int) -> None:
    """Write results of so many domains."""
    with path.open("wb") as stream:
        stream.write(header())
        for number in range(count):
            stream.write(result_line(IDENTITY, NOON, result(number, count)))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
