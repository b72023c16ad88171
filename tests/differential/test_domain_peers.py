# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same domains through our module, checkdmarc, opendkim-testkey and dig: they agree, but for what DIFFERENCES explains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.differential.domain_peers import (
    Look,
    as_ours,
    by_checkdmarc,
    by_dig,
    by_opendkim,
    name_server,
    ours,
    situations,
)

DIFFERENCES = {
    "spf_address_in_a wrong": "a name ends in a top-level label, and 1 is none (RFC 7208 sections 7.1 and 12); checkdmarc warns",
    "spf_ptr_used wrong": "what ptr looks up is the sender's address (RFC 7208 section 5.5); checkdmarc counts without one",
    "spf_not_ascii wrong": "terms are separated by spaces only (RFC 7208 section 4.6.1); checkdmarc splits at a no-break space",
    "dkim_duplicate_tag wrong": "a tag that comes twice makes the list invalid (RFC 6376 section 3.2); opendkim takes one of them",
    "dkim_key_malformed wrong": "p= has to hold an RSA key (RFC 6376 section 3.6.1); opendkim-testkey takes any base64",
    "dkim_key_type_mismatch wrong": "k=rsa with the octets of Ed25519 (RFC 8463 section 4); as before",
    "dkim_ed25519_not_raw wrong": "an Ed25519 key is the 32 octets alone (RFC 8463 section 4); as before",
    "dkim_rsa_too_short wrong": "less than 1024 bits are not accepted (RFC 8301 section 3.2); as before",
    "dkim_hash_unusable wrong": "h=sha1 alone allows no signature (RFC 8301 section 3.1); opendkim-testkey does not compare hashes",
    "dmarc_version_invalid wrong": "receivers ignore it (RFC 9989 sections 4.7 and 4.8); we say why there is none, checkdmarc that",
    "dmarc_stray_backslash wrong": "as before (RFC 9989 section 4.8)",
    "dmarc_duplicate_tag wrong": "some receivers go on with one of both (RFC 9989 section 4.8); we tell it as an error of a valid record",
    "dmarc_report_uri_invalid wrong": "without that report the policy still counts (RFC 9989 section 4.7); checkdmarc gives up",
}
"""By case in what a peer comes to another result, and by which rule ours is right."""
LOOKS = situations()


@pytest.fixture(scope="module", name="folder")
def fixture_folder() -> Iterator[Path]:
    """Have the domains served."""
    with name_server(LOOKS) as folder:
        yield folder


@pytest.fixture(scope="module", name="results")
def fixture_results(folder: Path) -> Mapping[Look, dict[str, Any]]:
    """Return what our module says of all."""
    return ours(LOOKS)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.subject} {look.case}")
def test_a_peer_says_the_same(look: Look, folder: Path, results: Mapping[Look, dict[str, Any]]) -> None:
    peer = by_opendkim(look, folder) if look.subject == "dkim" else by_checkdmarc(look)
    assert (as_ours(look, results[look]) != peer) is (look.case in DIFFERENCES), f"ours: {as_ours(look, results[look])}, peer: {peer}"


def test_differences_are_of_cases_that_exist() -> None:
    assert set(DIFFERENCES) <= {look.case for look in LOOKS}


def test_records_are_those_that_dig_sees(folder: Path, results: Mapping[Look, dict[str, Any]]) -> None:
    for look, result in list(results.items())[:60]:
        seen = {text.strip('"') for text in by_dig(look.domain, "TXT") if text.startswith('"v=spf1 ') and "\\" not in text}
        assert {text for text in result["spf"]["records"] if text.isascii()} == seen, look.domain
