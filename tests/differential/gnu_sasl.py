# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's half of GNU SASL (Debian's libgsasl18), by its C interface: a login is steps of bytes, as with ours.

Numbers are those of `gsasl.h` of version 2.2, which are part of the library's binary interface.
"""

from __future__ import annotations

import base64
import ctypes
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

LIBRARY = "libgsasl.so.18"
OK, NEEDS_MORE, NO_CALLBACK, AUTHENTICATION_ERROR = 0, 1, 51, 31
PROPERTIES = {"AUTHID": 1, "AUTHZID": 2, "PASSWORD": 3, "CB_TLS_UNIQUE": 18, "SCRAM_ITER": 15, "SCRAM_SALT": 16, "CB_TLS_EXPORTER": 25}
VALIDATE_SIMPLE, VALIDATE_EXTERNAL = 500, 501
SALT = b"salt of a test"
BINDINGS = {"tls-unique": "CB_TLS_UNIQUE", "tls-exporter": "CB_TLS_EXPORTER"}

_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)


def _library() -> Any:
    library = ctypes.CDLL(LIBRARY)
    library.gsasl_property_get.restype = library.gsasl_property_fast.restype = ctypes.c_char_p
    library.gsasl_strerror.restype = library.gsasl_check_version.restype = ctypes.c_char_p
    return library


class Ended(Exception):
    """The server ended the login; the error's number and its text."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(f"{text} ({number})")
        self.number = number


class GnuSaslServer:
    """One login at a server with one user. Use it as a context: it holds memory of the library's."""

    _shared: ClassVar[Any] = None

    def __init__(
        self, mechanism: str, username: str, password: str, *, bindings: Mapping[str, bytes] | None = None, iterations: int = 4096
    ) -> None:
        """Begin a login.

        Args:
            mechanism: its name.
            username: the one user there is.
            password: of that user.
            bindings: the channel bindings of the session that carries the login, data by name.
            iterations: of SCRAM.
        """
        self._library = GnuSaslServer._shared = GnuSaslServer._shared or _library()
        self._user, self._password = username.encode(), password.encode()
        self._properties = {PROPERTIES["SCRAM_ITER"]: str(iterations).encode(), PROPERTIES["SCRAM_SALT"]: base64.b64encode(SALT)}
        for name, data in (bindings or {}).items():
            self._properties[PROPERTIES[BINDINGS[name]]] = base64.b64encode(data)
        self.acting: bytes | None = None
        self._context, self._session = ctypes.c_void_p(), ctypes.c_void_p()
        self._callback: Callable[..., int] = _CALLBACK(self._asked)
        self._check(self._library.gsasl_init(ctypes.byref(self._context)))
        self._library.gsasl_callback_set(self._context, self._callback)
        self._check(self._library.gsasl_server_start(self._context, mechanism.encode(), ctypes.byref(self._session)))

    def __enter__(self) -> GnuSaslServer:
        return self

    def __exit__(self, *reason: object) -> None:
        self._library.gsasl_finish(self._session)
        self._library.gsasl_done(self._context)

    def step(self, response: bytes) -> tuple[bytes, bool]:
        """Take a response; return what the server says to it, and whether the login has succeeded.

        Raises:
            Ended: it has not.
        """
        said, length = ctypes.c_void_p(), ctypes.c_size_t()
        code = self._library.gsasl_step(self._session, response, ctypes.c_size_t(len(response)), ctypes.byref(said), ctypes.byref(length))
        if code not in (OK, NEEDS_MORE):
            raise Ended(code, self._library.gsasl_strerror(code).decode())
        told = ctypes.string_at(said, length.value)  # of nothing and no length it is empty
        self._library.gsasl_free(said)
        return told, code == OK

    def _check(self, code: int) -> None:
        if code != OK:
            raise Ended(code, self._library.gsasl_strerror(code).decode())

    def _asked(self, _context: Any, session: Any, prop: int) -> int:
        """Answer a question of the library's about the user, or judge what it read."""
        session = ctypes.c_void_p(session)

        def given(name: str) -> bytes | None:
            found: bytes | None = self._library.gsasl_property_fast(session, PROPERTIES[name])
            return found

        if prop == VALIDATE_SIMPLE:
            self.acting = given("AUTHZID")
            right = (given("AUTHID"), given("PASSWORD")) == (self._user, self._password)
            return OK if right else AUTHENTICATION_ERROR
        if prop == VALIDATE_EXTERNAL:
            self.acting = given("AUTHZID")
            return OK
        if prop == PROPERTIES["PASSWORD"]:
            self.acting = given("AUTHZID")
            answer = self._password if given("AUTHID") == self._user else None
        else:
            answer = self._properties.get(prop)
        if answer is None:
            return NO_CALLBACK
        self._library.gsasl_property_set(session, prop, answer)
        return OK
