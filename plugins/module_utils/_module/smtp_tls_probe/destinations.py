# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task names to be probed, as destinations: one, a list, or a file too long for a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Union

from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import service_port
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import (
    KNOWN_PORTS,
    OPTION,
    Destination,
    InvalidDestination,
    Protocol,
    parse_destination,
)
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination_advice import SHOWN, advice
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import Lookup
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

Read = Union[Destination, InvalidDestination]
_PLAIN = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z][a-z0-9-]*\Z")
"""A name that is its own key: in lower case and without a port. No address ends like this."""
_WITH_PORT = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*:(?!25\Z)[1-9][0-9]*\Z")
"""A name of several labels with a port that is not the usual one. No prefix of a destination has a dot."""


def read_destinations(texts: Sequence[str], protocol: Protocol) -> tuple[tuple[Destination, ...], tuple[InvalidDestination, ...]]:
    """Read the destinations. One of several that is none becomes a result, so that it cannot keep thousands from being probed."""
    check_destinations(texts, protocol)
    read = [read_destination(text, protocol) for text in texts]
    found = tuple(one for one in read if isinstance(one, Destination))
    return found, tuple(one for one in read if isinstance(one, InvalidDestination))


def check_destinations(texts: Sequence[str], protocol: Protocol) -> None:
    """Raise OptionError for a list that names nothing, and for one destination that is none."""
    if not texts:
        raise OptionError(OPTION, texts, "names nothing to probe")
    if len(texts) == 1:
        _destination(texts[0], protocol)


def read_destination(text: str, protocol: Protocol) -> Read:
    """Read one of many destinations."""
    try:
        return _destination(text, protocol)
    except OptionError as error:
        return InvalidDestination(text, invalid_destination(error))


def destination_key(protocol: Protocol, lookup: Lookup) -> Callable[[str], str]:
    """Return what makes of a destination's text a key that all its spellings share; what is none is its own key."""

    def key(text: str) -> str:
        if protocol is Protocol.SMTP and (_PLAIN.match(text) or lookup is not Lookup.SRV and _WITH_PORT.match(text)):
            return text
        read = read_destination(text, protocol)
        return _key(read, lookup) if isinstance(read, Destination) else text

    return key


def _key(destination: Destination, lookup: Lookup) -> str:
    if destination.unix_path is not None:
        return f"unix:{destination.unix_path}"
    host = destination.address or destination.nexthop.lower()
    if destination.address_only or destination.address is not None:
        host = f"[{host}]"
    if lookup is Lookup.SRV and not destination.address_only:
        return host if destination.service == destination.protocol.value else f"{host}:{destination.service.lower()}"
    return host if destination.port == KNOWN_PORTS[destination.protocol.value] else f"{host}:{destination.port}"


def _destination(text: str, protocol: Protocol) -> Destination:
    """Read one destination; what is none is told with what to write in place of it."""
    try:
        found = parse_destination(text, protocol=protocol, service_port=service_port)
    except OptionError as error:
        shown = text if len(text) <= SHOWN else text[:SHOWN] + "..."
        raise OptionError(OPTION, shown, advice(text) or error.reason) from error
    if text.lower() == "mailto:":  # Postfix would take it for a host of this name
        raise OptionError(OPTION, text, advice(text) or "")
    return found


def invalid_destination(error: OptionError) -> Failure:
    """Return the failure of a destination that could not be read."""
    text = f"{clean(str(error.value), SHOWN + 3)!r} {error.reason}"
    return Failure(ErrorKind.INVALID_DESTINATION, CommonPhase.DESTINATION, text)
