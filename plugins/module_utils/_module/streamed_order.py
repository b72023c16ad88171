# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In what order the items of a long list are taken: shuffled, so that neighbours in the list, often one provider's, do not come together.

The list is too long to be shuffled as a whole. It is shuffled in windows, each of which is in memory as one piece of bytes. Pure.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterable, Iterator
from itertools import islice

WINDOW = 20_000
"""Items of a window. The larger they are, the further apart are domains of one provider, and the more memory they take."""


def in_windows(items: Iterable[str], seed: str, size: int = WINDOW) -> Iterator[str]:
    """Yield all *items*, those of each window in an order that only the seed decides."""
    order = random.Random(seed)
    left = iter(items)
    while True:
        text = bytearray()
        begins = array("Q")
        for item in islice(left, size):
            begins.append(len(text))
            text += item.replace("\0", "\ufffd").encode("utf-8", "surrogatepass") + b"\0"
        if not begins:
            return
        order.shuffle(begins)
        for begin in begins:
            yield text[begin : text.index(0, begin)].decode("utf-8", "surrogatepass")
