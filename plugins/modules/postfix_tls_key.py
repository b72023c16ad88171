#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_tls_key
short_description: Make a private key and a self-signed certificate for a Postfix SMTP server
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Makes a new private key with a self-signed certificate, or with O(reuse_key) a new certificate for the key that Postfix serves
    already. They do what C(postfix tls new-server-key) and C(postfix tls new-server-cert) do.
  - Nothing is deployed. Postfix goes on with what it has until its parameters name the new files. By then the TLSA records of the new key
    (RV(tlsa_rdata)) should have been published for some time.
  - The files are C(key-ID.pem) and C(cert-ID.pem), for ECDSA C(eckey-ID.pem) and C(eccert-ID.pem), and for Ed25519
    C(ed25519key-ID.pem) and C(ed25519cert-ID.pem). With O(key_id) they are made once. Without it the time in UTC takes its place
    (C(key-20260912-030000.pem)), and every run makes new ones.
  - The certificate has the contents that C(postfix tls) gives it. It is of version 3, signed with SHA-256, valid for 36525 days, and
    meant for servers and clients. The first of the names is the CN of its subject, and all of them are in C(subjectAltName). Senders that
    use DANE do not care who signed it; for others see M(mailops.tls.postfix_tls_csr).
  - What is there already under O(key_id) is left as it is, even when an issuer's chain has taken the place of the self-signed
    certificate. When it is not what the other options ask for, the task fails and says so. A certificate that is missing is made.
  - The key is created for its owner alone. Its file has its final mode and owner while it is still empty. The files get their names only
    when both are complete. The key is never in a result, a diff or a log.
requirements:
  - cryptography >= 36.0
  - pyOpenSSL >= 21.0, with O(reuse_key) or O(force)
  - Postfix 3.1 or later, unless O(names) and one of O(directory) and O(config_directory) are given, and for O(reuse_key)
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.server_key
attributes:
  check_mode:
    support: full
    details:
      - What depends on the new key itself is none in check mode.
  diff_mode:
    support: full
    details:
      - The key itself is never shown.
  idempotent:
    support: partial
    details:
      - Only with O(key_id), and without O(force).
options:
  key_id:
    description:
      - What the key is for, as part of the names of its files. Letters, digits, dots, hyphens and underscores.
    type: str
  algorithm:
    description:
      - The algorithm of the key.
      - Not every client can use V(ed25519), so it should only be deployed beside another key.
    type: str
    choices: [rsa, ecdsa, ed25519]
    default: rsa
  bits:
    description:
      - The size of an RSA key. The default is 2048 bits.
      - A key that is there already, and one to reuse, has to be of this size only when this option is given.
    type: int
    choices: [2048, 3072, 4096]
  curve:
    description:
      - The curve of an ECDSA key, by its name in SEC 2. They are P-256, P-384 and P-521. The default is V(secp256r1).
      - A key that is there already, and one to reuse, has to be on this curve only when this option is given.
    type: str
    choices: [secp256r1, secp384r1, secp521r1]
  reuse_key:
    description:
      - Copy the key of O(algorithm) that Postfix serves, instead of making a new one. So the TLSA records of its public key stay right.
      - The key is found wherever it is configured, also in the file of the certificate and in C(smtpd_tls_chain_files). Keys by server
        name (C(tls_server_sni_maps)) do not count, and those of single services in C(master.cf) only when C(main.cf) has none.
      - When there is no such key, or there are several, the task fails. A new one is never made instead.
    type: bool
    default: false
  force:
    description:
      - Make a new key and a new certificate even when there are files with this O(key_id), in whose place they come.
      - Files that Postfix serves are refused, for this or any other instance of C(postmulti -l). A key has to be published before
        it is served.
    type: bool
    default: false
  directory:
    description:
      - The folder of the files, which must be there. When it is relative, it is below O(config_directory).
      - The default is O(config_directory) itself.
      - Nothing is written in a folder that everybody may write without a sticky bit, nor through a symbolic link of another user.
    type: path
  mode:
    description:
      - The mode of the key, as octal digits in quotes. Modes that give everybody access are refused.
      - The default is C(0600) for a new key. The mode of one that is there is changed only when this option is given.
    type: raw
  certificate_mode:
    description:
      - The mode of the certificate, as octal digits in quotes.
      - The default is C(0644) for a new certificate. The mode of one that is there is changed only when this option is given.
    type: raw
