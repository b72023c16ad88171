# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to write in place of a text that is no destination: URLs, mail addresses, dots and blanks. Pure."""

from __future__ import annotations

import re

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname, normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

SHOWN = 100
"""Most characters of a text that is no destination that are shown."""
_FORMS = "a domain, as example.org, or a host in brackets, as [mx.example.org]:25"
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?")
_WEB = ("http", "https", "ftp", "ws", "wss")
_IMPLICIT_TLS = ("smtps", "submissions", "ssmtp")
_MAILTO = "mailto:"


def advice(text: str) -> str | None:
    """Say in one sentence what is wrong with a text and what to write; None when there is nothing better than Postfix's words."""
    bare = text.strip().strip("\ufeff")
    url = _URL.match(bare)
    if not bare:
        return f"is empty: write {_FORMS}"
    if bare[:len(_MAILTO)].lower() == _MAILTO:
        return _instead("is a mailto: URL", _domain_of_address(bare[len(_MAILTO):].partition("?")[0]), "the domain behind the @")
    if url is not None:
        return _of_url(url.group(1).lower(), bare[url.end():])
    if "@" in bare:
        return _instead("is a mail address", _domain_of_address(bare), "the domain behind the @")
    if bare != text or any(char.isspace() for char in bare):
        return _of_blanks(bare)
    if "," in bare or ";" in bare:
        return "is more than one: make each of them an item of the list"
    if "/" in bare:
        return _instead("has a path", _host(bare.partition("/")[0]), _FORMS)
    if ":" in bare and normalized_address(bare) is not None:
        return _instead("is an IPv6 address", f"[{bare}]", _FORMS)
    return _of_dots(bare)


def _of_url(scheme: str, rest: str) -> str:
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    parts = _AUTHORITY.fullmatch(authority)
    host = _host(parts.group(1).strip("[]")) if parts is not None else None
    wanted = None
    if host is not None and parts is not None:
        is_domain = scheme in _WEB and normalized_address(host) is None
        port = parts.group(2) or ("465" if scheme in _IMPLICIT_TLS else "")
        wanted = host if is_domain else f"[{host}]:{port}" if port else f"[{host}]"
    more = " with tls_mode: implicit" if wanted and scheme in _IMPLICIT_TLS else ""
    return _instead("is a URL", wanted, _FORMS) + more


def _of_blanks(bare: str) -> str:
    words = bare.split()
    return _instead("has white space in it", bare if len(words) == 1 else None, "one destination without any")


def _of_dots(text: str) -> str | None:
    """A name with the dot of DNS behind it, alone, with a port, or in brackets."""
    found = re.fullmatch(r"(\[?)(.+?)\.+(\]?)((?::[^:]*)?)", text)
    if found is None or _host(found.group(2)) is None:
        return None
    return _instead("ends with a dot", "".join(found.groups()), _FORMS)


def _domain_of_address(text: str) -> str | None:
    return _host(text.rpartition("@")[2].strip().strip("<>[]").rstrip("."))


def _host(text: str) -> str | None:
    """Return a text that is a host name or address, None otherwise."""
    if len(text) > SHOWN:
        return None
    try:
        ascii_name = to_ascii(text)
    except ValueError:
        return None
    return text if normalized_address(text) is not None or is_hostname(ascii_name) else None


def _instead(wrong: str, wanted: str | None, otherwise: str) -> str:
    return f"{wrong}: write {clean(wanted or otherwise, SHOWN)} in place of it"
