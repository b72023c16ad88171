# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Primes with names are primes, begin and end as the RFCs print them, and another number has none."""

from __future__ import annotations

import re

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._tls import primes
from ansible_collections.mailops.tls.plugins.module_utils._tls.primes import prime_name

NAMES = {name: prime for prime, name in primes._names().items()}
PRINTED = {
    "ffdhe2048": ("FFFFFFFFFFFFFFFFADF85458A2BB4A9A", "886B423861285C97FFFFFFFFFFFFFFFF"),
    "ffdhe3072": ("FFFFFFFFFFFFFFFFADF85458A2BB4A9A", "25E41D2B66C62E37FFFFFFFFFFFFFFFF"),
    "ffdhe4096": ("FFFFFFFFFFFFFFFFADF85458A2BB4A9A", "C68A007E5E655F6AFFFFFFFFFFFFFFFF"),
    "modp1024": ("FFFFFFFFFFFFFFFFC90FDAA22168C234", "49286651ECE65381FFFFFFFFFFFFFFFF"),
    "modp2048": ("FFFFFFFFFFFFFFFFC90FDAA22168C234", "15728E5A8AACAA68FFFFFFFFFFFFFFFF"),
}


def test_all_sizes_of_the_rfcs_are_there() -> None:
    assert set(NAMES) == {
        *(f"ffdhe{bits}" for bits in (2048, 3072, 4096, 6144, 8192)),
        *(f"modp{bits}" for bits in (768, 1024, 1536, 2048, 3072, 4096, 6144, 8192)),
    }


@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_prime_of_its_size(name: str) -> None:
    prime = NAMES[name]
    assert prime.bit_length() == int(re.sub("[a-z]", "", name)) and prime_name(prime) == name
    half = (prime - 1) // 2  # safe primes; Fermat's test is enough for numbers that nobody chose to pass it
    assert pow(2, prime - 1, prime) == 1 and (prime.bit_length() > 4096 or pow(2, half - 1, half) == 1)


@pytest.mark.parametrize("name", PRINTED)
def test_the_first_and_last_digits_are_those_that_are_printed(name: str) -> None:
    text = f"{NAMES[name]:X}"
    begin, end = PRINTED[name]
    assert text.startswith(begin) and text.endswith(end)


def test_another_number_has_no_name() -> None:
    assert prime_name(NAMES["ffdhe2048"] + 2) is None and prime_name(0) is None
