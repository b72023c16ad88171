# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenSSL's own reader of PEM, PEM_read_bio() of the libcrypto of this machine, by ctypes."""

from __future__ import annotations

import ctypes
from pathlib import Path

_NO_START_LINE = 108  # PEM_R_NO_START_LINE
_REASON = 0x7FFFFF
_POINTER = ctypes.c_void_p

try:
    _LIBRARY = ctypes.CDLL("libcrypto.so.3")
    AVAILABLE = True
except OSError:
    AVAILABLE = False


def read(data: bytes, path: Path) -> tuple[list[tuple[str, bytes, bytes]], bool]:
    """Return label, header and content of each block of a file with these data, and whether its end was reached."""
    path.write_bytes(data)
    open_file, read_block = _LIBRARY.BIO_new_file, _LIBRARY.PEM_read_bio
    open_file.restype, _LIBRARY.ERR_peek_last_error.restype = _POINTER, ctypes.c_ulong
    _LIBRARY.ERR_clear_error()
    bio = _POINTER(open_file(str(path).encode(), b"r"))
    found: list[tuple[str, bytes, bytes]] = []
    while True:
        label, header, content, length = _POINTER(), _POINTER(), _POINTER(), ctypes.c_long()
        if not read_block(bio, *(ctypes.byref(one) for one in (label, header, content, length))):
            break
        texts = [ctypes.string_at(one.value or 0) for one in (label, header)]
        found.append((texts[0].decode("latin-1"), texts[1], ctypes.string_at(content.value or 0, length.value)))
        for one in (label, header, content):
            _LIBRARY.CRYPTO_free(one, None, 0)
    at_end = _LIBRARY.ERR_peek_last_error() & _REASON == _NO_START_LINE
    _LIBRARY.BIO_free(bio)
    return found, at_end
