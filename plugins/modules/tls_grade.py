#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_grade
short_description: Grade the TLS of mail servers by a guideline, and fail when it is not good enough
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Compares results of M(mailops.tls.smtp_tls_probe) or M(mailops.tls.mailbox_tls_probe) with policies. Each item has a level, what was
    seen, where, and who can fix it.
  - It does the same as the filter P(mailops.tls.tls_grade#filter), also for files of results of any length. The file is read line by line.
  - Nothing is connected to, and nothing is written.
  - V(not_tested) is neither good nor bad. A server that is busy or does not answer is never one without STARTTLS.
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.attributes.info_module
requirements:
  - jmespath >= 0.10, for O(rules) and O(rules_file)
  - PyYAML, for rules in YAML
options:
  results:
    description:
      - The C(results) of a probe. Exactly one of this and O(results_file) is needed.
    type: list
    elements: dict
  results_file:
    description:
      - A file of results on the machine that the task runs on, as O(mailops.tls.smtp_tls_probe#module:results_file) writes it. It can be
        compressed with gzip.
      - Where a run was gone on with, the last result of a destination counts.
    type: path
  policy:
    description:
      - The policies. Each result gets a grade for each.
      - V(ncsc-2025) is the guideline of NCSC-NL of May 2025, as Internet.nl counts it.
      - V(mozilla-6.0-intermediate) and V(mozilla-6.0-modern) are Mozilla's, as far as they hold for mail.
      - V(iana-recommended) is the column Recommended of IANA's registries.
      - V(rules) has no items of its own, for grades by O(rules) alone.
    type: list
    elements: str
    choices: [ncsc-2025, mozilla-6.0-intermediate, mozilla-6.0-modern, iana-recommended, rules]
    default: [ncsc-2025]
  rules:
    description:
      - Rules of your own, which become items of each grade. At most 64, with expressions of at most 4096 characters.
      - Each has an C(id), a C(level) and C(when), a JMESPath expression over one result. When that finds something, the grade has an item
        of this level. It can have a C(text), a C(ref), C(fixable_by) and C(mandatory).
      - A rule that cannot be read fails the task before anything is graded. One that cannot be applied to some result is V(not_tested)
        there.
    type: list
    elements: dict
  rules_file:
    description:
      - A file with such a list, in JSON or YAML, on the machine that the task runs on.
    type: path
  domain_facts:
    description:
      - What you know of Internet.nl's other categories, by domain. C(mail_ipv6), C(mail_dnssec) and C(mail_auth) are scores from 0 to 100.
      - C(mail_rpki) is a score too, or has C(mx), C(ns) and C(mx_ns). Each is what C(routinator validate --json) says of the routes to the
        exchanges, to the name servers of the domain, and to those of the exchanges.
    type: dict
  fail_below:
    description:
      - Fail when a grade is below this level. V(phase_out) fails for V(insufficient) alone, V(good) for everything else that was tested.
      - V(not_tested) is not below anything; see O(fail_untested).
    type: str
    choices: [good, sufficient, phase_out]
  fail_untested:
    description:
      - Fail when a grade is V(not_tested).
    type: bool
    default: false
  grades_max:
    description:
      - Return at most so many grades, the worst of them. All of them are counted.
    type: int
    default: 100
seealso:
  - plugin: mailops.tls.tls_grade
    plugin_type: filter
  - module: mailops.tls.smtp_tls_probe
  - module: mailops.tls.mailbox_tls_probe
"""

EXAMPLES = r"""
- name: Ask the exchanges of two domains for all that they accept
  mailops.tls.smtp_tls_probe:
    destinations: [example.org, example.net]
    scan: grade
  register: probe

- name: Fail when one of them has something that has to go
  mailops.tls.tls_grade:
    results: "{{ probe.results }}"
    fail_below: sufficient

- name: Grade the results of an audit by two policies
  mailops.tls.tls_grade:
    results_file: /var/lib/mail-audit/results.jsonl
    policy: [ncsc-2025, mozilla-6.0-intermediate]
  register: grades

- name: Show how many there are of each level
  ansible.builtin.debug:
    var: grades.counts

- name: Have only rules of the house
  mailops.tls.tls_grade:
    results: "{{ probe.results }}"
    policy: [rules]
    rules:
      - id: tls_1_3
        level: phase_out
        when: "endpoints[?tls && tls.protocol != 'TLSv1.3']"
        text: Switch TLS 1.3 on.
    fail_below: sufficient
"""

RETURN = r"""
grades:
  description:
    - The grades, at most O(grades_max), in the order of the results.
  returned: success, or when O(fail_below) or O(fail_untested) is not met
  type: list
  elements: dict
  contains:
    subject:
      description: The destination or target that the result is of.
      type: str
      sample: example.org
    policy:
      description: The id of the policy.
      type: str
      sample: ncsc-2025
    title:
      description: What the policy is.
      type: str
    version:
      description: Its version.
      type: str
      sample: 2025-05
    level:
      description:
        - The worst level of what is mandatory, V(good), V(sufficient), V(phase_out) or V(insufficient).
        - V(not_tested) when something that is mandatory is not known, and nothing is bad.
      type: str
      sample: phase_out
    tested_level:
      description: The worst level of what was seen, none when nothing was.
      type: str
      sample: phase_out
    not_tested:
      description: The items whose level is V(not_tested).
      type: list
      elements: str
      sample: [client_renegotiation]
    counts:
      description: How many items there are of each level.
      type: dict
      sample: {good: 9, sufficient: 6, phase_out: 1, insufficient: 0, not_tested: 1}
    checks:
      description:
        - What the policy is about, and rules that found something.
        - C(observed) are the values that were seen. C(evidence) has the level of each, the endpoint, and the field of the result.
        - C(not_tested) says where something is unknown, and why. Without it the item is C(complete).
        - C(fixable_by) is V(operator), V(ca) or V(provider). It is V(provider) where no exchange has a name in the domain.
      type: list
      elements: dict
      sample:
        - id: certificate_key
          title: Keys of certificates
          level: phase_out
          tested_level: phase_out
          complete: true
          text: 'To phase out: RSA-2048.'
          observed: [RSA-2048]
          evidence:
            - value: RSA-2048
              level: phase_out
              endpoint: mx.example.org[192.0.2.25]:25
              field: endpoints[0].chain[0].public_key
          not_tested: []
          connections: ['mx.example.org[192.0.2.25]:25']
          mandatory: true
          fixable_by: operator
          ref: NCSC 3.3.2.1
    internetnl:
      description:
        - What Internet.nl would show; none for another policy than V(ncsc-2025), and for mailboxes.
        - C(categories) has exact scores, none where something is unknown. C(ranges) has the least and the most of each, and C(total) of all
          together. C(untested) names what makes the range.
        - C(tests) has each subtest by the name of the batch API, with C(status), C(verdict), and the least and the most C(points).
        - A category that does not count for the domain is none in both.
      type: dict
      sample:
        categories: {mail_ipv6: null, mail_dnssec: 100, mail_auth: null, mail_starttls: 100, mail_rpki: null}
        ranges: {mail_ipv6: [0, 100], mail_dnssec: [100, 100], mail_auth: [0, 100], mail_starttls: [100, 100], mail_rpki: [0, 100]}
        total: [40, 100]
        untested: [mail_ipv6, mail_auth, mail_rpki]
        tests:
          mail_starttls_cert_pubkey: {status: warning, verdict: phase_out, points: [10, 10]}
left_out:
  description: How many grades are not in RV(grades).
  returned: success, or when O(fail_below) or O(fail_untested) is not met
  type: int
  sample: 0
counts:
  description: How many grades of each level there are, by policy.
  returned: success, or when O(fail_below) or O(fail_untested) is not met
  type: dict
  sample: {ncsc-2025: {good: 0, sufficient: 12, phase_out: 5, insufficient: 1, not_tested: 2}}
report:
  description: A line of text for each of RV(grades).
  returned: success, or when O(fail_below) or O(fail_untested) is not met
  type: list
  elements: str
  sample: ['example.org: ncsc-2025 phase_out mail_starttls 100% (certificate_key)']
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.task import run_task
from ansible_collections.mailops.tls.plugins.module_utils._module.tls_grade.arguments import grade_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.tls_grade.run import run_tls_grade


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=grade_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_tls_grade(module.params),
        libraries=(),
        missing=missing_required_lib,
    )


if __name__ == "__main__":
    main()
