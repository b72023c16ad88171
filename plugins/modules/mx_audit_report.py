#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: mx_audit_report
short_description: Makes a report of what probes have found
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Makes one file that people read, from results of the modules of this collection.
  - The HTML page is complete. It loads nothing from the network, so it can be sent by mail and opened from disk.
  - The page tells first whether anything is wrong now, and then what has changed since the audit before. Verdicts, grades, ends of
    certificates, keys, issuers and protocols follow as charts.
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
    description:
      - The format of the report. V(html) is a page.
      - V(terminal) is text for people. It has what changed, how much of everything, and what is wrong.
      - V(csv) is a table of all servers. No cell of it is a formula, whatever a server has said.
      - V(prometheus) are gauges for the textfile collector of node_exporter. Certificates that have ended are among them.
      - V(junit) is XML for continuous integration. What could not be tested is skipped.
      - V(icinga) is what a monitoring plugin prints, with its state as RV(exit_code).
      - V(tlsrpt) are the failures as senders report them (RFC 8460).
    type: str
    choices: [html, csv, icinga, junit, prometheus, terminal, tlsrpt]
    default: html
  dest:
    description:
      - The file to write, on the controller. It is replaced at once, and only if something is different.
      - V(terminal) and V(icinga) need none, as RV(lines) has them, too.
      - A relative path begins where Ansible was started.
    type: path
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
  excel:
    description: Whether V(csv) begins with a byte order mark, without which Microsoft Excel does not take it for UTF-8.
    type: bool
    default: false
  max_series:
    description: The most series about single servers for V(prometheus). With more of them there are only sums.
    type: int
    default: 5000
  warning_days:
    description: For V(icinga) a certificate that ends within so many days is a warning.
    type: int
    default: 14
  critical_days:
    description: For V(icinga) a certificate that ends within so many days is critical. One that has ended always is.
    type: int
    default: 3
  policy:
    description:
      - Grade the results by these policies, as M(mailops.tls.tls_grade) does. The table shows the level of the first one.
    type: list
    elements: str
    choices: [ncsc-2025, mozilla-6.0-intermediate, mozilla-6.0-modern, iana-recommended, rules]
  rules:
    description: Rules of your own, which become items of each grade, see O(mailops.tls.tls_grade#module:rules).
    type: list
    elements: dict
seealso:
  - module: mailops.tls.tls_grade
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

- name: Give the same to Prometheus
  mailops.tls.mx_audit_report:
    directory: mx-audit
    format: prometheus
    dest: /var/lib/prometheus/node-exporter/mail_tls.prom
    mode: '0644'

- name: Give the state to Icinga
  block:
    - name: Make it
      mailops.tls.mx_audit_report:
        directory: mx-audit
        format: icinga
      register: state

    - name: Hand it over
      ansible.builtin.uri:
        url: https://icinga.example.org:5665/v1/actions/process-check-result
        method: POST
        user: mail-audit
        password: "{{ icinga_password }}"
        headers: {Accept: application/json}
        body_format: json
        body:
          type: Service
          filter: host.name == "mail" && service.name == "mail-tls"
          exit_status: "{{ state.exit_code }}"
          plugin_output: "{{ state.lines | join('\n') }}"

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
lines:
  description: The report itself.
  returned: when O(format) is V(terminal) or V(icinga)
  type: list
  elements: str
  sample: ['MAIL TLS OK - 120 of 120 satisfied | satisfied=120;;;0;120 untested=0;;;0;120 days_left=31;14:;3:']
exit_code:
  description: The state as a monitoring plugin tells it. 0 is well, 1 a warning, 2 critical, 3 unknown.
  returned: when O(format) is V(icinga)
  type: int
  sample: 0
"""
