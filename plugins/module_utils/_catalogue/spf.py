# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SPF records (RFC 7208)."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

SPF_MISSING = FindingKind(
    "spf_missing",
    Severity.WARNING,
    "The domain has no SPF record",
    why="Anyone can use the domain as envelope sender and receivers have nothing to check.",
    fix='Publish one TXT record with the servers that send for the domain, or "v=spf1 -all" when none do.',
    reference="RFC 7208 section 3, RFC 9989 section 5",
)
SPF_MULTIPLE_RECORDS = FindingKind(
    "spf_multiple_records",
    Severity.ERROR,
    "The domain has more than one SPF record",
    why="Every receiver answers permerror, as if there were no SPF at all.",
    fix="Merge the terms into one record and remove the others.",
    reference="RFC 7208 sections 3.2 and 4.5",
)
SPF_RECORD_NOT_RECOGNISED = FindingKind(
    "spf_record_not_recognised",
    Severity.ERROR,
    "A record looks like SPF and is not",
    why="Receivers discard it and see no SPF record.",
    fix="Begin the record with v=spf1 and a space. Separate terms by single spaces.",
    reference="RFC 7208 section 4.5",
)
SPF_SYNTAX_ERROR = FindingKind(
    "spf_syntax_error",
    Severity.ERROR,
    "A term of the SPF record is malformed",
    why="One broken term makes the whole record a permanent error.",
    fix="Correct the term in the text. Terms are separated by spaces and nothing else.",
    reference="RFC 7208 sections 4.6 and 12",
)
SPF_UNKNOWN_MECHANISM = FindingKind(
    "spf_unknown_mechanism",
    Severity.ERROR,
    "The SPF record has a mechanism that does not exist",
    why="Receivers answer permerror, as if there were no SPF at all.",
    fix="Use all, include, a, mx, ptr, ip4, ip6 or exists.",
    reference="RFC 7208 sections 4.6.1 and 12",
)
SPF_INVALID_ADDRESS = FindingKind(
    "spf_invalid_address",
    Severity.ERROR,
    "An address in the SPF record is invalid",
    why="Receivers answer permerror, as if there were no SPF at all.",
    fix="Correct the address. A host name needs a:, an IPv6 address needs ip6:.",
    reference="RFC 7208 section 5.6",
)
SPF_ADDRESS_IN_A = FindingKind(
    "spf_address_in_a",
    Severity.ERROR,
    "An address stands where a name belongs",
    why="Strict receivers answer permerror. Others look up a name that cannot exist.",
    fix="Write ip4: in front of the address.",
    reference="RFC 7208 sections 5.3 and 7.1",
)
SPF_HOST_BITS_SET = FindingKind(
    "spf_host_bits_set",
    Severity.NOTICE,
    "A network in the SPF record has host bits set",
    why="The record may allow more than was meant, and some tools refuse it.",
    fix="Write the network address or drop the prefix.",
    reference="RFC 7208 section 5.6",
)
SPF_WIDE_NETWORK = FindingKind(
    "spf_wide_network",
    Severity.WARNING,
    "The SPF record allows a huge network",
    why="Much of the internet may send as the domain.",
    fix="List the networks that really send.",
    reference="RFC 7208 section 5.6",
)
SPF_TOO_MANY_LOOKUPS = FindingKind(
    "spf_too_many_lookups",
    Severity.ERROR,
    "The SPF record needs more than 10 DNS lookups",
    why="Receivers answer permerror. Some do so only for addresses that match late.",
    fix="Remove senders that you no longer use. Replace a and mx by ip4 and ip6, or give services subdomains.",
    reference="RFC 7208 section 4.6.4",
)
SPF_LOOKUPS_NEAR_LIMIT = FindingKind(
    "spf_lookups_near_limit",
    Severity.NOTICE,
    "The SPF record is close to the limit of 10 DNS lookups",
    why="A provider who adds one include breaks the record.",
    fix="Remove senders that you no longer use, or replace a and mx by ip4 and ip6.",
    reference="RFC 7208 section 4.6.4",
)
SPF_VOID_LOOKUP = FindingKind(
    "spf_void_lookup",
    Severity.WARNING,
    "A term of the SPF record leads to nothing",
    why="The term does nothing. A third one would make the record a permanent error.",
    fix="Remove the term, or restore the name.",
    reference="RFC 7208 section 4.6.4",
)
SPF_TOO_MANY_VOID_LOOKUPS = FindingKind(
    "spf_too_many_void_lookups",
    Severity.ERROR,
    "Too many terms of the SPF record lead to nothing",
    why="Receivers that follow the recommendation answer permerror.",
    fix="Remove terms that resolve to nothing.",
    reference="RFC 7208 section 4.6.4",
)
SPF_MX_TOO_MANY = FindingKind(
    "spf_mx_too_many",
    Severity.ERROR,
    "The mechanism mx leads to more than 10 exchanges",
    why="Receivers answer permerror when they reach it.",
    fix="Replace mx by ip4 and ip6.",
    reference="RFC 7208 section 4.6.4",
)
SPF_INCLUDE_MISSING_RECORD = FindingKind(
    "spf_include_missing_record",
    Severity.ERROR,
    "An included domain has no SPF record",
    why="Receivers answer permerror for every sender that reaches the term.",
    fix="Correct or remove the include.",
    reference="RFC 7208 section 5.2",
)
SPF_INCLUDE_ERROR = FindingKind(
    "spf_include_error",
    Severity.ERROR,
    "An included SPF record is itself in error",
    why="The error comes through to this domain.",
    fix="Tell the owner of that record, or list the addresses here.",
    reference="RFC 7208 section 5.2",
)
SPF_REDIRECT_MISSING_RECORD = FindingKind(
    "spf_redirect_missing_record",
    Severity.ERROR,
    "The target of redirect has no SPF record",
    why="Receivers answer permerror for every sender that reaches it.",
    fix="Publish an SPF record at the target, or write the policy here.",
    reference="RFC 7208 section 6.1",
)
SPF_INCLUDE_LOOP = FindingKind(
    "spf_include_loop",
    Severity.ERROR,
    "SPF records include each other in a circle",
    why="Receivers run into the limit of 10 lookups and answer permerror.",
    fix="Take one include or redirect out of the circle.",
    reference="RFC 7208 section 4.6.4",
)
SPF_INCLUDE_ALLOWS_ALL = FindingKind(
    "spf_include_allows_all",
    Severity.ERROR,
    "An included SPF record allows everyone",
    why="Anyone on the internet passes SPF for the domain.",
    fix="Remove the include.",
    reference="RFC 7208 section 5.2",
)
SPF_ALL_PASS = FindingKind(
    "spf_all_pass",
    Severity.ERROR,
    "The SPF record allows everyone",
    why="Anyone on the internet passes SPF for the domain, and so DMARC.",
    fix="End the record with -all or ~all.",
    reference="RFC 7208 section 5.1",
)
SPF_ALL_NEUTRAL = FindingKind(
    "spf_all_neutral",
    Severity.WARNING,
    "The SPF record says nothing about other senders",
    why="Receivers treat neutral as if there were no SPF.",
    fix="Change ?all to ~all, and later to -all.",
    reference="RFC 7208 sections 5.1 and 8.2",
)
SPF_ALL_SOFTFAIL = FindingKind(
    "spf_all_softfail",
    Severity.NOTICE,
    "The SPF record only marks other senders as suspect",
    why="Forged mail may still be delivered where DMARC is not enforced.",
    fix="Do nothing where DMARC is enforced. Otherwise change ~all to -all.",
    reference="RFC 7208 section 8.5",
)
SPF_ALL_MISSING = FindingKind(
    "spf_all_missing",
    Severity.WARNING,
    "The SPF record has no end",
    why="Senders that are not listed are not denied.",
    fix="End the record with -all or ~all.",
    reference="RFC 7208 section 4.7",
)
SPF_TERMS_AFTER_ALL = FindingKind(
    "spf_terms_after_all",
    Severity.WARNING,
    "Terms stand behind all",
    why="Receivers never look at terms behind all.",
    fix="Move all to the end.",
    reference="RFC 7208 section 5.1",
)
SPF_REDIRECT_WITH_ALL = FindingKind(
    "spf_redirect_with_all",
    Severity.WARNING,
    "The SPF record has redirect and all",
    why="Receivers ignore redirect beside all.",
    fix="Remove all, or use include in place of redirect.",
    reference="RFC 7208 section 6.1",
)
SPF_DUPLICATE_MODIFIER = FindingKind(
    "spf_duplicate_modifier",
    Severity.ERROR,
    "A modifier stands twice in the SPF record",
    why="Receivers answer permerror, as if there were no SPF at all.",
    fix="Keep one of the two.",
    reference="RFC 7208 section 6",
)
SPF_UNKNOWN_MODIFIER = FindingKind(
    "spf_unknown_modifier",
    Severity.NOTICE,
    "The SPF record has an unknown modifier",
    why="Receivers ignore it. Mostly it is a typing mistake.",
    fix="Correct or remove it.",
    reference="RFC 7208 section 6",
)
SPF_PTR_USED = FindingKind(
    "spf_ptr_used",
    Severity.WARNING,
    "The SPF record uses ptr",
    why="The mechanism is slow and unreliable. Many receivers skip it.",
    fix="Replace ptr by ip4, ip6 or a.",
    reference="RFC 7208 section 5.5",
)
SPF_MACRO_INVALID = FindingKind(
    "spf_macro_invalid",
    Severity.ERROR,
    "A macro in the SPF record is invalid",
    why="Receivers answer permerror, as if there were no SPF at all.",
    fix="Correct the macro in the text.",
    reference="RFC 7208 sections 7.1 and 7.2",
)
SPF_STRINGS_JOINED_WITHOUT_SPACE = FindingKind(
    "spf_strings_joined_without_space",
    Severity.ERROR,
    "A blank is missing between two strings of the SPF record",
    why="Strings are joined with nothing between them, so two terms become one.",
    fix="Put a blank at the end of the first string.",
    reference="RFC 7208 section 3.3",
)
SPF_NOT_ASCII = FindingKind(
    "spf_not_ascii",
    Severity.ERROR,
    "The SPF record has a character that is not allowed",
    why="The term is invalid, and receivers answer permerror.",
    fix="Type the record again as plain text without quotes.",
    reference="RFC 7208 sections 3.1 and 12",
)
SPF_RECORD_TOO_LONG = FindingKind(
    "spf_record_too_long",
    Severity.NOTICE,
    "The answer with the SPF record is too long for UDP",
    why="Answers are truncated and asked again over TCP, which some paths block.",
    fix="Split the record into includes, or move other TXT records to other names.",
    reference="RFC 7208 section 3.4",
)
SPF_TYPE99_RECORD = FindingKind(
    "spf_type99_record",
    Severity.NOTICE,
    "The domain has a record of the old type SPF",
    why="Nobody asks for it, so it goes out of date unseen.",
    fix="Remove it.",
    reference="RFC 7208 section 3.1",
)
SPF_SENDER_ID_RECORD = FindingKind(
    "spf_sender_id_record",
    Severity.NOTICE,
    "The domain has a Sender ID record",
    why="Sender ID was given up long ago.",
    fix="Remove it.",
    reference="RFC 4406 (historic), RFC 6686",
)
SPF_ADDRESS_NOT_AUTHORISED = FindingKind(
    "spf_address_not_authorised",
    Severity.ERROR,
    "An address that sends for the domain is not allowed to",
    why="The domain's own mail fails SPF.",
    fix="Add the address to the SPF record.",
    reference="RFC 7208 section 2.6",
)
