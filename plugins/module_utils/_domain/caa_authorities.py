# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which domains in CAA records the certification authorities of today go, found by the organization that issues a certificate.

The domains are those that authorities name in their practice statements and report to the Common CA Database. The list is short and will
never be whole: whoever is not in it is not judged.
"""

from __future__ import annotations

_DIGICERT = (
    "digicert.com", "www.digicert.com", "digicert.ne.jp", "cybertrust.ne.jp", "symantec.com", "thawte.com", "geotrust.com", "rapidssl.com",
    "volusion.digitalcertvalidation.com",
)  # fmt: skip
_SECTIGO = (
    "sectigo.com", "comodo.com", "comodoca.com", "usertrust.com", "trust-provider.com", "positivessl.com", "zerossl.com", "entrust.net",
)  # fmt: skip
_DOMAINS = {
    "let's encrypt": ("letsencrypt.org",),
    "internet security research group": ("letsencrypt.org",),
    "digicert": _DIGICERT,
    "geotrust": _DIGICERT,
    "thawte": _DIGICERT,
    "sectigo": _SECTIGO,
    "comodo": _SECTIGO,
    "the usertrust network": _SECTIGO,
    "zerossl": _SECTIGO,
    "gandi": _SECTIGO,
    "google trust services": ("pki.goog", "google.com"),
    "amazon": ("amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com", "aws.amazon.com"),
    "globalsign": ("globalsign.com",),
    "godaddy": ("godaddy.com", "starfieldtech.com"),
    "starfield": ("godaddy.com", "starfieldtech.com"),
    "entrust": ("entrust.net", "affirmtrust.com", "ssl.com", "sectigo.com"),
    "buypass": ("buypass.com", "buypass.no"),
    "actalis": ("actalis.it",),
    "ssl corporation": ("ssl.com",),
    "ssl corp": ("ssl.com",),
    "swisssign": ("swisssign.com", "swisssign.net"),
    "unizeto": ("certum.pl", "certum.eu"),
    "asseco": ("certum.pl", "certum.eu"),
    "identrust": ("identrust.com",),
    "d-trust": ("d-trust.net", "dtrust.de", "d-trust.de"),
    "deutsche telekom": ("telesec.de",),
    "t-systems": ("telesec.de",),
    "hellenic academic": ("harica.gr",),
    "microsoft": ("microsoft.com",),
    "quovadis": ("quovadisglobal.com", *_DIGICERT),
    "dhimyotis": ("certigna.fr",),
    "telia": ("telia.com", "telia.fi", "telia.se"),
    "e-commerce monitoring": ("globaltrust.eu", "e-monitoring.at"),
}


def caa_domains(organization: str) -> tuple[str, ...]:
    """Return the domains of the authority that an organization is, none when it is not known."""
    name = organization.strip().casefold().replace("\u2019", "'").replace(".com", "")
    return next((domains for key, domains in _DOMAINS.items() if name.startswith(key)), ())
