# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What OpenSSL loads, and what it refuses, from memory and from files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy.loading import files_refusal, pair_refusal
from ansible_collections.mailops.tls.tests.unit.worlds.deploying import combined, issued, pair_of


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "ed25519"])
def test_every_kind_is_taken(tmp_path: Path, kind: str) -> None:
    pair = pair_of(issued(kind))
    path = tmp_path / "chain.pem"
    path.write_bytes(pair.combined)
    assert pair_refusal(pair) is None and files_refusal(str(path), str(path)) is None


def test_a_key_of_another_certificate() -> None:
    pair = replace(pair_of(issued()), key_block=issued().key.pem)
    assert "mismatch" in str(pair_refusal(pair))


def _indented(data: bytes) -> bytes:
    return data.replace(b"-----BEGIN CERT", b" -----BEGIN CERT")


@pytest.mark.parametrize("damage", [lambda data: data[:-40], lambda data: b"", _indented], ids=["cut", "empty", "indented"])
def test_a_damaged_file(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "chain.pem"
    path.write_bytes(damage(combined(issued())))
    assert "refuses it" in str(files_refusal(str(path), str(path)))
    assert "refuses it" in str(files_refusal(str(tmp_path / "nothing.pem"), str(path)))
