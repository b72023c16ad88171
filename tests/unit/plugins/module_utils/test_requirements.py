# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Libraries that are there, missing, or too old."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._requirements import MINIMUM, missing_library


def pretend(monkeypatch: pytest.MonkeyPatch, version: str | None) -> None:
    """Let every library be there in this version; None: let it not be there."""

    def load(name: str) -> ModuleType:
        if version is None:
            raise ImportError(f"No module named {name!r}")
        module = ModuleType(name)
        module.__dict__.update(version=version, __version__=version)
        return module

    monkeypatch.setattr(importlib, "import_module", load)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)


def test_the_libraries_that_run_these_tests_will_do() -> None:
    assert importlib.import_module("OpenSSL")
    assert missing_library("dnspython", "pyOpenSSL", "cryptography") is None


def test_nothing_is_needed() -> None:
    assert missing_library() is None


@pytest.mark.parametrize("name", MINIMUM)
def test_a_missing_library_is_named_with_the_version_and_the_trace(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    pretend(monkeypatch, None)
    missing = missing_library(name)
    assert missing is not None
    assert missing.name == f"{name} >= {'.'.join(str(number) for number in MINIMUM[name])}"
    assert missing.trace is not None and "ImportError: No module named" in missing.trace


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("21.0.0", True),
        ("21", True),
        ("100.1", True),
        ("26.4.0.dev1", True),
        ("20.9.9", False),
        ("3.0", False),
        ("unknown", True),
        ("", True),
    ],
)
def test_versions_are_compared_as_numbers(monkeypatch: pytest.MonkeyPatch, version: str, enough: bool) -> None:
    pretend(monkeypatch, version)
    missing = missing_library("pyOpenSSL")
    assert (missing is None) is enough
    if missing is not None:
        assert (missing.name, missing.trace) == (f"pyOpenSSL >= 21.0 (found {version})", None)


def test_only_what_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "21.0")
    missing = missing_library("pyOpenSSL", "cryptography", "dnspython")
    assert missing is not None and missing.name == "cryptography >= 36.0 (found 21.0)"
    assert missing.hint == (
        "On Debian and Ubuntu: apt install python3-cryptography. On Fedora and its kin: dnf install python3-cryptography. "
        f"Elsewhere: {sys.executable} -m pip install cryptography."
    )


def test_all_that_is_missing_is_told_at_once_with_the_names_of_each_system(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, None)
    missing = missing_library("dnspython", "pyOpenSSL", "cryptography")
    assert missing is not None and missing.name == "dnspython >= 2.1, pyOpenSSL >= 21.0, cryptography >= 36.0"
    assert "apt install python3-dnspython python3-openssl python3-cryptography. " in missing.hint
    assert "dnf install python3-dns python3-pyOpenSSL python3-cryptography. " in missing.hint
    assert missing.trace is not None


def test_a_virtual_environment_is_told_its_own_command(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, None)
    monkeypatch.setattr(sys, "prefix", "/venv")
    missing = missing_library("dnspython", "pyOpenSSL")
    assert missing is not None and missing.hint == f"In this virtual environment: {sys.executable} -m pip install dnspython pyOpenSSL."
