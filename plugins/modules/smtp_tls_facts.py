#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: smtp_tls_facts
short_description: Gather facts about the TLS of the host's own mail services
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Connects to the mail services of the machine it runs on and returns what they serve as the fact C(ansible_facts.smtp_tls). That is
    protocols, certificates and the verdict of M(mailops.tls.smtp_tls_probe).
  - Without options it looks at the loopback addresses, at ports 25 and 587 with STARTTLS and at port 465 with implicit TLS. It asks
    nothing of DNS.
  - It also finds out which mail services listen on this machine, at which addresses and with which process. Each is probed by its
    protocol, be it SMTP, LMTP, IMAP, POP3 or ManageSieve. See O(find_listeners).
  - A port where nothing listens is an item with an C(error), never a failure of the task. The task fails only when an
    option cannot be used.
  - No mail is sent, and nobody logs in. To an SMTP server the module says EHLO, STARTTLS, EHLO and QUIT.
notes:
  - It can gather facts at the beginning of a play, beside M(ansible.builtin.setup), when C(ANSIBLE_FACTS_MODULES) or the variable
    C(ansible_facts_modules) names it. With a fact cache the fact is cached as all others.
  - A service that listens only on other addresses than the loopback ones is not in C(services) unless O(addresses) names them. It is
    in C(listeners) all the same.
  - What listens is read from C(/proc), so it takes Linux. Without root the module sees processes of the same user alone. Sockets of
    other network namespaces, such as those of containers, are not seen.
  - A server may treat clients on its own machine in another way. So whether passwords are taken before TLS is no finding here. Ask
    M(mailops.tls.mailbox_tls_probe) from elsewhere.
requirements:
  - pyOpenSSL >= 21.0
  - cryptography >= 36.0
  - dnspython >= 2.1, at security levels that use DANE
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.attributes.facts_module
  - mailops.tls.verification
  - mailops.tls.verification.exchange
  - mailops.tls.tls_client
  - mailops.tls.tls_client.keys
  - mailops.tls.dns
  - mailops.tls.fleet.detail
