# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS of mailbox servers and submission: IMAP, POP3, ManageSieve."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

STARTTLS_REJECTED = FindingKind(
    "starttls_rejected",
    Severity.ERROR,
    "The server offers STARTTLS and refuses it",
    why="Mail and passwords go in clear text, or not at all.",
    fix="Read the log of the server. Check its certificate and key files.",
    reference="RFC 3207 section 4, RFC 9051 section 6.2.1",
)
STARTTLS_RESPONSE_INJECTION = FindingKind(
    "starttls_response_injection",
    Severity.ERROR,
    "Bytes follow the reply to STARTTLS",
    why="Somebody on the way, or a broken server, puts words into the protected session.",
    fix="Find the middlebox, or update the server.",
    reference="RFC 3207 section 4.2, RFC 9051 section 6.2.1, CVE-2021-22947",
)
STARTTLS_COMMAND_INJECTION = FindingKind(
    "starttls_command_injection",
    Severity.ERROR,
    "The server obeys commands sent in front of TLS",
    why="An attacker can put commands in front of a client's session.",
    fix="Update the server.",
    reference="CVE-2011-0411, NO STARTTLS paper (USENIX Security 2021)",
)
STARTTLS_OFFERED_INSIDE_TLS = FindingKind(
    "starttls_offered_inside_tls",
    Severity.WARNING,
    "The server offers STARTTLS inside TLS",
    why="Clients may try it again and fail.",
    fix="Correct the proxy in front of the server.",
    reference="RFC 3207 section 4.2, RFC 9051 section 6.2.1, RFC 2595 section 4",
)
STARTTLS_ACCEPTED_NOT_OFFERED = FindingKind(
    "starttls_accepted_not_offered",
    Severity.NOTICE,
    "STARTTLS works and is not offered",
    why="Clients that look for the offer do not use it.",
    fix="Turn on the offer.",
    reference="RFC 9051 section 6.2.1",
)
IMPLICIT_TLS_MISSING = FindingKind(
    "implicit_tls_missing",
    Severity.NOTICE,
    "There is no implicit TLS beside STARTTLS",
    why="Clients should use TLS from the first byte where they can.",
    fix="Open the port for implicit TLS.",
    reference="RFC 8314 section 3",
)
TLS_PROTOCOL_OLD = FindingKind(
    "tls_protocol_old",
    Severity.WARNING,
    "The server uses a TLS version that was given up",
    why="TLS 1.0 and 1.1 are deprecated, and clients refuse them.",
    fix="Allow TLS 1.2 and TLS 1.3.",
    reference="RFC 8996, RFC 8314 section 4.1, RFC 9325",
)
CERTIFICATE_UNTRUSTED = FindingKind(
    "certificate_untrusted",
    Severity.ERROR,
    "The certificate is not trusted",
    why="Clients warn their users or refuse.",
    fix="Install a certificate from a public authority, with its intermediates.",
    reference="RFC 8314 section 3, RFC 5280 section 6",
)
CERTIFICATE_NAME_MISMATCH = FindingKind(
    "certificate_name_mismatch",
    Severity.ERROR,
    "The certificate does not have the name of the server",
    why="Clients warn their users or refuse.",
    fix="Get a certificate with the name that clients use.",
    reference="RFC 7817 section 3, RFC 9525 section 6",
)
CERTIFICATE_OLDER = FindingKind(
    "certificate_older",
    Severity.WARNING,
    "A service has an older certificate than others of the host",
    why="Mostly it was not reloaded after a renewal. It serves the old certificate until that expires.",
    fix="Reload the service. Have the renewal reload every service of mail.",
    reference="RFC 8555 (practice)",
)
IMAP_PREAUTH_IN_CLEAR = FindingKind(
    "imap_preauth_in_clear",
    Severity.ERROR,
    "The IMAP server greets with PREAUTH before TLS",
    why="STARTTLS is impossible then, so a client is kept in clear text.",
    fix="Do not use PREAUTH on a network port. If you do not, somebody on the way does.",
    reference="RFC 9051 sections 7.1.4 and 11.1, CVE-2020-12398",
)
IMAP_GREETING_BYE = FindingKind(
    "imap_greeting_bye",
    Severity.ERROR,
    "The IMAP server turns clients away",
    why="Nobody can read mail.",
    fix="Check its limits of connections and its log.",
    reference="RFC 9051 section 7.1.5",
)
IMAP_LOGINDISABLED_MISSING = FindingKind(
    "imap_logindisabled_missing",
    Severity.WARNING,
    "IMAP allows passwords before TLS",
    why="Clients may send the password in clear text, even if the server refuses it.",
    fix="Forbid plaintext logins, in Dovecot by disable_plaintext_auth = yes.",
    reference="RFC 9051 sections 6.2.3 and 11.1",
)
IMAP_LOGINDISABLED_INSIDE_TLS = FindingKind(
    "imap_logindisabled_inside_tls",
    Severity.ERROR,
    "IMAP allows no login inside TLS",
    why="Nobody can log in.",
    fix="Correct the configuration. Mostly it is that of a proxy.",
    reference="RFC 9051 section 6.2.3",
)
IMAP_DATA_BEFORE_TLS = FindingKind(
    "imap_data_before_tls",
    Severity.WARNING,
    "Mailbox data came before TLS",
    why="Somebody may change what the client shows of its mailbox.",
    fix="Find out who sends it, the server or somebody on the way.",
    reference="RFC 9051 section 6.2.1, NO STARTTLS paper",
)
IMAP_ALERT_BEFORE_TLS = FindingKind(
    "imap_alert_before_tls",
    Severity.NOTICE,
    "An alert came before TLS",
    why="Clients show a text that anybody may have written.",
    fix="Have the server send it inside TLS.",
    reference="RFC 9051 section 7.1, NO STARTTLS paper",
)
IMAP_REFERRAL_BEFORE_LOGIN = FindingKind(
    "imap_referral_before_login",
    Severity.WARNING,
    "A referral came before TLS",
    why="It sends the client and its password to another server.",
    fix="Remove it.",
    reference="RFC 2221, NO STARTTLS paper",
)
POP3_CAPA_MISSING = FindingKind(
    "pop3_capa_missing",
    Severity.NOTICE,
    "The POP3 server does not tell its capabilities",
    why="Clients have to guess what it can do.",
    fix="Update the server.",
    reference="RFC 2449 section 5",
)
POP3_APOP_OFFERED = FindingKind(
    "pop3_apop_offered",
    Severity.NOTICE,
    "The POP3 server offers APOP",
    why="APOP uses MD5, and the server has to store passwords in clear text.",
    fix="Disable it.",
    reference="RFC 1939 section 7, RFC 6151",
)
POP3_USER_IN_CLEAR = FindingKind(
    "pop3_user_in_clear",
    Severity.ERROR,
    "POP3 allows passwords before TLS",
    why="Passwords can be read on the way.",
    fix="Forbid plaintext logins before TLS.",
    reference="RFC 2595 section 4, RFC 8314 section 3",
)
