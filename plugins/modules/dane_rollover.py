#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dane_rollover
short_description: Take one safe step in the rollover of a mail server's DANE keys
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Runs on a mail server with Postfix and looks at what is served, what is published and what is in its key folder. It takes the next
    step of the rollover that is safe by this evidence. That is one step at most, and often it is to wait. Running it every hour for ever
    is the intended use.
  - A key is served only when its TLSA records are on every name server of the zone and known to a validating resolver. They must have
    been there for two times the TTL that was in effect before. A record is removed only when its key is no longer served at any address.
    What is not certain stops the rollover and never the mail.
  - What is to be done on the server it does itself. It makes keys, certificates and requests, deploys them, takes a
    deployment back, renews certificates and removes keys that are no longer used.
  - It returns what is to be done elsewhere. RV(dns) has the records to add and to remove. RV(verify) says which servers have to be probed
    from outside. The next run takes the results as O(verification). The role P(mailops.tls.dane_rollover#role) does both.
  - The state in O(state_directory) holds times and the history of keys. When it is lost, clocks begin anew and
    nothing else happens.
  - RV(alarms) has what somebody has to see to now, since mail is turned away, or the server cannot be seen from outside. They do
    not make the module fail, since what it asks for in RV(dns) has to be published all the same. Fail after that, as the
    example does and the role does too.
notes:
  - The module needs the rights of root.
  - A state file that cannot be read, or that a newer version has written, stops the rollover until somebody removes
    it.
  - In check mode nothing is written, the state included. The results are the same and say what would be done.
  - The clocks run from one run to the next. So with one run a day, every wait takes up to a day longer.
requirements:
  - Postfix 3.1 or later, 3.4 or later for C(smtpd_tls_chain_files)
  - a validating resolver, such as Unbound
  - pyOpenSSL >= 21.0
  - cryptography >= 36.0
  - dnspython >= 2.1
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.dns
  - mailops.tls.rollover
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The diff has the phase, the records that are wanted and names of files, never a key.
  idempotent:
    support: partial
    details:
      - Each run takes the next step, so runs indicate changes until there is nothing left to do but to wait.
options:
  addresses:
    description:
      - Which of the addresses of O(exchanges) are those of this server. Elsewhere only the records have to match, but
        they have to be looked at as well.
      - The default is all of them.
    type: list
    elements: str
  state:
    description:
      - With V(absent), DANE is to end. RV(dns) asks for the removal of all TLSA records, and RV(phase) is V(disabled)
        when everybody has forgotten them. Only then keys may be changed freely.
    type: str
    choices: [present, absent]
    default: present
  scheme:
    description:
      - With V(next), there are records V(3 1 x) of the current and the next key.
      - With V(issuer), there are V(3 1 x) of the current key and V(2 1 x) of the certificate that issued the server's own. When a roll is
        due, there is V(3 1 x) of the next key, too. A change of the issuer has to be announced like a new key, and is.
    type: str
    choices: [next, issuer]
    default: next
  matching_types:
    description:
      - Which digests to publish, V(1) for SHA-256 and V(2) for SHA-512.
    type: list
    elements: int
    choices: [1, 2]
    default: [1]
  ttl:
    description:
      - The TTL in seconds for records at a name that has none so far. Others get the TTL of those that are there.
    type: int
    default: 3600
  algorithms:
    description:
      - The kinds of keys that are rolled, each with a key of its own. The default is those that are deployed, and
        V(rsa) when none is.
      - A deployed key of another kind stays, and so do its records.
    type: list
    elements: str
    choices: [rsa, ecdsa]
  bits:
    description:
      - The size of new RSA keys. The default is 2048.
    type: int
    choices: [2048, 3072, 4096]
  curve:
    description:
      - The curve of new ECDSA keys. The default is V(secp256r1).
    type: str
    choices: [secp256r1, secp384r1, secp521r1]
  names:
    description:
      - The names for certificates and requests, which a certificate that is handed in must have. The default is
        O(exchanges).
    type: list
    elements: str
  config_directories:
    description:
      - The configuration directories of the Postfix instances that serve the keys. The default is the one that
        C(postconf) uses by itself.
      - When an instance is left out that keys were deployed to, the files that it still names are kept. The module fails where it would
        remove them. An instance has ended when its configuration directory is gone.
    type: list
    elements: path
    aliases: [config_directory]
  parameters:
    description:
      - By which parameters keys are deployed, as for O(mailops.tls.postfix_tls_deploy#module:parameters).
    type: str
    choices: [auto, chain_files, legacy]
    default: auto
  certificate:
    description:
      - With V(selfsigned), new keys get a certificate like those of C(postfix tls new-server-key).
      - With V(csr), RV(csrs) has a request for each new key, and it is waited until O(certificate_files) has a
        certificate for it.
    type: str
    choices: [selfsigned, csr]
    default: selfsigned
  certificate_files:
    description:
      - Files with chains, the server's certificate first, in PEM, as an issuer or an ACME client has given them. The public key tells
        which key a chain is for. So files can be left here for ever, and may still be missing.
      - A new certificate for a key that is served is deployed when the old one is about to end.
    type: list
    elements: path
  key_max_age:
    description:
      - How many days after it was deployed a key is replaced. With V(0) only O(roll) replaces keys.
    type: float
    default: 90.0
  renew_days:
    description:
      - How many days before its end a certificate is replaced by one with the same key.
    type: float
    default: 30.0
  roll:
    description:
      - Replace the keys now, whatever their age, as soon as the records of the next keys allow it. Also allows
        another try after a deployment that had to be taken back.
      - This is remembered until the keys have been replaced, so it is enough to say it once. Said in every run it is
        one request.
    type: bool
    default: false
  emergency:
    description:
      - A key has been stolen. Roll at once, without O(min_wait), without O(wait_for=signature), and without keeping
        old records any longer than necessary. The wait of two TTLs remains, since until then some see only the old
        key. To be said in every run until RV(key_roles.previous) is empty.
      - If the next key's records have not been published long enough yet, one of O(accept_exposure) and
        O(state=absent) must be chosen.
    type: bool
    default: false
  accept_exposure:
    description:
      - In an emergency, keep serving the stolen key until the next one can be served. Mail goes on; who has the key
        can read it meanwhile.
    type: bool
    default: false
  abort:
    description:
      - Give up the next keys. Their records are removed, then the keys, and no new ones are made as long as this is
        said. It is refused once they have been deployed.
    type: bool
    default: false
  may_deploy:
    description:
      - With V(false), a key that is not deployed yet is not deployed in this run, because another server has its
        turn. All else is done.
    type: bool
    default: true
  verification:
    description:
      - Items of RV(mailops.tls.smtp_tls_probe#module:results) that were seen from outside just before. The probe has
        to be done for all of RV(verify.destinations), with RV(verify.key_algorithms),
        O(mailops.tls.smtp_tls_probe#module:include_pem=true) and
        O(mailops.tls.smtp_tls_probe#module:security_level=dane).
      - Every address that DNS has for O(exchanges), IPv4 and IPv6, has to be among them, since any of them may serve a key. That includes
        those that are not O(addresses). One that was left out, or could not be reached from where the probe was done, is the blocker
        V(not_reached). Probe from a host with IPv6 if the exchanges have it.
      - The addresses are asked for at O(nameservers). If a name server has another view of the zone than the world has, the wrong servers
        are looked at. Names in C(/etc/hosts) of the host that probes have the same effect.
      - Without it nothing is done that needs a look from outside.
    type: list
    elements: dict
  verified_at:
    description:
      - When the probe of O(verification) began, by the clock of the mail server, in ISO 8601 with a time zone (C(2026-09-12T03:00:00Z)).
        It cannot be later than that clock says now. What was seen before the last change of what is served counts for nothing.
      - Needed with O(verification), which says nothing of its own age. A time that is too early is on the safe side.
    type: str
  outside_grace:
    description:
      - How many seconds something that O(verification) has shown may last before it is one of RV(alarms), such as an address that
        cannot be reached. Servers restart, and paths fail for a minute. With V(-1) it is none ever.
      - With the default and a run every hour, the third look in a row that finds it is an alarm. What turns mail away by the
        records alone is one at once.
    type: int
    default: 5400
  neighbours:
    description:
      - Items of RV(deployed) from runs of this module on other servers behind the same O(exchanges). Where a name has
        no records yet, those of their keys are published together with those of this server.
    type: list
    elements: dict
  listeners:
    description:
      - Where new certificates have to be served in the end, as for
        O(mailops.tls.postfix_tls_deploy#module:listeners).
    type: list
    elements: dict
    suboptions:
      address:
        description: An IP address.
        type: str
        required: true
      port:
        description: A port.
        type: int
        default: 25
      tls_mode:
        description: Whether TLS begins after STARTTLS or at once.
        type: str
        choices: [starttls, implicit]
        default: starttls
  allow_unseen:
    description:
      - Whether to deploy to a running Postfix although a listener cannot be asked, or there is none to ask, as for
        O(mailops.tls.postfix_tls_deploy#module:allow_unseen). The look from outside remains.
    type: bool
    default: false
  timeout:
    description:
      - How many seconds to wait until a new certificate is served before all is put back.
    type: float
    default: 30.0
seealso:
  - module: mailops.tls.dane_guard
  - module: mailops.tls.tlsa_publish
  - module: mailops.tls.smtp_tls_probe
  - module: mailops.tls.postfix_tls_deploy
"""

EXAMPLES = r"""
- name: What comes next, when, and what blocks it?
  mailops.tls.dane_rollover:
    exchange: mx.example.org
  check_mode: true
  register: rollover

- name: Tell it
  ansible.builtin.debug:
    msg: "{{ rollover.message }}"

# One round. Run every hour, these tasks take a server from no DANE to current and next key and replace the key every 90 days.
- name: Read the mail server's clock
  ansible.builtin.command:
    argv: [date, -u, +%Y-%m-%dT%H:%M:%SZ]
  changed_when: false
  check_mode: false
  register: clock

- name: Look from outside
  mailops.tls.smtp_tls_probe:
    destinations: ['[mx.example.org]:25']
    key_algorithms: [any, rsa, ecdsa]
    security_level: dane
    include_pem: true
  delegate_to: vantage.example.net
  register: outside

- name: Take the next step
  mailops.tls.dane_rollover:
    exchange: mx.example.org
    algorithms: [rsa, ecdsa]
    verification: "{{ outside.results }}"
    verified_at: "{{ clock.stdout }}"
  register: rollover

- name: Publish what it wants to be published
  mailops.tls.tlsa_publish:
    server: 192.0.2.53
    key_name: tlsa-update
    key_secret: "{{ tsig_secret }}"
    records: "{{ rollover.dns[item.list] }}"
    state: "{{ item.state }}"
  loop:
    - {list: add, state: present}
    - {list: remove, state: absent}
  when: rollover.dns[item.list]
  delegate_to: localhost

- name: Fail when mail is turned away, or the server was not seen from outside for a while
  ansible.builtin.assert:
    that: rollover.alarms == []
    fail_msg: "{{ rollover.message }}"

- name: With certificates of an ACME client that takes requests
  mailops.tls.dane_rollover:
    exchanges: [mx.example.org]
    scheme: issuer
    certificate: csr
    certificate_files:
      - /etc/acme/mx.example.org.fullchain.pem
  register: rollover

- name: Replace the key now
  mailops.tls.dane_rollover:
    exchange: mx.example.org
    roll: true

- name: End DANE
  mailops.tls.dane_rollover:
    exchange: mx.example.org
    state: absent
  register: rollover
"""

RETURN = r"""
phase:
  description:
    - Where the rollover is, V(absent) (no DANE yet), V(steady), V(staged), V(published), V(aging), V(ready),
      V(issued), V(deployed), V(verified), V(retiring), V(disabling) or V(disabled).
    - None when the state cannot be read or another run is under way.
  returned: success
  type: str
  sample: aging
message:
  description: One line for people, what comes next, when, or what blocks it.
  returned: success
  type: str
  sample: 'aging: ready at 2026-09-12T03:00:00Z'
action:
  description:
    - The step that was (or would be) taken, or that is asked for. C(kind) is V(none), V(stage), V(publish), V(issue),
      V(deploy), V(verify), V(roll_back), V(retire), V(discard) or V(renew). V(publish), V(retire) and V(verify) are
      left to the caller.
    - C(done) is whether the module has done it, C(algorithms) and C(public_keys) (SHA-256) are those of the keys it
      is about.
  returned: success
  type: dict
  sample: {kind: none, done: false, algorithms: [], public_keys: []}
dns:
  description:
    - Records to publish (C(add)) and to take away (C(remove)) now, for O(mailops.tls.tlsa_publish#module:records), in
      the form of RV(mailops.tls.tlsa_records#module:records). C(single_records) and C(split_records) have both lists
      in the forms that modules for other providers take.
    - Where a name is an alias, the records are those of the name where its aliases lead, and go there. When that has no port and protocol,
      the item has C(alias_target=true), C(port) and C(protocol) are null, and C(host) is all of the name.
  returned: success
  type: dict
  contains:
    add:
      description: The records to add. All that is there stays.
      type: list
      elements: dict
      sample:
        - owner: _25._tcp.mx.example.org.
          host: mx.example.org
          port: 25
          protocol: tcp
          ttl: 3600
          usage: 3
          selector: 1
          matching_type: 1
          data: 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
          rdata: 3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
          rdata_rfc3597: \# 35 0301018bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
          sources: []
    remove:
      description: The records to remove. All others stay.
      type: list
      elements: dict
      sample: []
    single_records:
      description: C(add) and C(remove) as RV(mailops.tls.tlsa_records#module:single_records) has them.
      type: dict
      sample: {add: [], remove: []}
    split_records:
      description: C(add) and C(remove) as RV(mailops.tls.tlsa_records#module:split_records) has them.
      type: dict
      sample: {add: [], remove: []}
verify:
  description: What has to be probed from outside.
  returned: success
  type: dict
  contains:
    needed:
      description: Whether the rollover waits for it.
      type: bool
      sample: false
    destinations:
      description: The destinations with STARTTLS.
      type: list
      elements: str
      sample: ['[mx.example.org]:25']
    implicit_destinations:
      description: The destinations where TLS begins at once (port 465).
      type: list
      elements: str
      sample: []
    key_algorithms:
      description: The kinds of keys to ask for.
      type: list
      elements: str
      sample: [any, rsa, ecdsa]
earliest:
  description: When the next step can be taken, in UTC; none when that does not depend on the time alone.
  returned: success
  type: str
  sample: '2026-09-12T03:00:00Z'
blockers:
  description: What stops the rollover until somebody or something else changes, each with C(id) and C(text).
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Which finding it is. R(The page of findings,ansible_collections.mailops.tls.docsite.findings) explains each.
      type: str
    text:
      description: What was seen.
      type: str
    why:
      description: Why it matters.
      type: str
    fix:
      description: What to do.
      type: str
    reference:
      description: The section of the RFC, or the document, that says so.
      type: str
  sample:
    - id: secondary_lag
      text: 'ns2.example.net (192.0.2.2): _25._tcp.mx.example.org: old RRset'
      why: Some senders still get the old records. They would refuse a key that only the new records match.
      fix: 'Check the zone transfer: NOTIFY, TSIG keys, a full disk. Compare the serials of the zone.'
      reference: RFC 1996 section 3
findings:
  description:
    - What is wrong or will hurt some day, each with C(id), C(severity), C(subject), C(text) and C(since).
    - C(severity) is V(error) for what turns mail away now, or may, and for all that a look from outside has found. Else it is
      V(warning). C(since) is the first run without interruption that found an error.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Which finding it is. R(The page of findings,ansible_collections.mailops.tls.docsite.findings) explains each.
      type: str
    severity:
      description: How bad it is.
      choices: [error, warning, notice]
      type: str
    subject:
      description: What it is about; empty for the whole.
      type: str
    text:
      description: What was seen.
      type: str
    since:
      description: The first run without interruption that found the error, in UTC; null for what is no error.
      type: str
    why:
      description: Why it matters.
      type: str
    fix:
      description: What to do.
      type: str
    reference:
      description: The section of the RFC, or the document, that says so.
      type: str
  sample:
    - id: ttl_too_high
      severity: warning
      subject: _25._tcp.mx.example.org
      text: the TTL is 172800 s; a change of keys has to wait for two of them
      since: null
      why: Every change of keys has to wait for two TTLs. In an emergency that is too long.
      fix: Set the TTL to about an hour. For absent records that is the last number of the SOA record.
      reference: RFC 7671 section 8.1
alarms:
  description:
    - Those of RV(findings) for which somebody has to come now, each with C(id), C(subject), C(text) and C(since). That is every
      error, but for what O(verification) has shown for less than O(outside_grace).
    - RV(message) has their texts too.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Which finding it is. R(The page of findings,ansible_collections.mailops.tls.docsite.findings) explains each.
      type: str
    severity:
      description: How bad it is.
      choices: [error, warning, notice]
      type: str
    subject:
      description: What it is about; empty for the whole.
      type: str
    text:
      description: What was seen.
      type: str
    since:
      description: The first run without interruption that found the error, in UTC; null for what is no error.
      type: str
    why:
      description: Why it matters.
      type: str
    fix:
      description: What to do.
      type: str
    reference:
      description: The section of the RFC, or the document, that says so.
      type: str
  sample:
    - id: not_reached
      severity: error
      subject: _25._tcp.mx.example.org
      text: 'mx.example.org [2001:db8::25]: Network is unreachable'
      since: '2026-09-12T01:00:00Z'
      why: Senders that take this address wait, or go to another exchange. Nothing is known of the key it serves.
      fix: Is the server up? Look for a firewall, an address that nobody serves, a vantage host without IPv6.
      reference: RFC 5321 section 5.1
dnssec:
  description: Whether the resolver has validated its answer for every owner, that there are no records included. None when it
    could not be asked.
  returned: success
  type: bool
  sample: true
days_left:
  description: How many whole days the deployed certificate has that ends first. Less than 0 when it has ended, none when
    there is none.
  returned: success
  type: int
  sample: 89
next_step:
  description:
    - What comes after this run. C(kind) is that of RV(action), V(none) when there is only to wait. C(text) is the same for people.
    - C(at) is when, in UTC; none when it is now, or does not depend on the time alone.
  returned: success
  type: dict
  sample: {kind: none, text: null, at: '2026-12-12T03:00:00Z'}
key_roles:
  description: The keys by what they are. Never the private part.
  returned: success
  type: dict
  contains:
    current:
      description: The keys that are deployed.
      type: list
      elements: dict
      sample:
        - algorithm: rsa
          public_key_sha256: 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
          created: '2026-06-12T03:00:00Z'
          deployed_since: '2026-06-14T03:00:00Z'
          privatekey_path: /var/lib/mailops-tls/default/keys/20260612-030000-rsa-8bd1da95272f7fa4.key.pem
          certificate_path: /var/lib/mailops-tls/default/keys/20260612-030000-rsa-8bd1da95272f7fa4.cert-0a1b2c3d4e5f6071.pem
    next:
      description: The keys that are to be deployed next.
      type: list
      elements: dict
      sample: []
    previous:
      description: Keys that were deployed before, or were given up, and are not gone yet.
      type: list
      elements: dict
      sample: []
csrs:
  description: The requests for which certificates are waited for, each with C(algorithm), C(public_key_sha256),
    C(path) and C(csr) (PEM).
  returned: success
  type: list
  elements: dict
  sample: []
deployed:
  description: What the instances have deployed, each key of each instance, with C(config_directory), C(algorithm),
    C(public_key_sha256), C(not_after), and C(chain) in PEM.
  returned: success
  type: list
  elements: dict
  sample: []
tlsa:
  description: What each name server, and the resolver, has for each owner, in the form of RV(mailops.tls.tlsa_info#module:results). Those
    of O(exchanges) and O(ports) come first. Then come the ones that were taken out of these options and still have records that match
    what is served (the blocker V(owner_left_out)).
  returned: success
  type: list
  elements: dict
  sample: []
deployments:
  description: What was (or would be) deployed, an item for each instance and key, in the form of the results of
    M(mailops.tls.postfix_tls_deploy).
  returned: success
  type: list
  elements: dict
  sample: []
recovered:
  description: What became of deployments that had been interrupted, C(discarded), C(finished) or C(abandoned), by
    configuration directory.
  returned: success
  type: dict
  sample: {}
clock:
  description:
    - The time at the end of the run by the clock of this server, in UTC. For a look from outside that comes after it, this is an
      O(verified_at). None when nothing was looked at.
  returned: success
  type: str
  sample: '2026-09-12T03:00:00Z'
was_blocked:
  description: Whether the role has noted here since when the rollover is blocked.
  returned: success
  type: bool
  sample: false
option:
  description: The option that cannot be used.
  returned: when an option cannot be used
  type: str
  sample: exchanges
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_rollover.arguments import rollover_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_rollover.run import run_rollover
from ansible_collections.mailops.tls.plugins.module_utils._module.task import Rights, run_task
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import command_runner


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=rollover_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_rollover(module.params, command_runner(module.run_command), check_mode=module.check_mode),
        libraries=("pyOpenSSL", "cryptography", "dnspython"),
        missing=missing_required_lib,
        rights=Rights.ROOT,
    )


if __name__ == "__main__":
    main()
