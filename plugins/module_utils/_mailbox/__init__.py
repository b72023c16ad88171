# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes and submission as a mail client meets them: IMAP, POP3, ManageSieve and submission, by host or by a domain's SRV records.

A mail client differs from a mail server: it trusts the system's certification authorities, it knows the host by its user's word or by
SRV records (RFC 6186, RFC 8314), and it has a password to lose. TLS, certificates, TLSA records and limits are judged by the same code
in `_probe/` as those of mail exchanges.

Who may enter: the doors of `mailbox_tls_probe`, `mail_auth_probe` and `mail_delivery_probe`, and whoever announces such services.
Begin with `services.py`, the table of services.

Rules of this room:

- Every address of every host is asked, and the one that is worst counts: clients of all kinds come.
- What was told before TLS is a fact and nothing more; what counts for logins is told inside.
"""
