# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLSA RRsets as lines of a zone file with absolute names (RFC 1035 section 5.1). Pure."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import rfc3597_rdata
from ansible_collections.mailops.tls.plugins.module_utils._dns.update import PublishedRRset


def record_line(owner: str, ttl: int | None, record: TlsaRecord) -> str:
    """Return one record without line end; a record without data, which has no text of its own, in the form of RFC 3597."""
    rdata = f"TLSA {record}" if record.data else f"TYPE52 {rfc3597_rdata(record)}"
    lifetime = "" if ttl is None else f"{ttl} "
    return f"{owner}. {lifetime}IN {rdata}"


def rrset_lines(owner: str, rrset: PublishedRRset) -> str:
    """Return all records of an owner, a line each; the empty text when there are none."""
    return "".join(record_line(owner, rrset.ttl, record) + "\n" for record in rrset.records)
