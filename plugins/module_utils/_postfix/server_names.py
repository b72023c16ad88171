# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that a server's certificate or request is made for: those of the user, else Postfix's `myhostname`.

`postfix tls` writes whatever it is given. Here a name is one that a client could look for: a host name, or `*` for its
first label; in ASCII, without a dot at its end, and each once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import MAX_HOSTNAME, is_address, is_hostname
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii

_WILDCARD = "*."


def server_names(names: Sequence[str], myhostname: Callable[[], str], read: Callable[[str], bytes]) -> tuple[str, ...]:
    """Return the names in ASCII, in order, without repetition.

    Without *names* it is what *myhostname* returns; a value that begins with a slash, there or among *names*, is a file that holds the
    name, which *read* reads.

    Raises:
        OptionError: for a name that no certificate should have.
    """
    found: dict[str, str] = {}
    for name in names or [myhostname()]:
        plain = _server_name(_from_file(name, read) if name.startswith("/") else name)
        found.setdefault(plain.lower(), plain)
    return tuple(found.values())


def _from_file(path: str, read: Callable[[str], bytes]) -> str:
    try:
        return read(path).decode("utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise OptionError("names", path, f"cannot be read as a file that holds a name: {problem}") from problem


def _server_name(name: str) -> str:
    below = name.startswith(_WILDCARD)
    bare = name[len(_WILDCARD) :] if below else name
    if is_address(bare):
        raise OptionError("names", name, "is an address; certificates of mail servers have names")
    try:
        bare = to_ascii(bare[:-1] if bare.endswith(".") else bare)
    except ValueError as problem:
        raise OptionError("names", name, str(problem)) from problem
    if not is_hostname(bare) or len(bare) > MAX_HOSTNAME - len(_WILDCARD) * below:
        raise OptionError("names", name, "is not a host name")
    return _WILDCARD + bare if below else bare
