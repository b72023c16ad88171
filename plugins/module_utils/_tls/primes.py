# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Diffie-Hellman primes that have names: those of TLS (RFC 7919 appendix A) and of IKE (RFC 2409 section 6, RFC 3526).

They are made of the digits of e and of pi by the formula of these RFCs, so none had to be copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Callable

_GUARD = 64
"""Bits behind the last one that counts, for what rounding takes away."""
_OF_E = {2048: 560316, 3072: 2625351, 4096: 5736041, 6144: 15705020, 8192: 10965728}
_OF_PI = {768: 149686, 1024: 129093, 1536: 741804, 2048: 124476, 3072: 1690314, 4096: 240904, 6144: 929484, 8192: 4743158}
"""By the bits of a prime, what is added until the number is one."""


def prime_name(prime: int) -> str | None:
    """Return the name of a prime: `ffdhe2048` of RFC 7919, `modp2048` of RFC 3526 and 2409. None for one that somebody made."""
    return _names().get(prime)


@lru_cache(maxsize=1)
def _names() -> Mapping[int, str]:
    """All of them, made when the first one is asked for."""
    found = {_prime(bits, add, _e): f"ffdhe{bits}" for bits, add in _OF_E.items()}
    found.update({_prime(bits, add, _pi): f"modp{bits}" for bits, add in _OF_PI.items()})
    return found


def _prime(bits: int, add: int, digits: Callable[[int], int]) -> int:
    return (1 << bits) - (1 << (bits - 64)) + ((digits(bits - 130) + add) << 64) - 1


def _e(bits: int) -> int:
    """The integer part of e times 2 to the power of *bits*: the sum of 1/n!."""
    term, found, number = 1 << (bits + _GUARD), 0, 0
    while term:
        found, number = found + term, number + 1
        term //= number
    return found >> _GUARD


def _pi(bits: int) -> int:
    """The integer part of pi times 2 to the power of *bits*, by Machin's formula."""
    one = 1 << (bits + _GUARD)
    return 4 * (4 * _arctan(5, one) - _arctan(239, one)) >> _GUARD


def _arctan(inverse: int, one: int) -> int:
    term, found, number = one // inverse, 0, 1
    while term:
        found += term // number if number % 4 == 1 else -(term // number)
        term, number = term // (inverse * inverse), number + 2
    return found
