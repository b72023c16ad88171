# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our verdicts against Postfix's: the real posttls-finger, the scenario matrix, and what the cases of the test network expect.

Run inside the test network: C(tests/lab/lab.py run -- python -m pytest tests/differential). M(situations) says what is compared,
M(postfix_side) and M(engine_side) find out what each side says, M(comparison) holds them against each other, and
M(differences) knows where they differ and why. M(matrix) is the scenario matrix as data, M(test_openssl_results) the list below it;
both are in docs/postfix-semantics.md, section 12.
What no situation is about has tests of its own: M(test_options), M(test_sessions), M(test_report), M(test_bugs). M(test_guide) holds all of
it against the guide for users of posttls-finger, option by option and line by line (M(log_lines)). Where Postfix has nothing to compare
with, others are asked: tshark whether a key log decrypts what was captured (M(test_keylog)).
"""
