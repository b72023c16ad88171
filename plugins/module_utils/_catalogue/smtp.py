# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMTP session: what a server offers, and whether it can be reached."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

STARTTLS_NOT_OFFERED = FindingKind(
    "starttls_not_offered",
    Severity.ERROR,
    "The server does not offer STARTTLS",
    why="Mail comes in unencrypted. Senders that use DANE or insist on TLS do not deliver at all.",
    fix="Set smtpd_tls_security_level to may in Postfix, ssl to yes in Dovecot. If it is so, the log says why TLS is off.",
    reference="RFC 3207 section 4, Postfix TLS_README",
)
LOCAL_LIMIT = FindingKind(
    "local_limit",
    Severity.NOTICE,
    "The TLS library of the probing machine refuses the server",
    why="This is no mistake of the server. Other senders may accept what it does.",
    fix="Probe from a machine with other OpenSSL settings before you blame the server.",
    reference="OpenSSL SSL_CTX_set_security_level(3)",
)
NOT_REACHED = FindingKind(
    "not_reached",
    Severity.ERROR,
    "An address could not be reached",
    why="Senders that take this address wait, or go to another exchange. Nothing is known of the key it serves.",
    fix="Is the server up? Look for a firewall, an address that nobody serves, a vantage host without IPv6.",
    reference="RFC 5321 section 5.1",
)
