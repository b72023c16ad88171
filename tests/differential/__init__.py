# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our verdicts against Postfix's: the real posttls-finger, the scenario matrix, and what the cases of the test network expect.

Run inside the test network: `tests/lab/lab.py run -- python -m pytest tests/differential`. `situations` says what is compared,
`postfix_side` and `engine_side` find out what each side says, `comparison` holds them against each other, and
`differences` knows where they differ and why. `matrix` is the scenario matrix as data, `test_openssl_results` the list below it;
both are in docs/postfix-semantics.md, section 12.
What no situation is about has tests of its own: `test_options`, `test_destinations`, `test_shown`, `test_sessions`,
`test_report`, `test_bugs`. `test_guide` holds all of it against the guide for users of posttls-finger, option by option
and line by line (`log_lines`). Where Postfix has nothing to compare with, others are asked: tshark whether a key log
decrypts what was captured (`test_keylog`), scramp and GNU SASL whether they take our logins (`test_sasl_servers`).
Mail services are looked at beside openssl s_client, gnutls-cli, curl and swaks (`test_mail_clients`, with its cases in
`mailbox_cases`), and logged in to beside swaks and curl (`test_logins`).
"""
