#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tlsa_records
short_description: Make TLSA records of keys, certificates, requests, the Postfix configuration or a live server
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Computes the TLSA RRsets (RFC 6698) to publish for a server. It returns them as zone file, by fields, in the form for unknown types
    (RFC 3597), and as modules for DNS providers take them. It publishes nothing.
  - Does what C(postfix tls output-server-tlsa) does, also for other ports, other records than C(3 1 1), certificates of issuers,
    and keys in C(smtpd_tls_chain_files) or C(tls_server_sni_maps).
  - Sources can be combined, for example the deployed key and the next one. Every source gives records of all O(parameters)
    that concern it; equal records are returned once.
  - Private keys are read for their public part only. They are never in results, logs or error messages.
  - "Refused are records that could not match, or would not for long: of an empty file, C(2 x x) of the server's own certificate, and
    C(3 0 x), which a renewal of the certificate breaks."
notes:
  - What a live server shows (O(probe)) is not verified in any way. Over an untrusted network the records may be those of an
    attacker, so ask the server on itself or take files where you can.
  - A record must be in DNS for some time before the key is used, and stay for some time after. Two times the TTL is the least.
requirements:
  - cryptography >= 36.0
  - pyOpenSSL >= 21.0, for private keys, O(postfix) and O(probe)
  - the command postconf, for O(postfix)
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.attributes.info_module
options:
  privatekey_path:
    description:
      - Files with a private key in PEM, of which the first key counts. Files that Postfix uses for key and certificate will do.
      - Encrypted keys cannot be read; give a certificate or the public key instead.
    type: list
    elements: path
  privatekey_content:
    description:
      - Private keys as text in PEM.
    type: list
    elements: str
  publickey_path:
    description:
      - Files with a public key (C(SubjectPublicKeyInfo)) in PEM or DER.
    type: list
    elements: path
  publickey_content:
    description:
      - Public keys as text, PEM or base64 of DER.
    type: list
    elements: str
  certificate_path:
    description:
      - Files with the server's certificate in PEM or DER. Of several certificates the first counts.
    type: list
    elements: path
  certificate_content:
    description:
      - Server certificates as text, PEM or base64 of DER.
    type: list
    elements: str
  chain_path:
    description:
      - Files with the server's certificate and after it those of its issuers, in PEM. The first gives records of usages 1 and 3, the
        others give those of usages 0 and 2.
      - A certificate in it that has issued none of the others is an error.
    type: list
    elements: path
  chain_content:
    description:
      - Chains as text in PEM.
    type: list
    elements: str
  issuer_path:
    description:
      - Files with certificates of issuers only, in PEM or DER, for records of usages 0 and 2.
    type: list
    elements: path
  issuer_content:
    description:
      - Certificates of issuers as text, PEM or base64 of DER.
    type: list
    elements: str
  csr_path:
    description:
      - Files with a certificate signing request in PEM or DER, whose key a certificate will have.
    type: list
    elements: path
  csr_content:
    description:
      - Certificate signing requests as text, PEM or base64 of DER.
    type: list
    elements: str
  postfix:
    description:
      - Take the keys that an SMTP server of Postfix has deployed on the machine, with the certificates of their issuers. An empty
        dictionary means all keys of the default instance.
      - These are the keys of all services in C(master.cf), and of the server names in C(tls_server_sni_maps) that fit one of O(hosts).
    type: dict
    suboptions:
      config_directory:
        description:
          - The folder of C(main.cf), for other instances than the default one.
        type: path
      algorithms:
        description:
          - Take keys of these kinds only.
        type: list
        elements: str
        choices: [rsa, ecdsa, ed25519]
  probe:
    description:
      - Take the certificates that a server shows, at each of its addresses and for each kind of key asked for.
      - The task fails when an address does not answer, or leaves open whether it has a kind of key. Records without a key that is in use
        would keep mail away.
    type: dict
    suboptions:
      host:
        description:
          - The host name of the server. It is also the server name to send.
        type: str
        required: true
      port:
        description:
          - Its port.
        type: int
        default: 25
      addresses:
        description:
          - Connect to these addresses. By default to all that the system knows for O(probe.host).
        type: list
        elements: str
        aliases: [address]
      tls_mode:
        description:
          - Whether to ask for TLS with STARTTLS, or to begin with the handshake.
        type: str
        choices: [starttls, implicit]
        default: starttls
      key_algorithms:
        description:
          - The kinds of keys to ask for, each in a handshake of its own. A kind that the server says it does not have is no error.
          - V(ed25519) needs cryptography 38.0 or newer.
        type: list
        elements: str
        choices: [any, rsa, ecdsa, ed25519]
        default: [any, rsa, ecdsa]
      deadline:
        description:
          - Seconds that the probe of one address may take altogether.
        type: float
        default: 120
  hosts:
    description:
      - The host names whose records they are to be, those that exchanges in MX records have.
      - The default is C(myhostname) of O(postfix), else O(probe.host). Without either it is required.
    type: list
    elements: str
    aliases: [host]
  ports:
    description:
      - The ports whose records they are to be. The default is O(probe.port) with O(probe), else C(25).
    type: list
    elements: int
    aliases: [port]
  protocol:
    description:
      - The transport protocol of the ports.
    type: str
    choices: [tcp, udp, sctp]
    default: tcp
  parameters:
    description:
      - Certificate usage, selector and matching type of the records, as V(3 1 1) or by the acronyms of RFC 7218, as
        V(DANE-EE SPKI SHA2-256).
      - Usages 1 and 3 are about the server's own certificate or key, usages 0 and 2 about issuers. Sending mail servers use 2 and 3 only.
    type: list
    elements: str
    default: ['3 1 1']
  ttl:
    description:
      - The TTL of the RRsets in seconds. By default it is left out.
    type: int
  comments:
    description:
      - Whether RV(zone) and RV(zone_rfc3597) have comments with the sources, as C(postfix tls output-server-tlsa) writes them.
    type: bool
    default: true
  allow_certificate_pinning:
    description:
      - Allow C(3 0 x) and C(1 0 x). They stop matching when the certificate is renewed, even with the same key; C(3 1 x) does not.
    type: bool
    default: false