options:
  host:
    description:
      - The name of the host as others know it, usually the exchange in MX records. Certificates are matched with it, its
        TLSA records are looked up at security levels that use DANE, and it is sent as server name.
      - The default is the machine's fully qualified name.
    type: str
  addresses:
    description:
      - The addresses of the machine to connect to. Each is in the results, whether something listens there or not.
      - The default is C(127.0.0.1) and C(::1); when something listens on one of them only, the other is left out.
    type: list
    elements: str
    aliases: [address]
  services:
    description:
      - The ports to connect to.
    type: list
    elements: dict
    default:
      - port: 25
        tls_mode: starttls
      - port: 465
        tls_mode: implicit
      - port: 587
        tls_mode: starttls
    suboptions:
      port:
        description:
          - The number of the port.
        type: int
        required: true
      tls_mode:
        description:
          - Whether to ask for TLS with STARTTLS, or to begin with the handshake.
        type: str
        choices: [starttls, implicit]
        default: starttls
  find_listeners:
    description:
      - What to do about the mail services that listen on this machine.
      - V(probe) lists them and probes each. V(list) lists them and connects to none. V(none) does not look.
      - A socket counts as one of mail at these ports. 24, 25, 110, 143, 465, 587, 993, 995 and 4190 are those of mail services.
        1025, 1026, 2000, 2025 and 2525 are often used for them.
      - At any other port it counts when a known mail server holds it.
      - Where the port does not tell the service, the greeting does. Nothing is said there to a program that is no known mail server.
    type: str
    choices: [probe, list, none]
    default: probe
  security_level:
    description:
      - The TLS security level to judge by, as in Postfix's C(smtp_tls_security_level); for all of them see
        O(mailops.tls.smtp_tls_probe#module:security_level).
      - At V(may) nothing is asked of DNS, and every service that answers will do. At V(dane) and V(dane-only) the verdict is
        that of a sender who connects to an exchange named O(host).
    type: str
    choices: [may, encrypt, fingerprint, verify, secure, dane, dane-only]
    default: may
  sni:
    description:
      - The server name to send in the TLS handshake. The words V(hostname) and V(nexthop) both stand for O(host).
      - When TLSA records are used, the TLSA base domain is sent instead.
    type: str
    default: hostname
  gather_subset:
    description:
      - For plays that gather facts with several modules. With V(!smtp_tls), and with V(!all) but without V(smtp_tls), no facts
        are returned and nothing is connected to. Other words mean nothing here.
    type: list
    elements: str
  gather_timeout:
    description:
      - Seconds that one probe may take altogether, where this is less than O(deadline).
    type: int
  filter:
    description:
      - Shell patterns. When none of them matches V(smtp_tls) or V(ansible_smtp_tls), no facts are returned and nothing is
        connected to.
    type: list
    elements: str
  fact_path:
    description:
      - Not used. It can be there because plays hand their C(fact_path) to every module that gathers facts.
    type: path
seealso:
  - module: mailops.tls.smtp_tls_probe
  - module: mailops.tls.mailbox_tls_probe
  - module: ansible.builtin.gather_facts
"""

EXAMPLES = r"""
# A playbook, to be pasted as it is. The group mail of the inventory holds your mail servers.
- name: The TLS of our own mail servers
  hosts: mail
  gather_facts: false
  tasks:
    - name: Gather facts about the mail services
      mailops.tls.smtp_tls_facts:

    - name: Warn of certificates that end soon
      ansible.builtin.debug:
        msg: "{{ item.subject }} on port {{ item.ports | join(', ') }} ends in {{ item.days_left }} days"
      loop: "{{ ansible_facts.smtp_tls.certificates | rejectattr('days_left', 'none') | selectattr('days_left', 'lt', 21) }}"
      loop_control:
        label: "{{ item.fingerprints.certificate.sha256 }}"

    - name: Show which mail services listen, and with which process
      ansible.builtin.debug:
        msg: >-
          {{ item.address }} {{ item.port }} {{ item.service | default('unknown', true) }}
          {{ item.process.name | default('unknown') }} {{ item.endpoint.status | default('not probed') }}
      loop: "{{ ansible_facts.smtp_tls.listeners }}"
      loop_control:
        label: "{{ item.port }}"

    - name: Nothing may be wrong with any of them
      ansible.builtin.assert:
        that: ansible_facts.smtp_tls.worst not in ['error', 'warning']
        fail_msg: "{{ ansible_facts.smtp_tls.lint | map(attribute='text') | join(', ') }}"

    - name: Would a sender that uses DANE deliver to this exchange?
      mailops.tls.smtp_tls_facts:
        host: "{{ inventory_hostname }}"
        security_level: dane
        services:
          - port: 25

    - name: Look at a service that listens on one address only
      mailops.tls.smtp_tls_facts:
        address: 127.0.0.1
        services:
          - port: 465
            tls_mode: implicit

- name: The same beside Ansible's own facts
  hosts: mail
  vars:
    ansible_facts_modules:
      - ansible.builtin.setup
      - mailops.tls.smtp_tls_facts
  tasks:
    - name: Show what each service was found to be
      ansible.builtin.debug:
        msg: "{{ ansible_facts.smtp_tls.services | items2dict(key_name='port', value_name='status') }}"
"""

RETURN = r"""
ansible_facts:
  description: Facts to add to those of the host.
  returned: always
  type: dict
  contains:
    smtp_tls:
      description: The TLS of the host's mail services.
      returned: unless O(gather_subset) or O(filter) leave it out
      type: dict
      contains:
        host:
          description: The name the services were probed by.
          type: str
          sample: mx.example.org
        security_level:
          description: The level they were judged by.
          type: str
          sample: may
        gathered_at:
          description: When they were probed, ISO 8601 in UTC. With a fact cache that may be a while ago.
          type: str
          sample: '2026-11-21T18:00:00Z'
        ad_untrusted:
          description: Whether a resolver that is not believed said that an answer was validated; see O(trust_ad).
          type: bool
          sample: false
        services:
          description: One item for each of O(services), in that order.
          type: list
          elements: dict
          contains:
            port:
              description: The port.
              type: int
              sample: 25
            tls_mode:
              description: How TLS begins there.
              type: str
              sample: starttls
            listening:
              description: Whether something takes connections there.
              type: bool
              sample: true
            status:
              description: The status of the worst endpoint.
              type: str
              sample: trusted
            satisfied:
              description: Whether a Postfix SMTP client at O(security_level) would deliver there.
              type: bool
              sample: true
            error:
              description: The first error there is, or none.
              type: dict
              sample: null
            endpoints:
              description:
                - One item for each address, in the shape of RV(mailops.tls.smtp_tls_probe#module:results[].endpoints).
                - Empty when the addresses of O(host) could not be looked up, which is necessary at security levels that use DANE.
              type: list
              elements: dict
        certificates:
          description:
            - Every distinct certificate of the host that is served, by C(services) and by C(listeners). Those of its issuers are left
              out. The shape is that of
              RV(mailops.tls.smtp_tls_probe#module:results[].endpoints[].chain).
            - C(ports) are those that serve it, C(days_left) is how long it was valid still when the facts were gathered.
          type: list
          elements: dict
          sample:
            - subject: CN=mx.example.org
              issuer: CN=Example CA
              serial: 4F3A
              not_before: '2026-01-01T00:00:00Z'
              not_after: '2027-01-01T00:00:00Z'
              days_left: 41
              dns_names: [mx.example.org]
              ip_addresses: []
              public_key: {type: ecdsa, bits: 256, curve: secp256r1}
              signature_algorithm: ecdsa-with-SHA256
              fingerprints: {certificate: {sha256: 1f2e}, public_key: {sha256: 3d4c}}
              pem: null
              ports: [25, 465, 587]
        expires:
          description: When the first of RV(ansible_facts.smtp_tls.certificates) ends; none without any.
          type: str
          sample: '2027-01-01T00:00:00Z'
        listeners:
          description:
            - The sockets of this machine at which mail services listen, in the order of their ports. None with O(find_listeners=none).
          type: list
          elements: dict
          contains:
            address:
              description: Where it listens. C(0.0.0.0) and C(::) are all addresses.
              type: str
              sample: '::'
            port:
              description: The port.
              type: int
              sample: 993
            family:
              description: Whether clients come by V(ipv4) or V(ipv6). A socket at C(::) may take both.
              type: str
              sample: ipv6
            wildcard:
              description:
                - Whether it listens at every address. Such a socket is probed at the loopback address of its family.
              type: bool
              sample: true
            service:
              description:
                - The service, as in the option O(mailops.tls.mailbox_tls_probe#module:services). None when it is not known.
              type: str
              sample: imaps
            protocol:
              description: What is spoken there, V(imap), V(pop3), V(managesieve), V(smtp) or V(lmtp).
              type: str
              sample: imap
            tls_mode:
              description: How TLS begins, V(starttls) or V(implicit).
              type: str
              sample: implicit
            known_by:
              description: Whether the V(port) told the service, or the V(greeting). None when neither did.
              type: str
              sample: port
            socket_user:
              description: The user who made the socket. That is known without root, too.
              type: str
              sample: root
            mail_process:
              description: Whether a known mail server holds the socket. None when no process is seen.
              type: bool
              sample: true
            process:
              description:
                - The process that holds the socket. None when it may not be seen. Of several it is the mail server that has made the
                  others.
                - C(command) is the program, and the script of an interpreter. Arguments are left out, as they can be passwords.
              type: dict
              sample: {name: dovecot, pid: 812, user: root, command: /usr/sbin/dovecot}
            shared_with:
              description: The names of the other processes that hold it.
              type: list
              elements: str
              sample: [imap-login]
            endpoint:
              description:
                - What a probe found, in the shape of RV(mailops.tls.mailbox_tls_probe#module:results[].endpoints). None when the service
                  is not known, and with O(find_listeners=list).
              type: dict
        lmtp_sockets:
          description:
            - The unix-domain sockets by which mail is taken over LMTP, found by their names. They are not probed.
          type: list
          elements: dict
          sample:
            - path: /run/dovecot/lmtp
              process: {name: dovecot, pid: 812, user: root, command: /usr/sbin/dovecot}
              shared_with: [lmtp]
        listeners_seen:
          description:
            - How much could be seen, the C(sockets), and the C(processes) that hold them. Where it is not all, C(text) says why.
          type: dict
          sample: {sockets: true, processes: true, text: null}
        worst:
          description:
            - The severity of the worst finding in C(lint), V(error), V(warning) or V(notice), and V(ok) without any. None when nothing
              was probed.
          type: str
          sample: ok
        lint:
          description:
            - What is wrong with the services in C(listeners), the worst first, each with what to do about it. None when nothing was
              probed.
            - That TLS is missing is no finding at a socket that only this machine can connect to.
          type: list
          elements: dict
          sample:
            - id: certificate_older
              severity: warning
              subject: mail.example.org[127.0.0.1]:993
              text: the certificate is of 2026-05-01, another service has one of 2026-10-28 for the same names
              why: Mostly it was not reloaded after a renewal. It serves the old certificate until that expires.
              fix: Reload the service. Have the renewal reload every service of mail.
              reference: RFC 8555 (practice)
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.arguments import facts_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.run import needed_libraries, run_smtp_facts
from ansible_collections.mailops.tls.plugins.module_utils._module.task import run_task


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=facts_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_smtp_facts(module.params, check_mode=module.check_mode),
        libraries=needed_libraries(module.params),
        missing=missing_required_lib,
    )


if __name__ == "__main__":
    main()
