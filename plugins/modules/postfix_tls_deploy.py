#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_tls_deploy
short_description: Deploy a key with its certificate chain to the Postfix SMTP server, or leave everything as it was
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Has the Postfix SMTP server serve a private key with its certificate chain, as C(postfix tls deploy-server-cert) does, and
    sees to it
    that it really does.
  - The key of the same algorithm is replaced; keys of other algorithms stay as they are.
  - Nothing is touched unless the key is that of the certificate and the chain is in order. The certificate has to be valid and to have
    the names that it should have. It must not leave published TLSA records without a match.
  - The change itself is one C(postconf -e). Then come C(postfix check), C(postfix reload), and handshakes with the local
    listeners until they
    serve the new certificate. If any of that fails, all is put back and the task fails.
  - Whenever the module is interrupted, Postfix has the old pair or the new one, never parts of both. The next run finishes or
    clears away what
    was begun, for which there is a file C(mailops-tls-deploy.json) in the configuration directory in the meantime. It also removes
    hidden files that were left half written.
  - A Postfix that does not run is not started. Key and chain are loaded as OpenSSL does, and RV(unseen) says that nobody has
    seen them served.
  - A Postfix that runs has to be seen serving the certificate. When no listener can be asked, nothing is deployed and the
    task fails with the reason, unless O(allow_unseen) says otherwise.
notes:
  - The module needs the rights of root.
  - Files that were deployed earlier are not removed.
  - Services with parameters of their own in C(master.cf), chains by server name, and C(tlsproxy_tls_chain_files) are not
    changed. A warning names
    those that set keys themselves.
requirements:
  - Postfix 3.1 or later, 3.4 or later for C(smtpd_tls_chain_files)
  - pyOpenSSL >= 21.0
  - cryptography >= 36.0
  - dnspython >= 2.1, unless O(tlsa_guard=false)
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.dns
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The diff has parameters and digests, never a key.
  idempotent:
    support: full
options:
  certificate_path:
    description:
      - The file with the server's certificate, followed by the certificates of its issuers, in PEM.
      - A relative name is relative to the configuration directory.
    type: path
    required: true
  privatekey_path:
    description:
      - The file with the private key in PEM, not encrypted. The default is that the key is in O(certificate_path).
    type: path
  config_directory:
    description:
      - The configuration directory of the instance. The default is the one that C(postconf) uses by itself.
    type: path
  parameters:
    description:
      - With V(chain_files), key and chain are written to one file of their own, with mode C(0600), and C(smtpd_tls_chain_files)
        names it. What the
        older parameters have configured is taken over, and they are removed.
      - With V(legacy), C(smtpd_tls_cert_file) and C(smtpd_tls_key_file), or C(smtpd_tls_eccert_file) and
        C(smtpd_tls_eckey_file), name
        the files themselves, which therefore have to stay. It is refused when C(smtpd_tls_chain_files) is set.
      - With V(auto), it is what is in effect, and V(chain_files) when nothing is deployed yet.
    type: str
    choices: [auto, chain_files, legacy]
    default: auto
  directory:
    description:
      - Where the file for C(smtpd_tls_chain_files) is written. The default is the configuration directory.
      - Nothing is written in a folder that everybody may write without a sticky bit, nor through a symbolic link of another user.
      - Its name must have no blanks, commas or braces, which separate files there. A dollar sign is escaped.
    type: path
  names:
    description:
      - Names that the certificate has to be for. A name with a dot in front stands for any name below it.
      - The default is the value of C(myhostname). An empty list means that names are not looked at.
    type: list
    elements: str
  min_days_left:
    description:
      - How many days every certificate of the chain has to be valid still.
    type: int
    default: 0
  strict:
    description:
      - Whether to refuse a certificate that senders who verify certificates would refuse, or soon will. RV(lint) says why. By default
        each reason is a warning.
      - Then a chain needs the certificate of one issuer at least, unless the certificate is self-signed.
    type: bool
    default: false
  tlsa_guard:
    description:
      - Whether to refuse a chain that published TLSA records would not match. Of every combination of usage, selector and
        matching type that is
        published, one record has to match.
      - What DNS does not tell for certain stops the task, too. The absence of records is certain when a resolver has validated it, or
        when a resolver that validates says that the zone is not signed. From a resolver that validates nothing it proves nothing, since
        anybody on the way may have left records out.
      - So a validating resolver is needed, on the machine itself or with O(trust_ad=always), or V(false), which deploys without
        asking DNS.
    type: bool
    default: true
  tlsa_hosts:
    description:
      - The host names whose TLSA records are looked at, usually those of the exchanges in MX records. The default is the value
        of C(myhostname).
    type: list
    elements: str
  tlsa_ports:
    description:
      - The ports whose TLSA records are looked at.
    type: list
    elements: int
    default: [25]
  listeners:
    description:
      - Where the new certificate has to be served in the end. An empty list means that nobody is asked.
      - The default is every C(smtpd) and C(postscreen) on a TCP port in C(master.cf) that has TLS, no keys of its own, and no
        PROXY protocol. Host names in C(master.cf) and C(inet_interfaces) stand for all addresses that the system has for them.
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
      - Whether to deploy to a running Postfix although a listener cannot be asked, or there is none to ask. Examples are a
        service with the PROXY protocol only, or one that does not offer STARTTLS to this machine.
      - RV(unseen) says then what nobody has seen. A listener that shows another certificate, or where TLS is broken, is a
        failure in any case.
      - A Postfix that does not run needs no such permission.
    type: bool
    default: false
  timeout:
    description:
      - How many seconds to wait until the new certificate is served before all is put back.
    type: float
    default: 30.0
