# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `tlsa_publish` as one value: what is for a server only is not looked at for a zone file, and no secret is shown."""

from __future__ import annotations

import base64
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_publish.arguments import needed_libraries, publish_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_publish.options import PublishOptions, ServerOptions, publish_options

SECRET = base64.b64encode(b"a secret of 32 octets, or nearly").decode()


def options(**given: Any) -> PublishOptions:
    params = {name: spec.get("default") for name, spec in publish_arguments().items()}
    records = [{"owner": "_25._tcp.mx.example.org", "rdata": "3 1 1 " + "ab" * 32}]
    return publish_options({**params, "records": records, **given})


def test_a_server() -> None:
    found = options(server="ns1.example.org", key_name="Key.", key_secret=SECRET, zone="Example.ORG.", protocol="udp")
    assert isinstance(found.place, ServerOptions) and found.place.key is not None
    assert (found.place.server, found.place.port, found.place.use_tcp, found.place.zone) == ("ns1.example.org", 53, False, "example.org")
    assert found.place.key.name == "key"
    assert SECRET not in repr(found) and "a secret" not in repr(found)


def test_a_zone_file() -> None:
    assert options(zone_file="/zones/snippet", port=0).place == "/zones/snippet"


def test_libraries() -> None:
    assert needed_libraries({"zone_file": None}) == ("dnspython",)
    assert needed_libraries({"zone_file": "/zones/snippet"}) == ()
