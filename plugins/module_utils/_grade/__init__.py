# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grades: what a probe saw of a mail server's TLS, beside what a guideline asks for.

A result of `smtp_tls_probe` or `mailbox_tls_probe` goes in, as facts; a grade comes out, as facts. Nothing here touches the world,
and nothing is concluded from silence: what was not tested has a level of its own, which is neither good nor bad.

Who may enter: the door and the filter of `tls_grade`, and whoever shows grades.

Where to begin: `grade.py` has the one function for all. Under it:

- levels and what is worse than what: `levels.py`; one item of a policy against what was seen: `judge.py`
- policies are data: `policy.py` has their shape and finds them by id. `policy_ncsc.py`, `policy_mozilla.py`, `policy_iana.py` and
  `iana_suites.py` are made by tests/policies/sources.py of what their publishers have
- what was seen: `endpoint_view.py` reads one endpoint without trust; `subjects.py` and `certificate_subjects.py` have a
  function for each thing that a policy can be about
- Internet.nl's percentages: `internetnl.py`, `internetnl_view.py` for what it sees, and `routes.py` for its part on routing
- rules of the user: `rules.py`, the only file that needs jmespath

Rules of this room:

- An item that a policy names has evidence: the field of the result, and the endpoint.
- A grade never rises by something that is worse, and does not depend on the order of endpoints.
"""
