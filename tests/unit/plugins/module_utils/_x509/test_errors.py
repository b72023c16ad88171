# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of several verification errors is shown (docs/postfix-semantics.md section 4.5)."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509.errors import VerifyError, select_error, verify_error


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], None),
        ([(62, 0)], (62, 0)),
        ([(20, 1)], (20, 1)),
        ([(20, 1), (10, 0)], (10, 0)),
        ([(10, 0), (20, 1)], (10, 0)),
        ([(66, 0), (65, 0)], (66, 0)),
        ([(20, 1), (62, 0)], (20, 1)),
        ([(62, 0), (20, 1)], (20, 1)),
        ([(62, 0), (20, 2), (79, 1), (26, 1)], (79, 1)),
        ([(62, 0), (64, 0)], (64, 0)),
    ],
)
def test_selection(found: list[tuple[int, int]], expected: object) -> None:
    selected = select_error(verify_error(code, depth) for code, depth in found)
    assert (selected and (selected.code, selected.depth)) == expected


def test_texts_are_those_of_openssl() -> None:
    assert verify_error(65, 1) == VerifyError(65, 1, "no matching DANE TLSA records")
    assert verify_error(10).text == "certificate has expired"
    assert verify_error(255).text == "error number 255"
