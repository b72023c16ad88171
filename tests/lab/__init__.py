# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test network: signed DNS, a validating resolver and Postfix with one listener per case, in a namespace of our own.

Run `tests/lab/lab.py up`, read README.md. For tests: `cases` holds the cases as data, `state` what a running lab knows
(addresses, certificates, fingerprints), `posttls_finger` reads the output of the real posttls-finger.
"""