seealso:
  - module: mailops.tls.postfix_tls_info
  - module: mailops.tls.tlsa_records
  - name: postfix-tls(1)
    description: The command of Postfix for the same purpose.
    link: https://www.postfix.org/postfix-tls.1.html
"""

EXAMPLES = r"""
- name: Deploy a renewed certificate
  mailops.tls.postfix_tls_deploy:
    certificate_path: /etc/ssl/mx.example.org/fullchain.pem
    privatekey_path: /etc/ssl/mx.example.org/privkey.pem

- name: Would that break DANE for any of the names in MX records?
  mailops.tls.postfix_tls_deploy:
    certificate_path: /etc/ssl/mx.example.org/fullchain.pem
    privatekey_path: /etc/ssl/mx.example.org/privkey.pem
    tlsa_hosts: [mx1.example.org, mx2.example.org]
    tlsa_ports: [25, 465]
  check_mode: true

- name: Move to smtpd_tls_chain_files on the way
  mailops.tls.postfix_tls_deploy:
    config_directory: /etc/postfix-in
    certificate_path: eccert-20260912-030000.pem
    privatekey_path: eckey-20260912-030000.pem
    parameters: chain_files
"""

RETURN = r"""
config_directory:
  description: The configuration directory of the instance.
  returned: success
  type: str
  sample: /etc/postfix
parameters:
  description: Which kind of parameters is used, C(smtpd_tls_chain_files) or C(legacy).
  returned: success
  type: str
  sample: smtpd_tls_chain_files
changed_parameters:
  description: Parameters of main.cf that were (or would be) changed, with their values before and after; null where main.cf does
    not set them.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: smtpd_tls_chain_files, before: null, after: /etc/postfix/chain-ecdsa-0123456789abcdef.pem}
files:
  description: Files that were (or would be) written.
  returned: success
  type: list
  elements: str
  sample: [/etc/postfix/chain-ecdsa-0123456789abcdef.pem]
algorithm:
  description: The algorithm of the key, V(rsa), V(ecdsa) or V(ed25519).
  returned: success
  type: str
  sample: ecdsa
public_key_sha256:
  description: The SHA-256 of the public key, the data of a TLSA record C(3 1 1).
  returned: success
  type: str
  sample: 3d4c5b6a
