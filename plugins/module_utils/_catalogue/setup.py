# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How mail clients find their servers: SRV records, autoconfig, autodiscover."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

SRV_TARGET_ALIAS = FindingKind(
    "srv_target_alias",
    Severity.ERROR,
    "The target of an SRV record is an alias",
    why="That is forbidden, and some clients fail.",
    fix="Name the host that the alias leads to.",
    reference="RFC 2782",
)
SRV_TARGET_NO_ADDRESS = FindingKind(
    "srv_target_no_address",
    Severity.ERROR,
    "The target of an SRV record has no address",
    why="Clients cannot connect.",
    fix='Add an address, or correct the name. A service that is not offered has the target ".".',
    reference="RFC 2782, RFC 6186 section 3",
)
SRV_SERVER_FAILS = FindingKind(
    "srv_server_fails",
    Severity.ERROR,
    "A server that SRV announces does not work",
    why="Mail clients fail to set up the account.",
    fix="Correct the record or the server.",
    reference="RFC 6186 section 4, RFC 8314 section 5.1",
)
SRV_PORT_UNUSUAL = FindingKind(
    "srv_port_unusual",
    Severity.WARNING,
    "An SRV record has the port of another service",
    why="Probably it is a typing mistake, and clients fail.",
    fix="Correct it.",
    reference="RFC 6186 section 3, RFC 8314 section 7",
)
SRV_UNREGISTERED_NAME = FindingKind(
    "srv_unregistered_name",
    Severity.NOTICE,
    "An SRV record has a name that clients do not ask for",
    why="Clients ask for _submissions.",
    fix="Rename it to _submissions.",
    reference="RFC 8314 section 7.3",
)
SRV_NO_IMPLICIT_TLS = FindingKind(
    "srv_no_implicit_tls",
    Severity.NOTICE,
    "SRV offers no implicit TLS",
    why="Clients should use TLS from the first byte where they can.",
    fix="Add the record for imaps, pop3s or submissions.",
    reference="RFC 8314 section 5.1",
)
AUTOCONFIG_MISSING = FindingKind(
    "autoconfig_missing",
    Severity.NOTICE,
    "The domain has no autoconfig document",
    why="Users have to type the settings and make mistakes.",
    fix="Publish a document.",
    reference="draft-ietf-mailmaint-autoconfig section 3",
)
AUTOCONFIG_UNREACHABLE = FindingKind(
    "autoconfig_unreachable",
    Severity.NOTICE,
    "No autoconfig document could be fetched",
    why="A place may have one, and clients get nothing there. Users have to type the settings and make mistakes.",
    fix="Mend the web server that the text names, or have it answer 404 where there is no document.",
    reference="draft-ietf-mailmaint-autoconfig section 3",
)
AUTOCONFIG_HTTP_ONLY = FindingKind(
    "autoconfig_http_only",
    Severity.WARNING,
    "Autoconfig works without HTTPS only",
    why="Anyone on the way can name other servers.",
    fix="Serve it over HTTPS with a valid certificate.",
    reference="draft-ietf-mailmaint-autoconfig, HTTP",
)
AUTOCONFIG_DOCUMENT_INVALID = FindingKind(
    "autoconfig_document_invalid",
    Severity.ERROR,
    "The autoconfig document is invalid",
    why="Clients ignore it.",
    fix="Correct the part in the text.",
    reference="draft-ietf-mailmaint-autoconfig section 3",
)
AUTOCONFIG_ENTITY = FindingKind(
    "autoconfig_entity",
    Severity.ERROR,
    "The autoconfig document has a DTD or entities",
    why="Clients refuse it for safety.",
    fix="Remove the DTD.",
    reference="RFC 3470 section 4, XML 1.0",
)
AUTOCONFIG_DOMAIN_NOT_LISTED = FindingKind(
    "autoconfig_domain_not_listed",
    Severity.WARNING,
    "The autoconfig document is for another domain",
    why="Some clients reject the document.",
    fix="List the domain or %EMAILDOMAIN%.",
    reference="draft-ietf-mailmaint-autoconfig, domain",
)
AUTOCONFIG_CLEARTEXT_SERVER = FindingKind(
    "autoconfig_cleartext_server",
    Severity.ERROR,
    "Autoconfig announces a server without TLS",
    why="Passwords go over the network in clear text.",
    fix="Write SSL or STARTTLS as the socketType.",
    reference="RFC 8314 section 3",
)
AUTOCONFIG_SOCKET_TYPE_UNKNOWN = FindingKind(
    "autoconfig_socket_type_unknown",
    Severity.ERROR,
    "Autoconfig has an unknown socketType",
    why="Clients skip the server.",
    fix="Write SSL or STARTTLS.",
    reference="draft-ietf-mailmaint-autoconfig, socketType",
)
AUTOCONFIG_SERVER_FAILS = FindingKind(
    "autoconfig_server_fails",
    Severity.ERROR,
    "A server that autoconfig announces does not work",
    why="Mail clients fail to set up the account.",
    fix="Correct the port, the socketType or the server.",
    reference="RFC 8314 section 3",
)
AUTOCONFIG_PLACEHOLDER_UNKNOWN = FindingKind(
    "autoconfig_placeholder_unknown",
    Severity.WARNING,
    "Autoconfig has an unknown placeholder",
    why="Clients use its text as it stands.",
    fix="Use EMAILADDRESS, EMAILLOCALPART or EMAILDOMAIN.",
    reference="draft-ietf-mailmaint-autoconfig, placeholders",
)
AUTOCONFIG_SOURCES_DIFFER = FindingKind(
    "autoconfig_sources_differ",
    Severity.WARNING,
    "Sources of settings name different servers",
    why="What a client uses depends on where it looks.",
    fix="Make all sources name the same servers.",
    reference="draft-ietf-mailmaint-autoconfig section 4",
)
AUTODISCOVER_INVALID = FindingKind(
    "autodiscover_invalid",
    Severity.ERROR,
    "The autodiscover answer is invalid",
    why="Outlook cannot set up the account.",
    fix="Return a response with the protocols IMAP, POP3 or SMTP.",
    reference="MS-OXDSCLI (POX response)",
)
AUTODISCOVER_ENCRYPTION_CONFLICT = FindingKind(
    "autodiscover_encryption_conflict",
    Severity.ERROR,
    "Autodiscover names the wrong kind of TLS for a port",
    why="Outlook waits for a greeting that does not come.",
    fix="Set Encryption to SSL for a port with implicit TLS, or leave it out.",
    reference="MS-OXDSCLI (POX Protocol element)",
)
AUTODISCOVER_SSL_EMPTY = FindingKind(
    "autodiscover_ssl_empty",
    Severity.ERROR,
    "The element SSL of autodiscover is empty",
    why="Outlook cannot use the account.",
    fix="Write on or off.",
    reference="MS-OXDSCLI (POX Protocol element)",
)
