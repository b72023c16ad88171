# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys are known, and a number for each, in 36 to 54 bytes a key however long it is (pure).

A key is its 16-byte digest. A hundred million keys have two of the same with a chance of one in 10^22.
"""

from __future__ import annotations

import hashlib
from array import array

SIZE = 16
_LEAST = 64


def key_digest(key: str, size: int = SIZE) -> bytes:
    """Return the digest of so many bytes that stands for a key, which can be any text."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=size).digest()


class DigestTable:
    """A table of digests with open addressing: an array of digests and an array of numbers, of which 0 is a free place."""

    def __init__(self, expected: int = 0) -> None:
        """Make room for so many keys; more of them make it grow."""
        self._count = 0
        self._make(max(_LEAST, expected + expected // 2))

    def __len__(self) -> int:
        """How many keys are known."""
        return self._count

    def get(self, digest: bytes) -> int:
        """Return the number of a key, 0 when it is not known."""
        return self._numbers[self._place(digest)]

    def put(self, digest: bytes, number: int) -> None:
        """Note a key with a number, which is not 0, or another number of a known one."""
        place = self._place(digest)
        if not self._numbers[place]:
            if 3 * (self._count + 1) > 2 * self._places:
                self._grow()
                place = self._place(digest)
            self._count += 1
            self._digests[place * SIZE : place * SIZE + SIZE] = digest
        self._numbers[place] = number

    def _place(self, digest: bytes) -> int:
        """Return where a key is, or would be."""
        numbers, digests, places = self._numbers, self._digests, self._places
        at = int.from_bytes(digest[:8], "little") % places
        while numbers[at] and digests[at * SIZE : at * SIZE + SIZE] != digest:
            at += 1
            if at == places:
                at = 0
        return at

    def _make(self, places: int) -> None:
        self._places = places
        self._numbers = array("q", bytes(8 * places))
        self._digests = bytearray(SIZE * places)

    def _grow(self) -> None:
        numbers, digests = self._numbers, self._digests
        self._make(self._places + self._places // 2)
        for at, number in enumerate(numbers):
            if number:
                digest = bytes(digests[at * SIZE : at * SIZE + SIZE])
                place = self._place(digest)
                self._digests[place * SIZE : place * SIZE + SIZE] = digest
                self._numbers[place] = number
