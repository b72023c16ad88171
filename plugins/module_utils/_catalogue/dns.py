# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DNS around the records: name servers, validation, TTLs and signatures."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

MX_ZONE_INSECURE = FindingKind(
    "mx_zone_insecure",
    Severity.WARNING,
    "The MX records are not signed with DNSSEC",
    why="Whoever can forge DNS can name other exchanges. So senders do not use DANE for this domain.",
    fix="Sign the zone of the domain and have its DS record published in the parent zone.",
    reference="RFC 7672 section 2.2.1",
)
TLSA_ZONE_INSECURE = FindingKind(
    "tlsa_zone_insecure",
    Severity.WARNING,
    "The TLSA records are not validated with DNSSEC",
    why="Senders ignore TLSA records that DNSSEC does not prove. They protect nothing.",
    fix="Sign the zone of the exchange. If it is signed, check the DS record in the parent zone and the resolver.",
    reference="RFC 6698 section 4.1",
)
INSECURE_CNAME_HOP = FindingKind(
    "insecure_cname_hop",
    Severity.WARNING,
    "An alias on the way to the TLSA records is not signed",
    why="One alias without a signature makes senders ignore the records behind it.",
    fix="Sign the zone of the alias, or publish the records at the name itself.",
    reference="RFC 7671 section 7",
)
RESOLVER_NOT_VALIDATING = FindingKind(
    "resolver_not_validating",
    Severity.WARNING,
    "The resolver does not validate",
    why="Its answers prove nothing. Somebody on the way may have changed them or left records out.",
    fix="Ask a validating resolver. Best is one on the machine itself, such as Unbound.",
    reference="RFC 4035 section 4.9.3",
)
AD_UNTRUSTED = FindingKind(
    "ad_untrusted",
    Severity.WARNING,
    "The resolver says that it validates, and is not believed",
    why="The way to the resolver is not protected. Anyone on that way can claim that an answer was validated.",
    fix="Run a validating resolver on the machine itself. If the way to this one is yours, set trust_ad to always.",
    reference="RFC 4035 section 4.9.3",
)
RESOLVER_FAILURE = FindingKind(
    "resolver_failure",
    Severity.WARNING,
    "The resolver gives no answer",
    why="Senders whose resolvers fail in the same way hold their mail back. A bad signature is a frequent reason.",
    fix="If it answers nothing at all, check nameservers or resolv.conf. Else read its log, and check the signatures and DS of the zone.",
    reference="RFC 7672 section 2.1.1",
)
ALIAS_MISMATCH = FindingKind(
    "alias_mismatch",
    Severity.WARNING,
    "Name servers disagree about an alias",
    why="Which records a sender ends at depends on the server that was asked.",
    fix="Publish the same CNAME record on all name servers. If it is in the zone already, check the zone transfer.",
    reference="RFC 1034 section 3.6.2",
)
SERVER_NOT_TRIED = FindingKind(
    "server_not_tried",
    Severity.NOTICE,
    "A name server's address was not asked",
    why="Nothing is known of what it says there. Senders may well ask it.",
    fix="Run the check on a machine that has a route to the address.",
    reference="RFC 2182 section 3",
)
SERVER_FAILURE_ON_SOME_NS = FindingKind(
    "server_failure_on_some_ns",
    Severity.WARNING,
    "A name server fails",
    why="Senders whose resolvers ask this server get no answer, or a wrong one. Their mail may wait.",
    fix="Mend the server, or take it out of the zone's NS records and the delegation.",
    reference="RFC 7672 section 2.1.1",
)
EMPTY_NONTERMINAL_NXDOMAIN = FindingKind(
    "empty_nonterminal_nxdomain",
    Severity.WARNING,
    "A name server denies a name that has names below it",
    why="Resolvers may conclude that there is nothing below it either. Then they find no TLSA records.",
    fix="Update the name server's software. For such a name it has to answer NOERROR without records.",
    reference="RFC 8020 section 2",
)
SECONDARY_LAG = FindingKind(
    "secondary_lag",
    Severity.WARNING,
    "A name server has old records",
    why="Some senders still get the old records. They would refuse a key that only the new records match.",
    fix="Check the zone transfer: NOTIFY, TSIG keys, a full disk. Compare the serials of the zone.",
    reference="RFC 1996 section 3",
)
NS_SET_MISMATCH = FindingKind(
    "ns_set_mismatch",
    Severity.WARNING,
    "The delegation and the zone name different name servers",
    why="Resolvers ask the servers of either list. One that is in a single list is easily forgotten at a change.",
    fix="Make the NS records of the zone and the delegation in the parent zone the same.",
    reference="RFC 1034 section 4.2.2",
)
GLUE_MISMATCH = FindingKind(
    "glue_mismatch",
    Severity.WARNING,
    "The glue of a name server is not its address",
    why="Resolvers may ask an address that does not serve the zone any more.",
    fix="Have the registrar replace the glue by the present addresses of the name server.",
    reference="RFC 1034 section 4.2.1",
)
TTL_TOO_HIGH = FindingKind(
    "ttl_too_high",
    Severity.WARNING,
    "The records stay in caches for more than a day",
    why="Every change of keys has to wait for two TTLs. In an emergency that is too long.",
    fix="Set the TTL to about an hour. For absent records that is the last number of the SOA record.",
    reference="RFC 7671 section 8.1",
)
TTL_TOO_LOW = FindingKind(
    "ttl_too_low",
    Severity.WARNING,
    "The records stay in caches for less than a minute",
    why="Senders have to ask for nearly every mail. A short outage of the name servers becomes one of the mail.",
    fix="Set the TTL to about an hour.",
    reference="RFC 1912 section 2.2",
)
SIGNATURE_NEAR_EXPIRY = FindingKind(
    "signature_near_expiry",
    Severity.WARNING,
    "A DNSSEC signature ends soon, or has ended",
    why="When it has ended, validating resolvers refuse the records. Senders with DANE then hold their mail back.",
    fix="Find out why the signer does not run, and start it. Make sure that the name servers load the new zone.",
    reference="RFC 6781 section 4.4.2",
)
DNS_UNCERTAIN = FindingKind(
    "dns_uncertain",
    Severity.WARNING,
    "It is not certain what senders see in DNS",
    why="The zone, its servers or their addresses could not be learnt. Until that is known, no key is changed.",
    fix="Is the resolver up? Are the signatures of the zone good? The text names what gave no answer.",
    reference="RFC 7672 section 2.1.1",
)
RESOLVER_CACHE = FindingKind(
    "resolver_cache",
    Severity.NOTICE,
    "The resolver still has the old records in its cache",
    why="Caches elsewhere have them too. Senders that use them would refuse a key that only the new records match.",
    fix="Wait. The cache forgets the records when their TTL is over.",
    reference="RFC 7671 section 8.1",
)
NOT_PUBLISHED = FindingKind(
    "not_published",
    Severity.WARNING,
    "A record that should be there is not in DNS",
    why="A key may be served only after its record has been in DNS for a while.",
    fix="Did somebody remove it? Did the update go to another server than the primary? Publish it again.",
    reference="RFC 7671 section 8.1",
)
WILDCARD_TLSA = FindingKind(
    "wildcard_tlsa",
    Severity.WARNING,
    "The TLSA records come from a wildcard",
    why="One record at the name itself would hide all records of the wildcard.",
    fix="Copy all records of the wildcard to the name itself, in one change. Keep the wildcard for two TTLs.",
    reference="RFC 4592 section 3.3.1",
)
