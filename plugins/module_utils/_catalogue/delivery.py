# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A test message on its way."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

DELIVERY_HOP_IN_CLEAR = FindingKind(
    "delivery_hop_in_clear",
    Severity.WARNING,
    "A hop of the message had no TLS",
    why="Everybody on that way could read the message.",
    fix="Turn on TLS between these two hosts.",
    reference="RFC 3848, RFC 8314",
)
DELIVERY_SLOW = FindingKind(
    "delivery_slow",
    Severity.NOTICE,
    "The message was slow",
    why="Greylisting, a queue or a wrong clock may be the reason.",
    fix="Look at the hop that took longest.",
    reference="RFC 5321 section 4.5.4",
)
DELIVERY_IN_JUNK = FindingKind(
    "delivery_in_junk",
    Severity.WARNING,
    "The message was filed as junk",
    why="Users will not see such mail.",
    fix="Read the headers of the filter. They say why.",
    reference="RFC 6154",
)
DELIVERY_DUPLICATED = FindingKind(
    "delivery_duplicated",
    Severity.WARNING,
    "The message arrived more than once",
    why="A hop gave up waiting for the reply and sent it again.",
    fix="Compare the Received headers of both to find the hop.",
    reference="RFC 5321 section 4.5.3.2.6, RFC 1047",
)
DELIVERY_BODY_CHANGED = FindingKind(
    "delivery_body_changed",
    Severity.WARNING,
    "The body of the message was changed",
    why="Changes break DKIM signatures.",
    fix="Look for filters and footers on the way.",
    reference="RFC 6376 section 5.3",
)
DELIVERY_CLOCK_SKEW = FindingKind(
    "delivery_clock_skew",
    Severity.NOTICE,
    "The clocks of two hops disagree",
    why="Their logs cannot be compared.",
    fix="Run a time service on both.",
    reference="RFC 5322 section 3.6.7",
)
DELIVERY_LEFT_BEHIND = FindingKind(
    "delivery_left_behind",
    Severity.ERROR,
    "The message of the probe could not be removed",
    why="Such messages fill the mailbox.",
    fix="Remove messages that have the header X-Mailops-Probe.",
    reference="mailops.tls.mail_delivery_probe",
)
