# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parsers that are fuzzed, by name, each with the function that feeds it and says what must hold.

A harness is a function of bytes that returns for every input. It is run in two ways: by hypothesis in the test run
(`test_harnesses`), and by a coverage-guided fuzzer for as long as one likes (`tests/fuzz/run.sh`). Both begin with the
inputs in `corpus/NAME`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Callable, NamedTuple

from ansible_collections.mailops.tls.tests.fuzz import (
    certificate_targets,
    dialogue_targets,
    dns_targets,
    domain_targets,
    listener_targets,
    login_targets,
    mailbox_targets,
    message_targets,
    sender_record_targets,
    text_targets,
    tls_targets,
)
from ansible_collections.mailops.tls.tests.pace import is_cheap

CORPUS = Path(__file__).parent / "corpus"
SECONDS = 2.0
"""Most CPU time for one input; parsers need milliseconds."""


class Harness(NamedTuple):
    """One parser: what feeds it, the longest input that makes sense, and how many examples the test run has time for."""

    target: Callable[[bytes], None]
    longest: int = 4096
    examples: int = 200


HARNESSES: Mapping[str, Harness] = {
    "reply": Harness(dialogue_targets.reply),
    "dialogue": Harness(dialogue_targets.dialogue),
    "capability": Harness(dialogue_targets.capability),
    "imap": Harness(mailbox_targets.imap),
    "pop3": Harness(mailbox_targets.pop3),
    "sieve": Harness(mailbox_targets.sieve),
    "mailbox": Harness(mailbox_targets.mailbox),
    "greeting": Harness(listener_targets.greeting),
    "proc": Harness(listener_targets.proc),
    "challenge": Harness(login_targets.challenge, 1024),
    "login": Harness(login_targets.login),
    "retrieval": Harness(message_targets.retrieval),
    "received": Harness(message_targets.received),
    "authentication_results": Harness(message_targets.authentication_results),
    "records": Harness(tls_targets.records),
    "handshake": Harness(tls_targets.handshake),
    "server_hello": Harness(tls_targets.server_hello, 2048, 100),
    "sealed": Harness(tls_targets.sealed),
    "trace": Harness(tls_targets.trace),
    "certificate": Harness(certificate_targets.certificate),
    "dane": Harness(certificate_targets.dane),
    "tlsa": Harness(certificate_targets.tlsa),
    "dns": Harness(dns_targets.dns),
    "authoritative": Harness(dns_targets.authoritative),
    "domain_record": Harness(domain_targets.domain_record),
    "mta_sts_policy": Harness(domain_targets.mta_sts_policy),
    "settings_document": Harness(domain_targets.settings_document),
    "http": Harness(domain_targets.http),
    "spf": Harness(sender_record_targets.spf, 2048, 100),
    "dkim": Harness(sender_record_targets.dkim, 2048),
    "dmarc": Harness(sender_record_targets.dmarc, 2048, 100),
    "destination": Harness(text_targets.destination, 256),
    "nameserver": Harness(text_targets.nameserver, 256),
    "results_file": Harness(text_targets.results_file),
}


def feed(name: str, data: bytes) -> None:
    """Give one input to a harness; an AssertionError, any other exception, or too much CPU time is a bug found."""
    began = time.thread_time()
    HARNESSES[name].target(data)
    spent = time.thread_time() - began
    assert is_cheap(spent, SECONDS), f"{name} took {spent:.1f} s of CPU time for {len(data)} bytes"


def corpus(name: str) -> dict[str, bytes]:
    """Return the kept inputs of a harness by file name."""
    return {path.name: path.read_bytes() for path in sorted((CORPUS / name).iterdir())}
