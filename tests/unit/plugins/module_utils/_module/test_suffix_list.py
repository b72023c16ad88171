# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of public suffixes of a machine, and providers by it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module import suffix_list
from ansible_collections.mailops.tls.plugins.module_utils._module.suffix_list import installed_suffixes, provider_of
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import ProberSettings

LIMITED = ProberSettings(per_provider_limit=2)


def test_providers_by_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "list").write_text("com\nuk\nco.uk\n", encoding="utf-8")
    monkeypatch.setattr(suffix_list, "SUFFIX_LIST", tmp_path / "list")
    assert installed_suffixes() is not None
    found = [provider_of(LIMITED)(host) for host in ("mx1.big.co.uk", "mx2.other.co.uk", "mx.example.com")]
    assert found == ["big.co.uk", "other.co.uk", "example.com"]


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_providers_without_a_list(content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if content is not None:
        (tmp_path / "list").write_bytes(content)
    monkeypatch.setattr(suffix_list, "SUFFIX_LIST", tmp_path / "list")
    assert installed_suffixes() is None
    assert provider_of(LIMITED)("mx1.big.co.uk") == "co.uk"


def test_the_list_is_not_read_where_providers_have_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suffix_list, "installed_suffixes", lambda: pytest.fail("the list was read"))
    assert provider_of(ProberSettings())("mx.example.com") == "example.com"
