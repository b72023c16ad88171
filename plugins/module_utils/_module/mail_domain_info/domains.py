# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task names to be looked at, as mail domains: one, a list, or a file too long for a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_record_name, normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import MailDomain
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

OPTION = "domains"
_SHOWN = 100
_PLAIN = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z][a-z0-9-]*\Z")
"""A name that is its own key. No address ends like this."""


@dataclass(frozen=True)
class InvalidDomain:
    """One of several texts that is no domain, and why."""

    text: str
    failure: Failure


Read = Union[MailDomain, InvalidDomain]


def check_domains(texts: Sequence[str]) -> None:
    """Raise OptionError for a list that names nothing, and for a single text that is no domain."""
    if not texts:
        raise OptionError(OPTION, [], "names no domain")
    if len(texts) == 1:
        _domain(texts[0])


def read_domain(text: str) -> Read:
    """Read one of many. What is no domain becomes a result, so that it cannot keep hundreds from being looked at."""
    try:
        return _domain(text)
    except OptionError as error:
        told = f"{clean(str(error.value), _SHOWN)!r} {error.reason}"
        return InvalidDomain(text, Failure(ErrorKind.INVALID_DESTINATION, CommonPhase.DESTINATION, told))


def domain_key(text: str) -> str:
    """Return the key that all spellings of a domain share; what is none is its own key."""
    if _PLAIN.match(text):
        return text
    read = read_domain(text)
    return read.name if isinstance(read, MailDomain) else text


def _domain(text: str) -> MailDomain:
    stripped = text.strip().rpartition("@")[2]
    if normalized_address(stripped.strip("[]")):
        raise OptionError(OPTION, text, "is an address and no domain")
    return MailDomain(text, dns_name(OPTION, stripped, text))


def dns_name(option: str, name: str, shown: str | None = None) -> str:
    """Return a name that an option gave, in ASCII and lower case.

    Raises:
        OptionError: it is none; what is *shown* of it is the whole of what was given.
    """
    try:
        converted = to_ascii(name[:-1] if name.endswith(".") else name)
    except ValueError as problem:
        raise OptionError(option, shown or name, str(problem)) from problem
    if not is_record_name(converted):
        raise OptionError(option, shown or name, "is not a domain name, as in example.org")
    return converted.lower()
