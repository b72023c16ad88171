# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading files that the user names: links are followed as Postfix and OpenSSL do, but a pipe holds nobody up."""

from __future__ import annotations

import errno
import os
import stat

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError

LARGEST = 64 * 1024 * 1024
"""Most bytes of a file; the largest bundles of certificates have one."""
_PIECE = 256 * 1024


def read_given(option: str, path: str) -> bytes:
    """Return what is in a file.

    Raises:
        OptionError: naming the option, when there is nothing to be read, or it is not a regular file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise OptionError(option, path, f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise OptionError(option, path, "cannot be read: it is not the name of a file") from error
    try:
        content = _content(descriptor)
    except OSError as error:
        raise OptionError(option, path, f"cannot be read: {error.strerror or error}") from error
    finally:
        os.close(descriptor)
    return content


def is_open_to_everybody(path: str) -> bool:
    """Tell whether every user of this machine may read a file; false when nothing can be said."""
    try:
        return bool(os.stat(path).st_mode & stat.S_IROTH)
    except (OSError, ValueError):
        return False


def _content(descriptor: int) -> bytes:
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError("it is not a regular file")
    content = bytearray()
    # To ask for as much as a file may have is to need as much memory, however small it is.
    while piece := os.read(descriptor, _PIECE):
        content += piece
        if len(content) > LARGEST:
            raise OSError(f"it is larger than {LARGEST} bytes")
    return bytes(content)
