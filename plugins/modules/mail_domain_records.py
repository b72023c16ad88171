#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_domain_records
short_description: Make the DNS records of a mail domain, and say in which order to publish them
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Makes MX, SPF, DKIM, DMARC, MTA-STS, TLSRPT, CAA, SRV and TLSA records out of what is wanted. They come in the forms that modules for
    DNS providers take.
  - It also gives the text of the MTA-STS policy file. The id in the record is made of the text, so it changes exactly when the policy does.
  - RV(steps) is a safe order. Reports come first, MTA-STS is tested before it enforces, and DMARC becomes stricter step by step.
  - Nothing is published. A part that is not mentioned has no records.
notes:
  - Values of TXT records are quoted, in strings of 255 octets at most, as in a zone file. The modules of the collection community.dns take
    them with C(txt_transformation=quoted).
requirements:
  - cryptography >= 36.0
  - idna, for names with letters outside ASCII
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.attributes.info_module
options:
  domain:
    description:
      - The mail domain.
    type: str
    required: true
  exchanges:
    description:
      - The mail exchanges. An empty list says that the domain receives no mail, by a null MX record.
    type: list
    elements: dict
    suboptions:
      host:
        description:
          - The name of the exchange.
        type: str
        required: true
        aliases: [exchange]
      preference:
        description:
          - Its preference. Senders try the lowest first.
        type: int
        default: 10
  sends:
    description:
      - Whether mail is sent from the domain. V(false) makes an SPF record that allows nobody.
    type: bool
    default: true
  report_address:
    description:
      - The mail address for all reports that are not sent elsewhere, those of DMARC, TLSRPT and CAA.
    type: str
  spf:
    description:
      - Who may send for the domain.
    type: dict
    suboptions:
      exchanges:
        description:
          - Whether the domain's own exchanges may.
        type: bool
        default: true
      networks:
        description:
          - Addresses and networks that may.
        type: list
        elements: str
      includes:
        description:
          - Domains whose SPF records are taken over, such as a hoster's.
        type: list
        elements: str
      rest:
        description:
          - What everybody else gets.
        type: str
        choices: [fail, softfail]
        default: fail
  dkim:
    description:
      - The keys that sign.
    type: list
    elements: dict
    suboptions:
      selector:
        description:
          - The selector.
        type: str
        required: true
      publickey_path:
        description:
          - File with the public key in PEM, on the machine that the task runs on. RSA from 1024 bits, or Ed25519.
        type: path
      publickey_content:
        description:
          - The public key in PEM, in place of a file.
        type: str
  dmarc:
    description:
      - What receivers are asked to do with mail that is not shown to be the domain's, in the end.
    type: dict
    suboptions:
      policy:
        description:
          - The policy. Steps begin with V(none) and get there by way of V(quarantine).
        type: str
        choices: [none, quarantine, reject]
        default: reject
      subdomain_policy:
        description:
          - The policy for subdomains, where it is another one.
        type: str
        choices: [none, quarantine, reject]
      nonexistent_policy:
        description:
          - The policy for subdomains that do not exist, where it is another one.
        type: str
        choices: [none, quarantine, reject]
      rua:
        description:
          - Mail addresses for aggregate reports.
        type: list
        elements: str
      strict_dkim:
        description:
          - Whether the domain of a DKIM signature has to be the very same.
        type: bool
        default: false
      strict_spf:
        description:
          - Whether the domain of the envelope has to be the very same.
        type: bool
        default: false
  mta_sts:
    description:
      - The MTA-STS policy.
    type: dict
    suboptions:
      mode:
        description:
          - The mode. V(enforce) is reached by way of V(testing).
        type: str
        choices: [enforce, testing, none]
        default: enforce
      mx:
        description:
          - The exchanges as the policy names them, as C(mx.example.org) or C(*.example.org). The default is every one of O(exchanges).
        type: list
        elements: str
      max_age:
        description:
          - Seconds that senders remember the policy, from one day to one year.
        type: int
        default: 604800
  tlsrpt:
    description:
      - Where reports about TLS go, mail addresses and C(https) URLs.
    type: list
    elements: str
  caa:
    description:
      - Which certification authorities may issue certificates. An empty list forbids all of them.
    type: dict
    suboptions:
      issue:
        description:
          - Authorities for host names.
        type: list
        elements: str
      issuewild:
        description:
          - Authorities for wildcard names.
        type: list
        elements: str
      issuemail:
        description:
          - Authorities for mail addresses (S/MIME).
        type: list
        elements: str
      iodef:
        description:
          - Mail addresses that authorities tell of refused requests.
        type: list
        elements: str
  services:
    description:
      - The servers that mail clients find by SRV records.
    type: list
    elements: dict
    suboptions:
      service:
        description:
          - The service.
        type: str
        required: true
        choices: [imap, imaps, pop3, pop3s, sieve, submission, submissions]
      host:
        description:
          - The server. Without one the domain says that it does not have the service.
        type: str
      port:
        description:
          - The port. The default is the service's own.
        type: int
      priority:
        description:
          - The priority. Clients try the lowest first.
        type: int
        default: 0
      weight:
        description:
          - The share among servers of one priority.
        type: int
        default: 1
  tlsa:
    description:
      - TLSA records of the exchanges, as RV(mailops.tls.tlsa_records#module:records) or another form of M(mailops.tls.tlsa_records).
    type: list
    elements: dict
    suboptions:
      owner:
        description:
          - The name of the RRset.
        type: str
        required: true
        aliases: [record]
      rdata:
        description:
          - The RDATA, or a list of them.
        type: raw
        aliases: [value]
      usage:
        description:
          - The certificate usage.
        type: int
      selector:
        description:
          - The selector.
        type: int
      matching_type:
        description:
          - The matching type.
        type: int
      data:
        description:
          - The association data in hexadecimal.
        type: str
      ttl:
        description:
          - The TTL.
        type: int
      type:
        description:
          - The type of the records.
        type: str
        choices: [TLSA]
      rdata_rfc3597:
        description:
          - Not used.
        type: str
      host:
        description:
          - Not used.
        type: str
      port:
        description:
          - Not used.
        type: int
      protocol:
        description:
          - Not used.
        type: str
      alias_target:
        description:
          - Not used.
        type: bool
      sources:
        description:
          - Not used.
        type: list
        elements: str
  ttl:
    description:
      - The TTL of the records, in seconds.
    type: int
    default: 3600
  current:
    description:
      - An item of RV(mailops.tls.mail_domain_info#module:results) for the domain. With it RV(steps) say which of them are done.
    type: dict
seealso:
  - module: mailops.tls.mail_domain_info
  - module: mailops.tls.tlsa_records
  - module: mailops.tls.tlsa_publish
"""

EXAMPLES = r"""
- name: What has to be in DNS for a domain that is protected by everything there is?
  mailops.tls.mail_domain_records:
    domain: example.org
    exchanges:
      - {host: mx1.example.org, preference: 10}
      - {host: mx2.example.org, preference: 20}
    report_address: reports@example.org
    spf: {}
    dkim:
      - selector: mail2026
        publickey_path: /etc/dkim/mail2026.pub
    dmarc: {}
    mta_sts: {}
    caa:
      issue: [ca.example.net]
  register: wanted

- name: Show the lines of the zone file
  ansible.builtin.debug:
    msg: "{{ wanted.zone }}"

- name: Publish what comes first
  community.general.nsupdate:
    server: 192.0.2.53
    zone: example.org
    record: "{{ item.record }}"
    type: "{{ item.type }}"
    ttl: "{{ item.ttl }}"
    value: "{{ item.value }}"
  loop: "{{ wanted.steps[0].record_sets }}"

- name: A domain that neither sends nor receives mail
  mailops.tls.mail_domain_records:
    domain: parked.example.org
    exchanges: []
    sends: false
    dmarc: {policy: reject}

- name: Look at the domain
  mailops.tls.mail_domain_info:
    domain: example.org
    dkim_selectors: [mail2026]
  register: mail

- name: Which step is next?
  mailops.tls.mail_domain_records:
    domain: example.org
    exchanges:
      - {host: mx1.example.org}
    report_address: reports@example.org
    mta_sts: {}
    dmarc: {}
    current: "{{ mail.results[0] }}"
  register: wanted
"""

RETURN = r"""
records:
  description: Every record as it stands after the last step.
  returned: success
  type: list
  elements: dict
  contains:
    owner:
      description: The name of the RRset, absolute.
      type: str
      sample: _dmarc.example.org.
    type:
      description: The type.
      type: str
      sample: TXT
    ttl:
      description: The TTL in seconds.
      type: int
      sample: 3600
    rdata:
      description: The RDATA as in a zone file.
      type: str
      sample: '"v=DMARC1; p=reject"'
    text:
      description: Of TXT records the text that readers see, none for others.
      type: str
      sample: v=DMARC1; p=reject
record_sets:
  description: One item for each RRset, by the names of the options of M(community.general.nsupdate) and of the collection community.dns.
  returned: success
  type: list
  elements: dict
  sample:
    - {record: example.org., type: MX, ttl: 3600, value: [10 mx1.example.org.]}
single_records:
  description: One item for each record, with the same names.
  returned: success
  type: list
  elements: dict
  sample:
    - {record: example.org., type: MX, ttl: 3600, value: 10 mx1.example.org.}
zone:
  description: The records as lines of a zone file.
  returned: success
  type: str
  sample: |
    example.org. 3600 IN MX 10 mx1.example.org.
elsewhere:
  description:
    - Records that the domains of report addresses have to publish, so that receivers send them reports about this one.
  returned: success
  type: list
  elements: dict
  sample: []
policy:
  description: The MTA-STS policy file, where it has to be (C(url)), its C(text), and the C(id) that announces it. None without a policy.
  returned: success
  type: dict
  sample:
    url: https://mta-sts.example.org/.well-known/mta-sts.txt
    text: "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.org\r\nmax_age: 604800\r\n"
    id: 5f0c1a2b3c4d5e6f708192a3b4c5d6e7
steps:
  description:
    - What to publish together, in this order. C(why) says what it is for, C(before) what has to be so first. C(wait_days) is how long to
      look at reports before the next step.
    - C(policy) is the policy file of the step, which has to be in place before the records. C(done) is whether O(current) has the step or a
      later one, none where that is not known.
  returned: success
  type: list
  elements: dict
  sample:
    - step: 1
      name: reports
      why: Reports come first, so that every later step shows what it does.
      before: ''
      wait_days: 14
      record_sets:
        - {record: _smtp._tls.example.org., type: TXT, ttl: 3600, value: ['"v=TLSRPTv1; rua=mailto:reports@example.org"']}
      policy: null
      done: null
next_step:
  description: The name of the first step that is not done. None when all are, and without O(current).
  returned: success
  type: str
  sample: null
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_records.arguments import wishes_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_records.run import run_mail_domain_records
from ansible_collections.mailops.tls.plugins.module_utils._module.task import run_task


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=wishes_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_mail_domain_records(module.params),
        libraries=("cryptography",),
        missing=missing_required_lib,
    )


if __name__ == "__main__":
    main()
