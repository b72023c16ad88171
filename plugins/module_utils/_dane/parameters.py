# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three numbers of a TLSA record as a user writes them: `3 1 1`, or by the acronyms of RFC 7218."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError

_USAGES = {"pkix-ta": 0, "pkix-ee": 1, "dane-ta": 2, "dane-ee": 3}
_SELECTORS = {"cert": 0, "spki": 1}
_MATCHING_TYPES = {"full": 0, "sha2-256": 1, "sha2-512": 2}
_COLUMNS = (("certificate usage", _USAGES), ("selector", _SELECTORS), ("matching type", _MATCHING_TYPES))


@dataclass(frozen=True)
class TlsaParameters:
    """Certificate usage, selector and matching type (RFC 6698 section 2.1), each with a meaning assigned by IANA."""

    usage: int
    selector: int
    matching_type: int

    @property
    def about_issuer(self) -> bool:
        """Whether the record is about a trust anchor (PKIX-TA, DANE-TA) and not about the server's own certificate."""
        return self.usage in (0, 2)

    @property
    def about_certificate(self) -> bool:
        """Whether it is about the whole certificate, and so ends with it."""
        return self.selector == 0

    def __str__(self) -> str:
        """The numbers, `3 1 1`."""
        return f"{self.usage} {self.selector} {self.matching_type}"


def parse_parameters(texts: Iterable[str], option: str = "parameters") -> tuple[TlsaParameters, ...]:
    """Return the parameters that *texts* write, each once, in the order given.

    Raises:
        OptionError: naming *option*, when there are none, and for anything that is not three words of RFC 6698 section 7 or RFC
            7218 section 2; private use has no meaning that records could be made by.
    """
    found = dict.fromkeys(_parse(text, option) for text in texts)
    if not found:
        raise OptionError(option, [], "names no kind of record; usual is 3 1 1")
    return tuple(found)


def _parse(text: str, option: str) -> TlsaParameters:
    words = text.lower().split()
    if len(words) != len(_COLUMNS):
        raise OptionError(option, text, "is not certificate usage, selector and matching type, as in 3 1 1")
    usage, selector, matching_type = (_number(word, column, names, text, option) for word, (column, names) in zip(words, _COLUMNS))
    return TlsaParameters(usage, selector, matching_type)


def _number(word: str, column: str, names: Mapping[str, int], text: str, option: str) -> int:
    numbers = {str(number): number for number in names.values()}
    number = names.get(word, numbers.get(word))
    if number is None:
        raise OptionError(option, text, f"has a {column} that is not assigned: {word}")
    return number
