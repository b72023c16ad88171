# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins: what servers offer, before and inside TLS (RFC 4422, RFC 4954)."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

SASL_PASSWORD_IN_CLEAR = FindingKind(
    "sasl_password_in_clear",
    Severity.ERROR,
    "Passwords are accepted before TLS",
    why="The password can be read on the way.",
    fix="Postfix has smtpd_tls_auth_only = yes, Dovecot disable_plaintext_auth = yes.",
    reference="RFC 4954 section 4, RFC 4616 section 5, RFC 9051 section 11.3, RFC 5804 section 5",
)
SASL_WEAK_MECHANISM = FindingKind(
    "sasl_weak_mechanism",
    Severity.NOTICE,
    "A weak login mechanism is offered",
    why="The server stores plain passwords for it. They can be cracked from a recorded login.",
    fix="Offer PLAIN inside TLS, and SCRAM.",
    reference="RFC 6331, RFC 6151, draft-ietf-sasl-crammd5-to-historic",
)
SASL_ANONYMOUS_OFFERED = FindingKind(
    "sasl_anonymous_offered",
    Severity.WARNING,
    "Anonymous logins are offered",
    why="Anyone may log in.",
    fix="Remove the mechanism ANONYMOUS.",
    reference="RFC 4505",
)
SASL_EXTERNAL_IN_CLEAR = FindingKind(
    "sasl_external_in_clear",
    Severity.WARNING,
    "EXTERNAL is offered before TLS",
    why="Without TLS there is no client certificate that it could use.",
    fix="Offer it inside TLS only.",
    reference="RFC 4422 appendix A",
)
SASL_LOGIN_WITHOUT_PLAIN = FindingKind(
    "sasl_login_without_plain",
    Severity.NOTICE,
    "LOGIN is offered without PLAIN",
    why="LOGIN was never a standard, and some clients lack it.",
    fix="Offer PLAIN too.",
    reference="RFC 4616, draft-murchison-sasl-login",
)
SASL_NONE_INSIDE_TLS = FindingKind(
    "sasl_none_inside_tls",
    Severity.ERROR,
    "There is no way to log in",
    why="Nobody can send or read.",
    fix="Turn on SASL in the service.",
    reference="RFC 4954, RFC 9051 section 6.2",
)
SASL_FEWER_INSIDE_TLS = FindingKind(
    "sasl_fewer_inside_tls",
    Severity.WARNING,
    "A login mechanism is offered before TLS only",
    why="Clients are drawn to clear text.",
    fix="Offer it inside TLS, or not at all.",
    reference="RFC 8314 section 3",
)
SASL_NO_CHANNEL_BINDING = FindingKind(
    "sasl_no_channel_binding",
    Severity.NOTICE,
    "SCRAM is not bound to the TLS session",
    why="A man in the middle with a valid certificate goes unnoticed.",
    fix="Offer SCRAM-PLUS where the server can. Dovecot 2.4 does.",
    reference="RFC 5802 section 6, RFC 7677, RFC 9266",
)
SASL_EQUALS_SYNTAX = FindingKind(
    "sasl_equals_syntax",
    Severity.NOTICE,
    "The server offers logins in an obsolete form too",
    why="Only very old clients need it.",
    fix="Set broken_sasl_auth_clients = no.",
    reference="RFC 4954 section 3, RFC 5321 section 4.1.1.1",
)
AUTH_ON_PORT_25 = FindingKind(
    "auth_on_port_25",
    Severity.WARNING,
    "Logins are offered on port 25",
    why="Password guessers use the port that everybody can reach.",
    fix="Offer logins on the submission ports only.",
    reference="RFC 6409 section 4.3, RFC 8314 section 3.3",
)
SUBMISSION_WITHOUT_AUTH = FindingKind(
    "submission_without_auth",
    Severity.ERROR,
    "The server relays mail without a login",
    why="It is an open relay and will be used for spam.",
    fix="Require a login on the submission ports.",
    reference="RFC 6409 section 4.3",
)
AUTH_ERROR_NOT_DISTINCT = FindingKind(
    "auth_error_not_distinct",
    Severity.NOTICE,
    "A wrong password looks like any other refusal",
    why="Failed logins are hard to diagnose.",
    fix="There is nothing to do. It is told for information.",
    reference="RFC 4954 section 6, RFC 5530, RFC 3206",
)
