#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: mx_audit_report
short_description: Makes a report of what probes have found
version_added: 0.2.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Makes one file that people read, from results of the modules of this collection.
  - The HTML page is complete. It loads nothing from the network, so it can be sent by mail and opened from disk.
  - The page tells first what has changed since the audit before. Verdicts, grades, ends of certificates, keys, issuers and protocols
    follow as charts.
  - A table has all domains. It is filtered and sorted in place, and the address of the page keeps that state. Each domain has a page
    of its own. It has the route of mail, records beside keys, who can deliver, and what to do about each finding.
  - Without scripts the summary and the 200 worst domains are there.
  - What servers have said is shown as text and never as markup. The page has a policy that lets nothing but its own script run.
  - Results of several modules about one name are shown on one page. The same results always make the same report.
  - The report is made on the controller, whatever the host of the task is.
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
  platform:
    details:
      - The report is made on the controller.
extends_documentation_fragment:
  - mailops.tls.attributes
options:
  format:
    description: The format of the report. V(html) is a page.
    type: str
    choices: [html]
    default: html
  dest:
    description: The file to write, on the controller. It is replaced at once, and only if something is different.
    type: path
    required: true
  mode:
    description: The mode of the file, with quotes. A report tells where a mail server is weak, so at first only its owner reads it.
    type: raw
    default: '0600'
  title:
    description: The title of the report. The default is C(Mail server audit).
    type: str
  src:
    description:
      - Files of results on the controller, as O(mailops.tls.smtp_tls_probe#module:results_file) names them. They may be gzipped.
      - Those of M(mailops.tls.mailbox_tls_probe), M(mailops.tls.mail_auth_probe) and M(mailops.tls.mail_domain_info) can be among them.
      - Of a result that is there several times, the newest counts.
    type: list
    elements: path
  directory:
    description:
      - The directory of an audit on the controller. It has a folder C(runs), and in that a folder for each run.
      - The results are the files there whose names begin with C(shard-), and the changes are those in C(changes.jsonl).
    type: path
  run:
    description: Which run of O(directory), by its name or by the id in which that ends. V(latest) is the last one.
    type: str
    default: latest
  results:
    description:
      - Results of a task in place of files. Those of the modules named at O(src) will do.
      - What M(mailops.tls.mail_delivery_probe) has returned can be among them, and C(dane_rollover_results) of
        P(mailops.tls.dane_rollover#role).
    type: list
    elements: dict
  changes:
    description: A file of changes, one JSON object a line, in place of the one in O(directory).
    type: path
seealso:
  - module: mailops.tls.smtp_tls_probe
  - module: mailops.tls.mail_domain_info
"""

EXAMPLES = r"""
- name: Probe many domains, and keep the results
  mailops.tls.smtp_tls_probe:
    destinations: "{{ lookup('ansible.builtin.file', 'domains.txt').splitlines() }}"
    results_file: /var/lib/mail-audit/results.jsonl
  delegate_to: localhost

- name: Make a page of them
  mailops.tls.mx_audit_report:
    src: /var/lib/mail-audit/results.jsonl
    dest: /var/lib/mail-audit/report.html
    title: Our partners' mail servers

- name: Make a page of the last run of an audit, with what has changed
  mailops.tls.mx_audit_report:
    directory: mx-audit
    dest: mx-audit/report.html

- name: Look at one domain in every way
  block:
    - name: As a sending server finds it
      mailops.tls.smtp_tls_probe:
        destination: example.org
      register: probe

    - name: In DNS and on the web
      mailops.tls.mail_domain_info:
        domain: example.org
      register: look

    - name: Make a page of both
      mailops.tls.mx_audit_report:
        results: "{{ probe.results + look.results }}"
        dest: example.org.html
        title: Mail of example.org
"""

RETURN = r"""
dest:
  description: The file with the report.
  returned: success
  type: str
  sample: /var/lib/mail-audit/report.html
size:
  description: How many bytes the report has.
  returned: success
  type: int
  sample: 184320
"""
