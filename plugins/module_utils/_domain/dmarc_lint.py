# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the DMARC of a domain (RFC 9989, RFC 9990)."""

from __future__ import annotations

import re

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dmarc as catalogue
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc import DmarcView, unknown_tags
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_record import (
    REMOVED_TAGS,
    DmarcPolicy,
    DmarcRecord,
    resembles_dmarc,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_reports import consent_owner
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_walk import WalkStep
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed, quoted
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding


def lint_dmarc(view: DmarcView) -> tuple[Finding, ...]:
    """Return what is wrong with the DMARC of a domain. A record that is inherited is judged too, at its own name."""
    noticed = Noticed()
    _presence(noticed, view)
    for step in dict.fromkeys((view.walk.steps[0], *((view.location,) if view.location else ()))):
        _neighbours(noticed, step)
    if view.location is not None and view.record is not None:
        owner, record = view.location.owner, view.record
        _grammar(noticed, owner, record)
        _policy(noticed, owner, record)
        _tags(noticed, owner, record)
        _reports(noticed, owner, view, record)
        _organization(noticed, view)
    return noticed.findings()


def _presence(noticed: Noticed, view: DmarcView) -> None:
    """Whether there is one record, in the right place."""
    first = view.walk.steps[0]
    for step in view.walk.steps:
        if len(step.records) > 1 and "." in step.domain:
            shown = ", ".join(quoted(text, 60) for text in step.records[:5])
            noticed.add(catalogue.DMARC_MULTIPLE_RECORDS, step.owner, f"there are {len(step.records)} records: {shown}")
    if view.misplaced is not None:
        noticed.add(catalogue.DMARC_RECORD_IN_WRONG_PLACE, view.domain, f"{quoted(view.misplaced)} belongs to {first.owner}")
    meant = any(resembles_dmarc(text) for text in first.others)
    several = any(len(step.records) > 1 for step in view.walk.steps)
    if view.location is None and view.unknown is None and not (several or meant or view.misplaced is not None):
        asked = ", ".join(step.owner for step in view.walk.steps)
        noticed.add(catalogue.DMARC_MISSING, first.owner, f"there is no record at {asked}")


def _neighbours(noticed: Noticed, step: WalkStep) -> None:
    """What stands beside a record, or in its place."""
    for text in step.others:
        if not resembles_dmarc(text):
            noticed.add(catalogue.DMARC_UNRELATED_RECORD, step.owner, quoted(text))
        elif "\\" in text or '"' in text:
            noticed.add(catalogue.DMARC_STRAY_BACKSLASH, step.owner, quoted(text))
        else:
            noticed.add(catalogue.DMARC_VERSION_INVALID, step.owner, quoted(text))
    for text in step.records:
        if "\\" in text or '"' in text:
            noticed.add(catalogue.DMARC_STRAY_BACKSLASH, step.owner, quoted(text))


def _grammar(noticed: Noticed, owner: str, record: DmarcRecord) -> None:
    for reason in record.broken:
        noticed.add(catalogue.DMARC_SYNTAX_ERROR, owner, reason)
    for name in record.tags.twice:
        noticed.add(catalogue.DMARC_DUPLICATE_TAG, owner, f"{name}= stands twice")


def _policy(noticed: Noticed, owner: str, record: DmarcRecord) -> None:
    """What the record asks for."""
    given = record.tags.value("p")
    if given is None and record.psd != "y":
        noticed.add(catalogue.DMARC_POLICY_MISSING, owner, f"the tags are {', '.join(record.names[:20])}")
    for tag in record.invalid_policies:
        value = record.tags.value(tag) or ""
        if value and "=" not in value:  # else a syntax error, which is told by itself
            noticed.add(catalogue.DMARC_POLICY_INVALID, owner, f"{tag}={value}")
    own = record.policy_of("p")
    if own is DmarcPolicy.NONE:
        noticed.add(catalogue.DMARC_POLICY_NONE, owner, f"p={given}")
    strict = [(tag, one) for tag in ("p", "sp", "np") if (one := record.policy_of(tag)) is not None and one.rank]
    if record.testing and strict:
        told = ", ".join(f"{tag}={one.value} acts as {one.milder().value}" for tag, one in strict)
        noticed.add(catalogue.DMARC_TESTING, owner, f"t=y, so {told}")
    for tag in ("sp", "np"):
        other = record.policy_of(tag)
        if own is not None and other is not None and other.rank < own.rank:
            noticed.add(catalogue.DMARC_SUBDOMAIN_POLICY_WEAKER, owner, f"p={own.value}, and {tag}={other.value}")


def _tags(noticed: Noticed, owner: str, record: DmarcRecord) -> None:
    """Tags that mean nothing, or no longer something."""
    for name in record.names:
        if name in REMOVED_TAGS:
            noticed.add(catalogue.DMARC_REMOVED_TAG, owner, f"{name}={record.tags.value(name)}")
    percent = record.tags.value("pct") or ""
    if re.fullmatch(r"[0-9]{1,2}", percent):
        noticed.add(catalogue.DMARC_PCT_PARTIAL, owner, f"pct={percent}")
    for name in unknown_tags(record):
        noticed.add(catalogue.DMARC_UNKNOWN_TAG, owner, f"{name}={record.tags.value(name)}")
    if record.tags.value("fo") is not None and record.tags.value("ruf") is None:
        noticed.add(catalogue.DMARC_FO_WITHOUT_RUF, owner, f"fo={record.tags.value('fo')}")


def _reports(noticed: Noticed, owner: str, view: DmarcView, record: DmarcRecord) -> None:
    """Where reports go, and whether they arrive."""
    if record.tags.value("rua") is None:
        noticed.add(catalogue.DMARC_NO_REPORTS, owner, "there is no rua")
    location = view.location.domain if view.location is not None else view.domain
    for tag, addresses in (("rua", view.rua), ("ruf", view.ruf)):
        for one in addresses:
            shown = f"{tag}={one.uri.uri}"
            if one.uri.scheme is None or (one.uri.scheme == "mailto" and one.uri.domain is None):
                noticed.add(catalogue.DMARC_REPORT_URI_INVALID, owner, shown)
            elif one.uri.scheme != "mailto":
                noticed.add(catalogue.DMARC_REPORT_URI_NOT_MAILTO, owner, shown)
            if one.uri.size_limit:
                noticed.add(catalogue.DMARC_REPORT_SIZE_LIMIT, owner, shown)
            if one.external and one.authorized is False:
                needed = consent_owner(location, one.uri.domain or "")
                noticed.add(catalogue.DMARC_REPORT_NOT_AUTHORISED, owner, f'{shown}: there is no TXT record "v=DMARC1" at {needed}')
            if one.accepts_mail is False:
                noticed.add(catalogue.DMARC_REPORT_DOMAIN_NO_MAIL, owner, f"{shown}: {one.uri.domain} takes no mail")


def _organization(noticed: Noticed, view: DmarcView) -> None:
    old, new = view.organizational_psl, view.organizational
    if old is not None and new is not None and old != new:
        text = f"by the walk up the tree it is {new}, by the public suffix list {old}"
        noticed.add(catalogue.DMARC_ORG_DOMAIN_DIFFERS, view.domain, text)
