# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operating system's own tables."""

from __future__ import annotations

import asyncio
import socket

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses, service_port


def test_unknown_services_have_no_port() -> None:
    assert service_port("no-such-service-here") is None
    assert service_port("a\0b") is None


def test_addresses_of_a_literal() -> None:
    assert asyncio.run(native_addresses("192.0.2.1")) == ("192.0.2.1",)


@pytest.mark.parametrize(("code", "absent"), [(socket.EAI_NONAME, True), (socket.EAI_AGAIN, False)])
def test_absence_and_failure_are_kept_apart(monkeypatch: pytest.MonkeyPatch, code: int, absent: bool) -> None:
    def fail(*_arguments: object, **_keywords: object) -> None:
        raise socket.gaierror(code, "as the test wants")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    if absent:
        assert asyncio.run(native_addresses("a.example")) == ()
    else:
        with pytest.raises(OSError, match="as the test wants"):
            asyncio.run(native_addresses("a.example"))


@pytest.mark.parametrize("host", ["a..b", "x" * 300])
def test_impossible_names_have_no_address(host: str) -> None:
    assert asyncio.run(native_addresses(host)) == ()
