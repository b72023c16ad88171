# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three numbers of a record as users write them."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.parameters import TlsaParameters, parse_parameters
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from hypothesis import given
from hypothesis import strategies as st

ASSIGNED = st.builds(TlsaParameters, st.integers(0, 3), st.integers(0, 1), st.integers(0, 2))


@given(st.lists(ASSIGNED, min_size=1, max_size=5))
def test_every_assigned_number_is_read_once_and_in_order(wanted: list[TlsaParameters]) -> None:
    assert parse_parameters([str(one) for one in wanted]) == tuple(dict.fromkeys(wanted))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("DANE-EE SPKI SHA2-256", (3, 1, 1)), ("dane-ta cert full", (2, 0, 0)), (" PKIX-EE\tCert SHA2-512 ", (1, 0, 2)),
        ("pkix-ta 1 sha2-256", (0, 1, 1)),
    ],
)  # fmt: skip
def test_acronyms_of_rfc_7218(text: str, numbers: tuple[int, int, int]) -> None:
    assert parse_parameters([text]) == (TlsaParameters(*numbers),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not certificate usage"), ("3 1", "is not certificate usage"), ("3 1 1 1", "is not certificate usage"),
        ("311", "is not certificate usage"), ("4 1 1", "certificate usage that is not assigned: 4"),
        ("255 1 1", "certificate usage that is not assigned"), ("3 2 1", "selector that is not assigned: 2"),
        ("3 1 3", "matching type that is not assigned: 3"), ("3 1 255", "matching type"), ("3 1 -1", "matching type"),
        ("3 1 \u00b9", "matching type"), ("03 1 1", "certificate usage"), ("SPKI 1 1", "certificate usage"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_name(text: str, reason: str) -> None:
    with pytest.raises(OptionError, match=reason) as refused:
        parse_parameters(["3 1 1", text], "some_option")
    assert refused.value.option == "some_option" and refused.value.value == text


def test_no_parameters_are_refused() -> None:
    with pytest.raises(OptionError, match="usual is 3 1 1"):
        parse_parameters([])
