# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLSA records, and how they fit what is served (RFC 7671, RFC 7672)."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

PKIX_USAGE_ON_SMTP = FindingKind(
    "pkix_usage_on_smtp",
    Severity.WARNING,
    "A TLSA record of usage 0 or 1 at a mail server",
    why="Mail servers share no list of authorities, so senders ignore such a record.",
    fix="Publish 3 1 1 of the server's key instead. Then remove this record.",
    reference="RFC 7672 section 3.1.3",
)
MALFORMED_RECORD = FindingKind(
    "malformed_record",
    Severity.WARNING,
    "A TLSA record that cannot be used",
    why="Senders skip a record whose parameters or data make no sense. It protects nothing.",
    fix="Make the record anew from the key with mailops.tls.tlsa_records. Then replace this one.",
    reference="RFC 6698 section 2.1",
)
EMPTY_INPUT_DIGEST = FindingKind(
    "empty_input_digest",
    Severity.WARNING,
    "A TLSA record that is the digest of nothing",
    why="A digest of empty input never matches. Some script has read an empty file.",
    fix="Find the step that made the record and mend it. Publish a record of the real key.",
    reference="RFC 6698 section 2.1.4",
)
SELECTOR0_WITH_RENEWAL = FindingKind(
    "selector0_with_renewal",
    Severity.WARNING,
    "A TLSA record 3 0 x pins the whole certificate",
    why="Every renewal changes the certificate, even with the same key. From then on DANE senders refuse to deliver.",
    fix="Publish 3 1 1 of the same key. Wait for two TTLs, then remove the 3 0 x record.",
    reference="RFC 7671 section 5.1",
)
STALE_RECORD = FindingKind(
    "stale_record",
    Severity.WARNING,
    "A TLSA record that matches nothing that is served",
    why="The record is left over, belongs to another server, or announces a key to come. A forgotten key stays trusted.",
    fix="Find out whose key it is. If no server behind the name uses it or is about to, remove the record.",
    reference="RFC 7671 section 8.4",
)
TA_NOT_IN_CHAIN = FindingKind(
    "ta_not_in_chain",
    Severity.WARNING,
    "A TLSA record of a trust anchor that no server sends",
    why="Senders look for the trust anchor in the chain that the server sends. Without it the record cannot match.",
    fix="Append the issuer's certificate to the chain that the server sends. If the issuer is no longer used, remove the record.",
    reference="RFC 7671 section 5.2.2",
)
TA_RETIRED_ISSUER = FindingKind(
    "ta_retired_issuer",
    Severity.WARNING,
    "A TLSA record of an issuer that is no longer used",
    why="No chain has this issuer any more. Whoever holds its key can still vouch for your host.",
    fix="Make sure that no server behind the name uses that issuer. Then remove the record.",
    reference="RFC 7671 section 8.4",
)
ONE_ALGORITHM_ONLY = FindingKind(
    "one_algorithm_only",
    Severity.WARNING,
    "The TLSA records match the key of one algorithm only",
    why="A server with an RSA and an ECDSA key shows either. DANE senders that are shown the other one refuse to deliver.",
    fix="Publish a record for each key, or take the other key out of Postfix.",
    reference="RFC 7671 section 8.4",
)
EXCHANGE_WITHOUT_TLSA = FindingKind(
    "exchange_without_tlsa",
    Severity.WARNING,
    "One exchange has no TLSA record that others have",
    why="Somebody on the way can steer senders to the exchange without records. There DANE protects nothing.",
    fix="Publish TLSA records for every exchange and every key that is served.",
    reference="RFC 7672 section 2.2.1",
)
NO_RECORD_MATCHES = FindingKind(
    "no_record_matches",
    Severity.ERROR,
    "No published TLSA record matches a key that is served",
    why="Senders with DANE hold their mail back while nothing that is served matches the records that they have.",
    fix="Put back the key or the record that was there. If in doubt, publish 3 1 1 of what is served.",
    reference="RFC 7671 section 8.4",
)
TA_NAME_MISMATCH = FindingKind(
    "ta_name_mismatch",
    Severity.ERROR,
    "A certificate below a trust anchor lacks the host's name",
    why="With usage 2 the certificate has to name the host. DANE senders that rely on such a record refuse to deliver.",
    fix="Serve a certificate with the name of the exchange, or publish 3 1 1 of its key.",
    reference="RFC 7672 section 3.2.2",
)
EXPIRED_LEAF_UNDER_TA = FindingKind(
    "expired_leaf_under_ta",
    Severity.ERROR,
    "A certificate below a trust anchor has expired",
    why="With usage 2 the dates of the certificate count. DANE senders that rely on such a record refuse to deliver.",
    fix="Renew the certificate now, or publish 3 1 1 of its key.",
    reference="RFC 7671 section 5.2",
)
SAME_KEY_ON_ALL_EXCHANGES = FindingKind(
    "same_key_on_all_exchanges",
    Severity.NOTICE,
    "All exchanges have the same key",
    why="One mistake with that key stops the mail of all exchanges. Whoever breaks into one server has the key of all.",
    fix="Give each exchange a key of its own. mailops.tls.dane_rollover makes one for each server.",
    reference="RFC 7671 section 8",
)
ADDRESS_MISMATCH = FindingKind(
    "address_mismatch",
    Severity.WARNING,
    "An address does not serve what its exchange should",
    why="Senders take any address of the exchange. At the wrong one they do not deliver, or deliver without protection.",
    fix="Look at the address in the text: an old server, a proxy, a forgotten AAAA record. Deploy the key there or correct DNS.",
    reference="RFC 5321 section 5.1",
)
NOT_VERIFIED = FindingKind(
    "not_verified",
    Severity.ERROR,
    "A sender with DANE would not deliver to an address",
    why="What the address serves does not match the TLSA records. Mail of DANE senders waits in their queues.",
    fix="The text has the reason. Probe the address with mailops.tls.smtp_tls_probe to see the rest.",
    reference="RFC 7672 section 3",
)
KEY_KINDS_MISSING = FindingKind(
    "key_kinds_missing",
    Severity.ERROR,
    "It is not known whether an address has a second kind of key",
    why="One kind of key was seen. Another one, if there is one, may lack its record.",
    fix="Let the vantage host make a few more connections. Mostly a limit of the server is the reason.",
    reference="RFC 7671 section 8.4",
)
TLSA_NOT_SEEN = FindingKind(
    "tlsa_not_seen",
    Severity.ERROR,
    "The vantage host could not use the TLSA records",
    why="What the address serves was compared with nothing. A mistake there would go unseen.",
    fix="Give the vantage host a validating resolver. It needs the same view of the zone as the rest of the world.",
    reference="RFC 7672 section 2.2",
)
