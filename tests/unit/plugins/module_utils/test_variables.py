# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that nobody reads are told, with the name that may be meant."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._variables import unknown_variables

KNOWN = ["role_publish_server", "role_port", "role_name"]


@pytest.mark.parametrize("names", [[], KNOWN, ["other", "rolled"], ["role_results"]])
def test_nothing_is_said_of_known_names_and_of_those_of_others(names: list[str]) -> None:
    assert unknown_variables(names, KNOWN, "role_", ["role_results"]) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("role_publish_sever", "role_publish_sever is not a variable that is known here; is role_publish_server meant?"),
        ("rolle_publish_server", "rolle_publish_server is not a variable that is known here; is role_publish_server meant?"),
        ("role_xyzzy_quux_plugh", "role_xyzzy_quux_plugh is not a variable that is known here"),
    ],
)
def test_an_unknown_name_is_told(name: str, said: str) -> None:
    assert unknown_variables([name, *KNOWN], KNOWN, "role_") == [said]


def test_without_a_prefix_only_what_is_much_alike_is_told() -> None:
    assert unknown_variables(["server", "role_results", "security"], ["servers", "security_level"]) == [
        "server is not a variable that is known here; is servers meant?"
    ]


def test_a_name_beside_the_known_one_is_somebody_elses() -> None:
    assert unknown_variables(["server"], ["servers", "zone_file"]) == ["server is not a variable that is known here; is servers meant?"]
    assert unknown_variables(["server", "servers"], ["servers", "zone_file"]) == []
    assert unknown_variables(["rollover_days", "rollover_hosts_old"], ["rollover_hosts", "rollover_become"]) == []
