# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options `owner`, `group` and `mode` as numbers, checked before anything is written."""

from __future__ import annotations

import grp
import pwd
import re

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import Access

_OCTAL = re.compile(r"(?:0o?)?[0-7]{3}")
_PERMISSIONS = 0o777
_OTHERS = 0o007


def parse_mode(value: str | int | None, option: str, *, secret: bool = False) -> int | None:
    """Return the permission bits that a user wrote: octal text, or the number that YAML made of it; `None` of `None`.

    Raises:
        OptionError: for anything else (the `600` that is `1130` in octal, say), for a file that its owner could not read, and, when
            *secret*, for one that everybody could use.
    """
    if value is None:
        return None
    text = str(value).strip()
    mode = value if isinstance(value, int) else int(text, 8) if _OCTAL.fullmatch(text) else -1
    if not 0 <= mode <= _PERMISSIONS:
        raise OptionError(option, value, "is not a mode: octal digits in quotes are expected, as in '0600'")
    if not mode & 0o400:
        raise OptionError(option, f"{mode:04o}", "does not let the owner read the file")
    if secret and mode & _OTHERS:
        raise OptionError(option, f"{mode:04o}", "would let everybody at a private key")
    return mode


def parse_access(
    mode: int | None, owner: str | None, group: str | None
) -> Access:
    """Return mode and owner of a file; *owner* and *group* are names or numbers.

    Raises:
        OptionError: for unknown names.
    """
    return Access(mode, _user(owner), _group(group))


def _user(owner: str | None) -> int | None:
    if owner is None or owner.isdecimal():
        return None if owner is None else int(owner)
    try:
        return pwd.getpwnam(owner).pw_uid
    except KeyError:
        raise OptionError("owner", owner, "is not a user of this machine") from None


def _group(group: str | None) -> int | None:
    if group is None or group.isdecimal():
        return None if group is None else int(group)
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise OptionError("group", group, "is not a group of this machine") from None
