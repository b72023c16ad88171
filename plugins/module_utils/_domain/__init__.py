# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail domain as DNS and the web show it: each standard's records read, judged and turned into facts.

One subject a file, or a few files with one prefix where it is long. Record text goes in; values, facts and findings come out. What more
than one record needs is asked by a function that is handed in, an `Ask` of `_dns/answer.py`, so that conductors and tests share it.

Four states are kept apart: there, absent (NXDOMAIN, an empty answer), broken, and not answered, a finding whoever asked (`unanswered.py`).

Who may enter: the door of `mail_domain_info`, and whoever makes records of its findings.

Where to begin: `noticed.py` collects findings, one item for an id and a subject. Then by subject:

- SPF (RFC 7208): `spf.py`; grammar in `spf_record.py`, one sender in `spf_check.py`, all that is included in `spf_walk.py`
- DKIM keys (RFC 6376): `dkim.py` over `dkim_key.py`; lists of tag=value for it and DMARC: `tag_list.py`
- DMARC (RFC 9989): `dmarc.py`; the record in `dmarc_record.py`, whose applies in `dmarc_walk.py`, consent in `dmarc_reports.py`
- exchanges (RFC 5321) and what the domain is for: `mx.py`; names of addresses: `reverse_names.py`
- MTA-STS (RFC 8461) and TLS reports (RFC 8460): `mta_sts.py` over `mta_sts_text.py`, and `tlsrpt.py`
- certificates and logos: `caa.py`, `bimi.py`; TLSA records: `dane.py`
- the zone and block lists: `nameservers.py`, asked by `zone_look.py`, and `dnsbl.py`
- servers that clients are told of: `announced.py` for `srv.py`, `autoconfig.py` and `autodiscover.py`, probed by `announced_probe.py`
- documents: `fetching.py` says which are fetched, in which order, and `web.py` fetches them by the engine of all probes
- who can deliver: `senders.py`, by what `sender_views.py` sees at each level of a sender
- what to publish: `wishes.py`, then `wished_records.py`, and in which order, `publishing_steps.py`; whether a policy fits: `policy_fit.py`

`look.py` leads through all of it and fills a `DomainView`; `domain_result.py` judges its parts together and makes facts of them.

Rules of this room:

- No file opens a socket or a file, or reads a clock but for the deadline in `web.py`. No record text raises: what is broken is a value.
- Whoever publishes a record decides what it says. So questions, terms and sizes have limits, and what is shown is cleaned.
- Each finding is made in one file, by its entry in `_catalogue/`.
"""
