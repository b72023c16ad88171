# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts of the test run, which stand on the path by themselves."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "run"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """What runs sessions, with its logs in a folder of the test's."""
    monkeypatch.syspath_prepend(str(FOLDER))
    module: Any = importlib.import_module("run")
    monkeypatch.setattr(module, "LOGS", tmp_path)
    monkeypatch.setattr(module, "MADE", tmp_path)
    return module


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What tells a stuck session."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("quiet")
