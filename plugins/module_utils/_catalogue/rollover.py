# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a rollover of DANE keys waits or stops, and what it notices (dane_rollover, dane_guard and the role dane_rollover)."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

AGING = FindingKind(
    "aging",
    Severity.NOTICE,
    "A record has not been in DNS long enough",
    why="Caches may still have the records from before. Their senders would refuse the new key.",
    fix="Wait. The result says from when on it may go live.",
    reference="RFC 7671 section 8.1",
)
REMOVED_RECORD_IN_CACHES = FindingKind(
    "removed_record_in_caches",
    Severity.NOTICE,
    "Caches may still have a record that was removed",
    why="Senders that have it would refuse a key that it does not match.",
    fix="Wait. The result says until when caches may have it.",
    reference="RFC 7671 section 8.1",
)
EXPOSURE = FindingKind(
    "exposure",
    Severity.ERROR,
    "In an emergency, the next key is not ready to be served",
    why="The key that is served may be stolen. The next one would still be refused by some senders.",
    fix="Choose now: accept_exposure=true waits with the old key, state=absent gives up DANE for a while.",
    reference="RFC 7671 section 8.1",
)
ROLLED_BACK = FindingKind(
    "rolled_back",
    Severity.WARNING,
    "New keys did not work, and the old ones are served again",
    why="A look from outside saw that senders would be turned away. Mail is safe with the old keys.",
    fix="Read the reason and mend it. Then run once with roll=true, or with abort=true for new keys.",
    reference="RFC 7671 section 8.1",
)
ABORTED = FindingKind(
    "aborted",
    Severity.NOTICE,
    "No key is made while abort=true",
    why="The rollover was told to give up the next key.",
    fix="Take back abort=true when the rollover shall go on.",
    reference="RFC 7671 section 8.1",
)
ABORT_TOO_LATE = FindingKind(
    "abort_too_late",
    Severity.WARNING,
    "The new key is served already",
    why="A key that is served cannot be given up by abort=true.",
    fix="Take back abort=true. To replace the key, run with roll=true.",
    reference="RFC 7671 section 8.1",
)
CERTIFICATE_MISSING = FindingKind(
    "certificate_missing",
    Severity.WARNING,
    "There is no certificate for a key",
    why="The key cannot be served before it has one. The old certificate is served as long as it lasts.",
    fix="Hand in a certificate for the request, or look at the log of the ACME client.",
    reference="RFC 2986 section 3",
)
CERTIFICATE_MISMATCH = FindingKind(
    "certificate_mismatch",
    Severity.WARNING,
    "A certificate that was handed in does not fit",
    why="It is for another key, has other names, or its chain is broken. It was not deployed.",
    fix="The text says which of these it is. Hand in the right one.",
    reference="RFC 5280 section 4.1",
)
ISSUER_MISSING = FindingKind(
    "issuer_missing",
    Severity.WARNING,
    "What is served has no issuer to publish",
    why="The scheme issuer publishes the authority's key. A self-signed certificate has none.",
    fix="Use certificate=csr, or the scheme next.",
    reference="RFC 7671 section 5.2",
)
NOT_ITS_TURN = FindingKind(
    "not_its_turn",
    Severity.NOTICE,
    "Another server has to go first",
    why="One server is changed at a time, so that a mistake does not stop all mail.",
    fix="Wait for the server that the text names. If it is gone for good, leave it out of the run.",
    reference="RFC 7671 section 8.1",
)
HELD = FindingKind(
    "held",
    Severity.NOTICE,
    "Another server comes first in this run",
    why="One server is changed at a time, so that a mistake does not stop all mail.",
    fix="Look at the server that has its turn. To go on without it, use --limit.",
    reference="RFC 7671 section 8.1",
)
DIFFERENT_KEYS = FindingKind(
    "different_keys",
    Severity.WARNING,
    "Instances of Postfix have different keys of one kind",
    why="A deployment would overwrite one of them. Nothing is overwritten, and the next roll is held.",
    fix="Deploy one key to all instances, or give each a rollover of its own.",
    reference="Postfix MULTI_INSTANCE_README",
)
STILL_SERVED = FindingKind(
    "still_served",
    Severity.WARNING,
    "A record or key would go that is still in use",
    why="Senders would refuse the server that uses it. Nothing was changed.",
    fix="The text names the server and its key. Deploy the new key there first.",
    reference="RFC 7671 section 8.4",
)
STILL_PUBLISHED = FindingKind(
    "still_published",
    Severity.WARNING,
    "A key would go that still has a record",
    why="As long as the record is in DNS, the key may be needed again.",
    fix="Remove the record first. Two TTLs later the rollover removes the key.",
    reference="RFC 7671 section 8.4",
)
NOT_ALL_RECORDS = FindingKind(
    "not_all_records",
    Severity.WARNING,
    "Some records would be left when DANE ends",
    why="Senders would go on using those, and refuse what they do not match.",
    fix="Remove all TLSA records of the name in one change.",
    reference="RFC 7671 section 8.4",
)
OLD_KEY_SERVED = FindingKind(
    "old_key_served",
    Severity.WARNING,
    "An address still shows the old key",
    why="Something there did not get the new key. Its record has to stay.",
    fix="Look for a proxy, a second Postfix or an instance that the rollover does not know. Otherwise wait.",
    reference="RFC 7671 section 8.1",
)
UNKNOWN_KEY_SERVED = FindingKind(
    "unknown_key_served",
    Severity.WARNING,
    "An address shows a key that Postfix here does not name",
    why="Another machine has this address, or a table or service has a key of its own.",
    fix="Check where the address leads. Look at tls_server_sni_maps and master.cf.",
    reference="RFC 7671 section 8.4",
)
POSTFIX_UNCERTAIN = FindingKind(
    "postfix_uncertain",
    Severity.ERROR,
    "It is not certain what Postfix serves",
    why="A file or parameter cannot be read. TLS may be off, and senders with DANE would hold mail back.",
    fix="Mend what the text names. mailops.tls.postfix_tls_info shows the whole configuration.",
    reference="Postfix TLS_README, section Server-side certificate and private key configuration",
)
NOTHING_DEPLOYED = FindingKind(
    "nothing_deployed",
    Severity.ERROR,
    "Postfix has no key",
    why="Without a key there is no TLS. Senders with DANE hold mail back if records are published.",
    fix="Turn on TLS with mailops.tls.postfix_tls_enable. If a parameter was removed, put it back.",
    reference="Postfix TLS_README, section Server-side certificate and private key configuration",
)
OWNER_LEFT_OUT = FindingKind(
    "owner_left_out",
    Severity.WARNING,
    "A name was taken out of the rollover while its records are in use",
    why="Senders still use its records. Until they are gone, the key that they match has to stay.",
    fix="Name it again, or remove all its TLSA records in one change. Two TTLs later the rollover goes on.",
    reference="RFC 7671 section 8.4",
)
NOT_REPLACEABLE = FindingKind(
    "not_replaceable",
    Severity.WARNING,
    "A key of a single service or server name is not rolled",
    why="Its record is published. The rollover replaces only what main.cf names for all services.",
    fix="Replace and renew that key yourself, or let the service use the keys of main.cf.",
    reference="Postfix postconf(5), tls_server_sni_maps",
)
RETIRED_KEY_FILE = FindingKind(
    "retired_key_file",
    Severity.WARNING,
    "A file of yours has a private key that is used no more",
    why="The rollover removes only files that it made. A key that lies about can be stolen.",
    fix="Remove the file.",
    reference="NIST SP 800-57 Part 1 section 8.3.4",
)
CLOCK_CHANGED = FindingKind(
    "clock_changed",
    Severity.WARNING,
    "The clock of the server was set",
    why="How long records have been in DNS is not certain any more. All waits began anew.",
    fix="Run a time service, such as chrony.",
    reference="RFC 5905",
)
LOCKED = FindingKind(
    "locked",
    Severity.NOTICE,
    "Another run is at work",
    why="Two runs at once would undo each other's steps.",
    fix="Wait for the next run. If this comes again, look for a second timer.",
    reference="flock(2)",
)
STATE_UNREADABLE = FindingKind(
    "state_unreadable",
    Severity.WARNING,
    "The file with the state cannot be used",
    why="It is damaged, or a newer version wrote it. Nothing is done on a guess.",
    fix="Install the newer collection. If the file is damaged, remove it: all waits begin anew then.",
    reference="RFC 7671 section 8.1",
)
FAILED = FindingKind(
    "failed",
    Severity.ERROR,
    "The server could not do what was decided",
    why="Everything is as it was before. The next run tries again.",
    fix="The text has the error: a full disk, or Postfix that refuses its configuration.",
    reference="Postfix postfix(1), check",
)
CHAIN = FindingKind(
    "chain",
    Severity.WARNING,
    "The chain of what shall go live is not complete",
    why="Records of usage 2 match only with the issuer's certificate in the chain.",
    fix="Give the whole chain: the server's certificate, then those of its issuers.",
    reference="RFC 7671 section 5.2.2",
)
NO_MATCH = FindingKind(
    "no_match",
    Severity.WARNING,
    "No record matches what shall go live",
    why="Senders with DANE would refuse it from the first minute.",
    fix="Publish the record of its key with mailops.tls.tlsa_records. Wait until it is old enough.",
    reference="RFC 7671 section 8.1",
)
REFUSED = FindingKind(
    "refused",
    Severity.ERROR,
    "The controller refused what a server asked for",
    why="The records or certificates are for names that the inventory does not give to this server.",
    fix="Was the server taken over? If not, add the missing exchange, port or alias to the inventory.",
    reference="RFC 7671 section 8.4",
)
PUBLISH_FAILED = FindingKind(
    "publish_failed",
    Severity.WARNING,
    "Records could not be added or removed",
    why="The rollover waits. What is served is still published.",
    fix="The text is that of the name server or provider. Is the primary up? Is the TSIG key right?",
    reference="RFC 2136 section 3",
)
ISSUE_FAILED = FindingKind(
    "issue_failed",
    Severity.WARNING,
    "No certificate could be had",
    why="The old certificate is served as long as it lasts.",
    fix="Look at the log of the ACME client or the authority, and mend it.",
    reference="RFC 8555 section 7.4",
)
VANTAGE_FAILED = FindingKind(
    "vantage_failed",
    Severity.WARNING,
    "A vantage host could not look at the servers",
    why="Nobody saw from outside whether the new key works.",
    fix="Mend the host, or take it out of dane_rollover_vantage_hosts.",
    reference="RFC 7671 section 8.4",
)