certificate:
  description: The server's certificate, in the shape of C(chain[]) of M(mailops.tls.postfix_tls_info).
  returned: success
  type: dict
  sample: {subject: CN=mx.example.org, dns_names: [mx.example.org]}
lint:
  description:
    - What senders who verify certificates object to in the chain, or soon will. They refuse it, or a part of them does.
    - Of purpose and extensions, V(not_for_servers) (as with an extendedKeyUsage for clients only), V(issuer_not_ca),
      V(path_length_exceeded), V(name_constraints_violated), V(unknown_critical_extension), V(extensions_unreadable), V(key_usage_unfit),
      V(must_staple).
    - Of keys and signatures, V(key_too_weak), V(key_unreadable), V(explicit_curve), V(signature_too_weak).
    - Of the chain, V(chain_incomplete), V(chain_too_long), V(chain_too_large), V(duplicate_certificate), and V(not_verifiable) for
      whatever else OpenSSL objects to.
    - Of names and dates, V(no_subject_alternative_name), V(empty_subject), and V(certificate_expires_soon) (less than seven days left,
      or a third of its life when that is short).
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
    - id: not_for_servers
      severity: warning
      subject: CN=mx.example.org
      text: the server's certificate is not for TLS servers, by its keyUsage or extendedKeyUsage
      why: Its keyUsage or extendedKeyUsage allows other things only. Clients that verify certificates refuse it.
      fix: Get a certificate with the extendedKeyUsage serverAuth.
      reference: RFC 5280 section 4.2.1.12
tlsa:
  description: What DNS has for each owner, whether it was validated, and C(blocked), null since the pair may be deployed.
  returned: success
  type: list
  elements: dict
  sample:
    - {owner: _25._tcp.mx.example.org., records: [3 1 1 3d4c5b6a], secure: true, blocked: null}
listeners:
  description:
    - Where the certificate has to be served. C(served) is what the last look saw, null when there was none or
      it came to nothing; C(reason) says why.
  returned: success
  type: list
  elements: dict
  sample:
    - {address: 127.0.0.1, port: 25, served: true, reason: null}
unasked:
  description: Services of C(master.cf) on TCP ports that could not be asked, each with the reason.
  returned: success
  type: list
  elements: dict
  sample:
    - {service: 10025/inet, reason: it expects the PROXY protocol}
running:
  description: Whether the instance runs.
  returned: success
  type: bool
  sample: true
reloaded:
  description: Whether it was reloaded.
  returned: success
  type: bool
  sample: true
served:
  description:
    - True when all listeners serve the certificate.
    - Null when that was not seen, for the reason in RV(unseen), and in check mode before a change.
  returned: success
  type: bool
  sample: true
unseen:
  description:
    - Why nobody has seen the certificate served. Postfix does not run, or a listener could not be asked and O(allow_unseen)
      or an empty list of O(listeners) allowed that. It is a warning, too.
    - Null when all listeners have shown it.
  returned: success
  type: str
  sample: null
recovery:
  description:
    - What became (or would become) of an earlier run that was interrupted. V(discarded), since it had not yet changed anything,
      V(finished), or
      V(abandoned), since main.cf has been changed otherwise in the meantime. Null when there was none.
  returned: success
  type: str
  sample: null
rolled_back:
  description: Whether everything is as it was before.
  returned: when the new pair could not be deployed
  type: bool
  sample: true
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._deploy.deployment import Edges
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_deploy.arguments import deploy_arguments, needed_libraries
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_deploy.run import run_deploy
from ansible_collections.mailops.tls.plugins.module_utils._module.task import Rights, run_task
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import command_runner


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=deploy_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_deploy(module.params, Edges(command_runner(module.run_command)), check_mode=module.check_mode),
        libraries=needed_libraries(module.params),
        missing=missing_required_lib,
        rights=Rights.ROOT,
    )


if __name__ == "__main__":
    main()
