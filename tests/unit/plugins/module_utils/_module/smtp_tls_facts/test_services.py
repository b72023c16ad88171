# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of `services`, `addresses` and `host`."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.services import (
    Service,
    parse_addresses,
    parse_host,
    parse_services,
)


def _service(port: int, tls_mode: str = "starttls") -> dict[str, Any]:
    return {"port": port, "tls_mode": tls_mode}


def test_services_keep_their_order() -> None:
    services = parse_services([_service(465, "implicit"), _service(25)])
    assert services == (Service(465, TlsMode.IMPLICIT), Service(25, TlsMode.STARTTLS))


@pytest.mark.parametrize(
    "values",
    [[], [_service(0)], [_service(65536)], [_service(-25)], [_service(25), _service(25)], [_service(25), _service(25, "implicit")]],
)
def test_services_that_cannot_be(values: list[dict[str, Any]]) -> None:
    with pytest.raises(OptionError) as caught:
        parse_services(values)
    assert caught.value.option == "services"


def test_addresses_in_one_spelling_and_once() -> None:
    assert parse_addresses(["2001:DB8:0::25", "192.0.2.1", "2001:db8::25"]) == ("2001:db8::25", "192.0.2.1")
    assert parse_addresses(None) is None


@pytest.mark.parametrize("values", [[], ["localhost"], ["192.0.2.1:25"], ["[::1]"], [""]])
def test_what_is_no_address(values: list[str]) -> None:
    with pytest.raises(OptionError) as caught:
        parse_addresses(values)
    assert caught.value.option == "addresses"


def test_host_names() -> None:
    assert parse_host("MX.example.org") == "MX.example.org"


def test_internationalised_host_name() -> None:
    pytest.importorskip("idna")
    assert parse_host("mx.b\u00fccher.example") == "mx.xn--bcher-kva.example"


@pytest.mark.parametrize("value", ["", "192.0.2.1", "::1", "[mx.example.org]", "mx.example.org:25", "a b", "mx.\u0301a.example"])
def test_what_is_no_host_name(value: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_host(value)
    assert caught.value.option == "host"