seealso:
  - module: mailops.tls.postfix_tls_csr
  - module: mailops.tls.postfix_tls_info
  - module: mailops.tls.tlsa_records
  - name: postfix-tls(1)
    description: The command of Postfix for the same purpose.
    link: https://www.postfix.org/postfix-tls.1.html
"""

EXAMPLES = r"""
- name: A key for the next rollover, made once
  mailops.tls.postfix_tls_key:
    key_id: "2027"
    algorithm: ecdsa
    names:
      - mx.example.org
      - mail.example.org
  register: next

- name: Show the TLSA record that has to be published before the key is deployed
  ansible.builtin.debug:
    msg: "_25._tcp.mx.example.org. IN TLSA {{ next.tlsa_rdata }}"

- name: As postfix tls new-server-key, a new key in every run
  mailops.tls.postfix_tls_key:

- name: As postfix tls new-server-cert, a certificate with one more name for the key that is deployed
  mailops.tls.postfix_tls_key:
    key_id: two-names
    reuse_key: true
    names:
      - mx.example.org
      - mx.example.net

- name: A key of another instance, for a group that may read it
  mailops.tls.postfix_tls_key:
    config_directory: /etc/postfix-in
    directory: keys
    key_id: inbound
    group: ssl-cert
    mode: '0640'
"""

RETURN = r"""
privatekey_path:
  description: The file of the key.
  returned: success
  type: str
  sample: /etc/postfix/eckey-2027.pem
certificate_path:
  description: The file of the certificate.
  returned: success
  type: str
  sample: /etc/postfix/eccert-2027.pem
algorithm:
  description: The algorithm of the key.
  returned: success
  type: str
  sample: ecdsa
public_key:
  description: Type, size and curve of the key.
  returned: success
  type: dict
  sample: {type: ecdsa, bits: 256, curve: secp256r1}
public_key_sha256:
  description: The SHA-256 digest of the public key; none in check mode for a key that would be new.
  returned: success
  type: str
  sample: 3d4c5b6a798807163d4c5b6a798807163d4c5b6a798807163d4c5b6a79880716
tlsa_rdata:
  description: The TLSA record C(3 1 1) of the key; none in check mode for a key that would be new.
  returned: success
  type: str
  sample: 3 1 1 3d4c5b6a798807163d4c5b6a798807163d4c5b6a798807163d4c5b6a79880716
certificate:
  description:
    - The certificate, in the shape of RV(mailops.tls.smtp_tls_probe#module:results[].endpoints[].chain), with its C(pem). Of a chain
      in the file it is the first.
    - None in check mode for a certificate that would be new.
  returned: success
  type: dict
  sample:
    subject: CN=mx.example.org
    issuer: CN=mx.example.org
    serial: 4F3A
    not_before: '2026-09-12T03:00:00Z'
    not_after: '2126-09-13T03:00:00Z'
    dns_names: [mx.example.org, mail.example.org]
    ip_addresses: []
    public_key: {type: ecdsa, bits: 256, curve: secp256r1}
    signature_algorithm: ecdsa-with-SHA256
    fingerprints: {certificate: {sha256: 1f2e}, public_key: {sha256: 3d4c}}
    pem: "-----BEGIN CERTIFICATE-----..."
reused_from:
  description: The file of the deployed key, with O(reuse_key); otherwise none.
  returned: success
  type: str
  sample: null
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_key.arguments import key_arguments, needed_libraries
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_key.run import run_new_key
from ansible_collections.mailops.tls.plugins.module_utils._module.task import Rights, run_task
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import command_runner


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=key_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_new_key(module.params, command_runner(module.run_command), check_mode=module.check_mode),
        libraries=needed_libraries(module.params),
        missing=missing_required_lib,
        rights=Rights.FILES,
    )


if __name__ == "__main__":
    main()
