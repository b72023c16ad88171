# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of whatever judges the certificate of a mail server."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation shared by modules that judge certificates."""

    DOCUMENTATION = r"""
options:
  match:
    description:
      - What the certificate has to match, in place of the default of O(security_level).
      - At V(verify) and V(secure), names. V(hostname) stands for the name of the exchange, V(nexthop) for the next-hop domain,
        V(dot-nexthop) for any name below that. A name with a leading dot stands for any name below it.
      - At V(fingerprint), digests in hexadecimal, of the certificate or its public key, with or without colons. At least
        one is needed.
      - Not used when TLSA records decide.
    type: list
    elements: str
  fingerprint_digest:
    description:
      - The digest algorithm of the fingerprints in O(match) and in the results (C(posttls-finger -d)).
    type: str
    default: sha256
  trust_anchor_files:
    description:
      - PEM files with certificates and public keys to trust in place of certification authorities at V(verify) and V(secure)
        (C(posttls-finger -A)). O(ca_file), O(ca_path) and O(system_ca) then do not count.
      - Each may be an issuer at any place in the chain, or the server's own. The name must match in either case.
    type: list
    elements: path
  dane_digests:
    description:
      - The digests of TLSA records to use, best first (Postfix's C(tls_dane_digests)). Of several digests for the same
        usage and selector only the best is compared.
    type: list
    elements: str
    default: [sha512, sha256]
  force_tlsa:
    description:
      - Look for TLSA records even when the address records of the exchange are not validated with DNSSEC
        (C(posttls-finger -f)).
    type: bool
    default: false
"""

    EXCHANGE = r"""
options:
  security_level:
    description:
      - The TLS security level to judge by, as in Postfix's C(smtp_tls_security_level) (C(posttls-finger -l)).
      - V(none) speaks no TLS. V(may) takes TLS when offered. V(encrypt) needs TLS, with any certificate.
      - V(fingerprint) needs a certificate or public key whose digest is in O(match).
      - V(verify) needs a certificate of a trusted authority for the name of the exchange, V(secure) one for the next-hop
        domain; O(match) replaces these names.
      - V(dane) uses TLSA records where they are found with DNSSEC. Without them the certificate is judged as at V(secure), as
        C(posttls-finger) does, but C(satisfied) follows the Postfix SMTP client, which then delivers as at V(may).
      - V(dane-only) needs usable TLSA records.
    type: str
    choices: [none, may, encrypt, fingerprint, verify, secure, dane, dane-only]
    default: dane
  insecure_mx_policy:
    description:
      - What V(dane) and V(dane-only) do about TLSA records of exchanges when the MX records themselves were not validated with
        DNSSEC (C(posttls-finger -M)).
      - With V(dane), a match counts as C(trusted) only. V(encrypt) needs TLS only, V(may) takes it when offered.
    type: str
    choices: [may, encrypt, dane]
    default: dane
"""
