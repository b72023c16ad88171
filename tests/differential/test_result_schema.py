# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every result of every situation fits the published schema, which knows each of its names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema
from ansible_collections.mailops.tls.tests.differential.situations import Situation
from ansible_collections.mailops.tls.tests.unit.docs.result_schema import closed, schema

LINE = jsonschema.Draft202012Validator(closed(schema("result_line")))
IDENTITY = {"schema": 1, "run": "run", "vantage": "here", "probed_at": "2026-05-04T12:00:00Z"}


def test_a_result_fits_the_schema(found: Mapping[str, dict[str, Any]], expected_situation: Situation) -> None:
    mistakes = LINE.iter_errors({**IDENTITY, **found[expected_situation.name]})
    assert [f"{one.json_path}: {one.message}" for one in mistakes] == []