seealso:
  - plugin: mailops.tls.tlsa_rdata
    plugin_type: filter
  - module: mailops.tls.smtp_tls_probe
  - module: community.general.nsupdate
  - module: community.general.cloudflare_dns
  - module: community.dns.hetzner_dns_record_set
"""

EXAMPLES = r"""
- name: What postfix tls output-server-tlsa prints, for every deployed key wherever it is configured
  mailops.tls.tlsa_records:
    postfix: {}
  register: tlsa

- name: Put it into a zone file
  ansible.builtin.copy:
    content: "{{ tlsa.zone }}"
    dest: /etc/nsd/tlsa.include
    mode: '0644'

- name: Records of the current and the next key, for the ports of mail servers
  mailops.tls.tlsa_records:
    host: mx.example.org
    ports: [25, 465, 587]
    certificate_path: /etc/ssl/mx.example.org.pem
    privatekey_path: /etc/ssl/private/mx.example.org.next.key
    ttl: 3600
  register: tlsa

# The form record_sets has the options of modules that set all values of a name at once
- name: Publish them by dynamic update
  community.general.nsupdate:
    server: 192.0.2.53
    key_name: tlsa-update
    key_secret: "{{ tsig_secret }}"
    key_algorithm: hmac-sha256
    record: "{{ item.record }}"
    type: "{{ item.type }}"
    ttl: "{{ item.ttl }}"
    value: "{{ item.value }}"
  loop: "{{ tlsa.record_sets }}"

- name: Publish them at Hetzner, all in one task
  community.dns.hetzner_dns_record_sets:
    zone_name: example.org
    hetzner_token: "{{ hetzner_token }}"
    record_sets: "{{ tlsa.record_sets }}"

# The form single_records is for modules that add one record and leave the others alone
- name: Add the records, one by one
  community.dns.hetzner_dns_record:
    state: present
    zone_name: example.org
    hetzner_token: "{{ hetzner_token }}"
    record: "{{ item.record }}"
    type: "{{ item.type }}"
    ttl: "{{ item.ttl }}"
    value: "{{ item.value }}"
  loop: "{{ tlsa.single_records }}"

# The form split_records has everything in an option of its own
- name: Publish them at Cloudflare
  community.general.cloudflare_dns:
    zone: example.org
    api_token: "{{ cloudflare_token }}"
    record: "{{ item.record }}"
    type: "{{ item.type }}"
    port: "{{ item.port }}"
    proto: "{{ item.proto }}"
    cert_usage: "{{ item.cert_usage }}"
    selector: "{{ item.selector }}"
    hash_type: "{{ item.hash_type }}"
    value: "{{ item.value }}"
    ttl: "{{ item.ttl }}"
  loop: "{{ tlsa.split_records }}"

