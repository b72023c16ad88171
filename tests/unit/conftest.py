# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same examples of hypothesis in every run, with all the time they need: whether a change passes depends on the change alone.

A search for examples that nobody has seen yet is one with `MAILOPS_TLS_HISTORIES` in the environment. Four sessions run these tests.
Examples search for mistakes in what is pure, which is the same on all Pythons; so the newest has most of them.
"""

from __future__ import annotations

import os
import sys

from hypothesis import settings

EXAMPLES = 100 if sys.version_info >= (3, 12) else 25
settings.register_profile("repeatable", max_examples=EXAMPLES, deadline=None, derandomize="MAILOPS_TLS_HISTORIES" not in os.environ)
settings.load_profile("repeatable")
