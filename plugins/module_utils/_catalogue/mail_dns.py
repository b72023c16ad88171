# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What else a mail domain has in DNS: exchanges, reverse names, name servers, CAA, block lists."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

MX_MISSING = FindingKind(
    "mx_missing",
    Severity.WARNING,
    "The domain has no MX record",
    why="Senders use the domain's own address. Often that is a web server.",
    fix="Publish an MX record, or a null MX if it takes no mail.",
    reference="RFC 5321 section 5.1",
)
MX_NULL_WITH_OTHERS = FindingKind(
    "mx_null_with_others",
    Severity.ERROR,
    "A null MX stands beside other exchanges",
    why="That is not allowed, and senders do different things.",
    fix="Remove the null MX or all others.",
    reference="RFC 7505 section 3",
)
MX_NULL_PREFERENCE = FindingKind(
    "mx_null_preference",
    Severity.NOTICE,
    "The null MX has a preference",
    why="It should be 0.",
    fix="Set it to 0.",
    reference="RFC 7505 section 3",
)
MX_NULL_BUT_SENDS = FindingKind(
    "mx_null_but_sends",
    Severity.WARNING,
    "The domain sends mail and takes none",
    why="Receivers may reject senders that take no mail.",
    fix="Publish an MX record, or v=spf1 -all if nobody sends.",
    reference="RFC 7505 section 4.2",
)
MX_EXCHANGE_ALIAS = FindingKind(
    "mx_exchange_alias",
    Severity.ERROR,
    "An exchange is an alias",
    why="That is forbidden, and confuses the names that DANE and MTA-STS need.",
    fix="Name the host that the alias leads to.",
    reference="RFC 5321 section 5.1, RFC 2181 section 10.3",
)
MX_EXCHANGE_IS_ADDRESS = FindingKind(
    "mx_exchange_is_address",
    Severity.ERROR,
    "An exchange is an address and not a name",
    why="Senders take it for a name that does not exist.",
    fix="Give the server a name and write that.",
    reference="RFC 5321 section 5.1, RFC 1035 section 3.3.9",
)
MX_EXCHANGE_NO_ADDRESS = FindingKind(
    "mx_exchange_no_address",
    Severity.ERROR,
    "An exchange has no address",
    why="Mail cannot reach it.",
    fix="Add an A or AAAA record, or remove the exchange.",
    reference="RFC 5321 section 5.1",
)
MX_EXCHANGE_PRIVATE_ADDRESS = FindingKind(
    "mx_exchange_private_address",
    Severity.ERROR,
    "An exchange has an address that is not public",
    why="Senders cannot reach it, or reach a host of their own.",
    fix="Publish the public address.",
    reference="RFC 1918, RFC 6890",
)
MX_EXCHANGE_TWICE = FindingKind(
    "mx_exchange_twice",
    Severity.NOTICE,
    "One exchange is named twice",
    why="It gives no redundancy.",
    fix="Remove one of the two.",
    reference="RFC 5321 section 5.1",
)
ADDRESSES_LEFT_OUT = FindingKind(
    "addresses_left_out",
    Severity.NOTICE,
    "There are more addresses than were looked at",
    why="What was not looked at can be otherwise. No sender or client tries so many, either.",
    fix="Take out the addresses that are not needed, or probe them all with smtp_tls_probe or mailbox_tls_probe.",
    reference="RFC 5321 section 5.1",
)
SENDERS_DELAYED = FindingKind(
    "senders_delayed",
    Severity.ERROR,
    "Some senders cannot deliver now",
    why="They keep the mail and try again for some days. Then it goes back to who wrote it.",
    fix="Look at the fact beside each kind of sender. Mend the exchange, its certificate, the TLSA records or the policy that it names.",
    reference="RFC 7672 section 2.2, RFC 8461 section 5",
)
MX_EXCHANGE_DOWN = FindingKind(
    "mx_exchange_down",
    Severity.WARNING,
    "An exchange does not answer",
    why="If it is the only one, mail waits.",
    fix="Start it, or list it in expected_down if that is by design.",
    reference="RFC 5321 section 5.1",
)
PTR_MISSING = FindingKind(
    "ptr_missing",
    Severity.WARNING,
    "A sending address has no reverse name",
    why="Many receivers reject mail from it.",
    fix="Ask the owner of the address, mostly the provider, to set one.",
    reference="RFC 1912 section 2.1",
)
PTR_NOT_CONFIRMED = FindingKind(
    "ptr_not_confirmed",
    Severity.WARNING,
    "The reverse name does not lead back to the address",
    why="Receivers treat it as no reverse name.",
    fix="Make the reverse name and its address record agree.",
    reference="RFC 8601 section 2.7.3 (iprev)",
)
PTR_HELO_MISMATCH = FindingKind(
    "ptr_helo_mismatch",
    Severity.NOTICE,
    "The greeting has another name than the address",
    why="Some receivers count it against the sender.",
    fix="Set myhostname to the name of the address.",
    reference="RFC 5321 sections 4.1.1.1 and 4.1.4",
)
NS_NOT_AUTHORITATIVE = FindingKind(
    "ns_not_authoritative",
    Severity.ERROR,
    "A name server does not serve the zone",
    why="Some lookups fail, so some mail waits.",
    fix="Serve the zone there, or correct the delegation.",
    reference="RFC 1034 section 4.2.2",
)
NS_SERIAL_DIFFERS = FindingKind(
    "ns_serial_differs",
    Severity.WARNING,
    "Name servers have different versions of the zone",
    why="Some of them give old answers.",
    fix="Wait a little. If it stays, repair the zone transfer.",
    reference="RFC 1982, RFC 1996",
)
NS_ANSWERS_DIFFER = FindingKind(
    "ns_answers_differ",
    Severity.ERROR,
    "Name servers give different answers about mail",
    why="What a sender sees depends on the server it asks.",
    fix="Bring all name servers to the same version of the zone.",
    reference="RFC 1034 section 4.2",
)
NS_SINGLE = FindingKind(
    "ns_single",
    Severity.WARNING,
    "The zone has a single name server",
    why="When it fails, mail stops.",
    fix="Add a second one in another network.",
    reference="RFC 2182 section 5, RFC 1034 section 4.1",
)
ZONE_INSECURE = FindingKind(
    "zone_insecure",
    Severity.NOTICE,
    "The zone is not signed",
    why="Without DNSSEC there is no DANE.",
    fix="Sign the zone and publish its DS record.",
    reference="RFC 4033, RFC 7672",
)
CAA_SYNTAX = FindingKind(
    "caa_syntax",
    Severity.ERROR,
    "A CAA record is malformed",
    why="It permits no authority at all.",
    fix="Write the domain of the authority.",
    reference="RFC 8659 section 4.2, RFC 9495 section 3",
)
CAA_UNKNOWN_CRITICAL = FindingKind(
    "caa_unknown_critical",
    Severity.ERROR,
    "A critical CAA record has an unknown tag",
    why="Authorities have to refuse to issue.",
    fix="Remove it, or correct the tag.",
    reference="RFC 8659 sections 4.1 and 4.5",
)
CAA_FORBIDS_SERVED_ISSUER = FindingKind(
    "caa_forbids_served_issuer",
    Severity.WARNING,
    "CAA forbids the issuer of the present certificate",
    why="The next renewal will fail.",
    fix="Add a record for that authority.",
    reference="RFC 8659 section 3",
)
DNSBL_LISTED = FindingKind(
    "dnsbl_listed",
    Severity.ERROR,
    "An address or domain is on a block list",
    why="Receivers that use the list reject its mail.",
    fix="Find the cause and stop it. Then ask for removal.",
    reference="RFC 5782 section 2.1",
)
DNSBL_QUERY_REFUSED = FindingKind(
    "dnsbl_query_refused",
    Severity.NOTICE,
    "A block list refused to answer",
    why="Nobody knows whether the address is listed.",
    fix="Ask through a resolver of your own, or with a key of the list.",
    reference="Spamhaus return codes 127.255.255.252/254/255, URIBL 127.0.0.1",
)
DNSBL_ZONE_BROKEN = FindingKind(
    "dnsbl_zone_broken",
    Severity.WARNING,
    "A block list does not work",
    why="The list is dead, or the resolver changes its answers.",
    fix="Take the list out of the configuration.",
    reference="RFC 5782 section 5",
)
DNSBL_ANSWER_REWRITTEN = FindingKind(
    "dnsbl_answer_rewritten",
    Severity.WARNING,
    "A resolver changes the answers of a block list",
    why="The answer is no listing. The resolver invents addresses for names that do not exist.",
    fix="Use a resolver that tells the truth.",
    reference="RFC 5782 section 2.1",
)