- name: Records of the key and of all issuers
  mailops.tls.tlsa_records:
    host: mx.example.org
    chain_path: /etc/letsencrypt/live/mx.example.org/fullchain.pem
    parameters:
      - 3 1 1
      - 2 1 1

- name: The records of what this very server shows
  mailops.tls.tlsa_records:
    probe:
      host: mx.example.org
      address: 127.0.0.1
  register: tlsa

- name: The records of a request that is with the certification authority
  mailops.tls.tlsa_records:
    host: mx.example.org
    csr_content: "{{ lookup('ansible.builtin.file', 'mx.example.org.csr') }}"
"""

RETURN = r"""
records:
  description:
    - Every record of every owner by its fields. Those of one host are together, and in these those of one port.
    - The order within an owner is that of the sources, as they are listed among the options, and for each that of O(parameters).
  returned: success
  type: list
  elements: dict
  contains:
    owner:
      description: The name of the RRset, absolute.
      type: str
      sample: _25._tcp.mx.example.org.
    host:
      description: The host name, in ASCII and without a dot at its end.
      type: str
      sample: mx.example.org
    port:
      description: The port.
      type: int
      sample: 25
    protocol:
      description: The transport protocol.
      type: str
      sample: tcp
    ttl:
      description: The O(ttl), or none.
      type: int
      sample: 3600
    usage:
      description: The certificate usage.
      type: int
      sample: 3
    selector:
      description: The selector.
      type: int
      sample: 1
    matching_type:
      description: The matching type.
      type: int
      sample: 1
    data:
      description: The association data, in lower-case hexadecimal.
      type: str
      sample: 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
    rdata:
      description: The RDATA as text.
      type: str
      sample: 3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
    rdata_rfc3597:
      description: The RDATA in the form for unknown types.
      type: str
      sample: \# 35 0301018bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
    sources:
      description: The files, addresses or options that the record was made of.
      type: list
      elements: str
      sample: [/etc/ssl/mx.example.org.pem]
zone:
  description: The RRsets as lines of a zone file, with comments unless O(comments=false).
  returned: success
  type: str
  sample: |
    ; /etc/ssl/mx.example.org.pem
    _25._tcp.mx.example.org. IN TLSA 3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
zone_rfc3597:
  description: The same for name servers that do not know the type TLSA.
  returned: success
  type: str
  sample: |
    ; /etc/ssl/mx.example.org.pem
    _25._tcp.mx.example.org. IN TYPE52 \# 35 0301018bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
record_sets:
  description:
    - One item for each RRset, with the names of the options of M(community.general.nsupdate) and the modules for record sets in
      the collection community.dns. Those of M(amazon.aws.route53) are the same, but the module has no type TLSA so far.
    - There is a C(ttl) only with O(ttl).
  returned: success
  type: list
  elements: dict
  sample:
    - record: _25._tcp.mx.example.org.
      type: TLSA
      ttl: 3600
      value: [3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922]
single_records:
  description: One item for each record, with the names of the options of the modules for records in the collection community.dns.
  returned: success
  type: list
  elements: dict
  sample:
    - record: _25._tcp.mx.example.org.
      type: TLSA
      ttl: 3600
      value: 3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
split_records:
  description:
    - One item for each record, with the names of the options of M(community.general.cloudflare_dns).
    - That module takes the matching types 1 and 2 only.
  returned: success
  type: list
  elements: dict
  sample:
    - record: mx.example.org
      port: 25
      proto: tcp
      type: TLSA
      ttl: 3600
      cert_usage: 3
      selector: 1
      hash_type: 1
      value: 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
option:
  description: The option that cannot be used.
  returned: when an option cannot be used
  type: str
  sample: parameters
error:
  description: Why a server did not show its certificates, with C(kind), C(phase) and C(text) as in M(mailops.tls.smtp_tls_probe).
  returned: when O(probe) fails
  type: dict
  sample: {kind: connect_refused, phase: connect, text: 'connect to 192.0.2.1[192.0.2.1]:25: Connection refused'}
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.task import Rights, run_task
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_records.arguments import (
    needed_libraries,
    records_arguments,
    source_names,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_records.run import run_tlsa_records
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import command_runner


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=records_arguments(), required_one_of=[source_names()], supports_check_mode=True)
    run_task(
        module,
        lambda: run_tlsa_records(module.params, command_runner(module.run_command)),
        libraries=needed_libraries(module.params),
        missing=missing_required_lib,
        rights=Rights.FILES,
    )


if __name__ == "__main__":
    main()
