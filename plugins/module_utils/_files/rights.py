# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user without the rights of root is told: that become is needed, and not that something is broken."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable

from ansible_collections.mailops.tls.plugins.module_utils._files.access import user_name

User = Callable[[], int]
_DENIALS = ("Permission denied", "Operation not permitted")
_DENIED = (errno.EACCES, errno.EPERM)


def is_denied(error: Exception, user: User = os.geteuid) -> bool:
    """Return whether an error is for want of rights that root would have."""
    return isinstance(error, OSError) and error.errno in _DENIED and user() != 0


def explained(text: str, user: User = os.geteuid) -> str:
    """Return an error's text, with what to do about it when the rights of root are missing."""
    if user() == 0 or not any(one in text for one in _DENIALS) or "become is needed" in text:
        return text
    return f"become is needed, since this runs as user {user_name(user())}: {text}"


def not_root(user: User = os.geteuid) -> str | None:
    """Return what to tell whoever is not root, whom postfix(1) neither answers nor obeys; None for root."""
    if user() == 0:
        return None
    return f"become is needed, since this runs as user {user_name(user())}: postfix(1) works for root only"


def is_folder(path: str) -> bool:
    """Return whether a path is that of a folder.

    Raises:
        PermissionError: where os.path.isdir would say no without knowing.
    """
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except PermissionError:
        raise
    except (OSError, ValueError):
        return False


def require_writable(directory: str, user: User = os.geteuid) -> None:
    """Raise PermissionError when a file could not be made in a folder, which check mode would not notice."""
    effective = os.access in os.supports_effective_ids
    if user() != 0 and os.path.isdir(directory) and not os.access(directory, os.W_OK | os.X_OK, effective_ids=effective):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), directory)
