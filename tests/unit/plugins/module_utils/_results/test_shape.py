# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of results knows the words of those who make them, which it may not import."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status
from ansible_collections.mailops.tls.plugins.module_utils._probe.reconnect import Ended
from ansible_collections.mailops.tls.plugins.module_utils._results.shape import ENDED, STATUSES


def test_the_words_are_those_of_the_probe() -> None:
    assert {one.value for one in Status} == STATUSES and {one.value for one in Ended} == ENDED
