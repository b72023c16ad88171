# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of whatever probes many servers at once."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation shared by modules that probe many servers at once."""

    DOCUMENTATION = r"""
options:
  concurrency:
    description:
      - How many connections may be open at the same time.
    type: int
    default: 100
  per_address_limit:
    description:
      - How many connections to one address may be open at the same time.
    type: int
    default: 4
  results_file:
    description:
      - A file on the machine that probes to which each result is added as soon as it is there, one JSON object a line.
      - The first line is a header with C(kind=header), C(schema), C(run), C(vantage), C(started) and the C(options) that decide the
        results, with their C(digest). Of files and secrets only digests are kept.
      - Every other line is an item of RV(results) with C(schema), C(run), C(vantage) (the host name of the machine that
        probes) and C(probed_at) (UTC). Lines of M(mailops.tls.smtp_tls_probe) leave out what is null,
        empty or as usual.
      - A line has at most 256 kB. What is cut from a longer one is named in its item C(cut).
      - It is emptied first unless O(resume) is true. It is not written in check mode.
      - It gets mode 0600 and is locked while the run lasts. Refused are a symbolic link, a pipe, and a file that another user owns, that
        others may write, or that has a second name. So is a directory that everybody may write without a sticky bit.
      - When the disk is full the task fails, and what was written before is whole.
    type: path
  resume:
    description:
      - Go on with the O(results_file) of an interrupted run. Destinations in it are not probed again, and its results are
        part of the returned ones.
      - Lookups and connections that failed are tried again. These are the error kinds V(dns_error), V(tlsa_lookup_failed),
        V(dnssec_unavailable), V(connect_refused), V(connect_timeout), V(connect_failed), V(timeout), V(disconnected) and V(rate_limited).
      - The task fails when the file was written with other options, and names them. Only options that change no result may
        differ, such as O(concurrency), the timeouts and O(expect). Trust files count by their content.
      - It also fails when others could have written the file or can replace it. A file without a header, as checkouts before 1.0.0
        wrote it, is refused, too.
    type: bool
    default: false
"""

    STREAM = r"""
options:
  progress_file:
    description:
      - A file on the machine that probes that says how far the run is. It is written anew each second while the run lasts, and a last time
        at its end. It is not written in check mode.
      - It holds one JSON object with C(run), C(done), C(total), C(rate) (a second, over the last minute), C(seconds_left),
        C(by_status), C(active), C(parked) (waiting for their turn at a server), C(ended) and C(written_at) (UTC).
      - With O(results_file) the default is its name and C(.progress).
      - The task shows it every five seconds. On another machine, or with C(become), it does so when there is an O(results_file) or
        O(progress_file). A task with C(async) shows nothing; another task can read the file.
    type: path
  run_id:
    description:
      - The name of this run in the O(results_file), up to 100 letters, digits, dots, dashes, colons and underscores. By default it
        is made of the time and a random number.
    type: str
  vantage:
    description:
      - The name of the place that is probed from, as it stands in the O(results_file). The default is the host name of the machine that
        probes.
    type: str
  report_max:
    description:
      - How many lines RV(report) and items C(unmet) may have. What is not satisfied comes first, and a last line counts the others.
      - By default there is no limit when all results are returned, and else it is 200.
    type: int
  per_network_limit:
    description:
      - How many connections to addresses of one network (C(/24) or C(/64)) may be open at the same time. By default there is no limit.
    type: int
  per_provider_limit:
    description:
      - How many connections to exchanges of one provider may be open at the same time. Exchanges whose names end in the same registrable
        domain are one provider's. By default there is no limit.
    type: int
  interval_per_address:
    description:
      - How many seconds have to pass between the starts of two connections to one address.
    type: float
    default: 0
"""

    CHANGES = r"""
options:
  return:
    description:
      - Which results are returned. V(all) are returned in the order given, V(summary) none, and V(changed) those that are not as in
        O(previous_file).
      - By default all of up to 1,000 are returned. Of more, none are returned when there is a O(results_file), and the task warns.
      - RV(summary) counts all of them in any case.
    type: str
    choices: [all, changed, summary]
  previous_file:
    description:
      - A file of results of an earlier run, also compressed with gzip, to compare with for O(return=changed).
      - It is refused where everybody may write the directory, as in C(/tmp), and the file belongs to another user than root.
      - A renewed certificate, a failure that can pass and what was not learnt are no changes. A destination that is new is one.
      - A failure that can pass counts when a second look finds it again, which is another run of the task with O(resume=true).
      - Not more than 1,000 results are returned. RV(changes) counts them all.
    type: path
  workers:
    description:
      - How many processes probe at the same time, or V(auto) for as many as the machine has cores.
      - The limits O(concurrency), O(per_address_limit), O(per_network_limit) and O(per_provider_limit) are divided among them, so that they
        hold for all together. There are never more processes than the smallest of them allows.
      - An exchange is probed by one process, whatever domains share it. Exchanges that are named in brackets or found by SRV records may be
        probed by each process that meets them.
      - With O(keylog_file) or O(trace_file) there is one process only. V(auto) has one process for every 50 destinations at most.
    type: str
    default: "1"
  opt_out_file:
    description:
      - A file on the machine that probes with those who do not want to be probed, one a line. It is read like a list of destinations.
      - A domain means that domain and all names below it, as destination or as exchange. An address or network
        (C(192.0.2.0/24)) means every exchange there.
      - They are never connected to. Their results have the C(error.kind) V(opted_out).
    type: path
"""

    RETURNED = r"""
options:
  return:
    description:
      - Which results are returned. V(all) are returned in the order given, V(summary) none.
      - By default all of up to 1,000 are returned. Of more, none are returned when there is a O(results_file), and the task warns.
      - RV(summary) counts all of them in any case.
    type: str
    choices: [all, summary]
"""

    SERVERS = r"""
options:
  hosts_file:
    description:
      - A file on the machine that probes with a host a line, in the form of an item of O(hosts). It is read line by line, so it can be of
        any length. It is given in place of O(hosts).
      - It may be compressed with gzip, begin with a byte order mark and end its lines as Windows does. Blank lines and lines that begin
        with C(#) are passed over. Of a table the first column counts, up to a comma, semicolon or blank.
      - A host is asked once, in whatever spelling the file repeats it. The order is shuffled, twenty thousand lines at a time, so that a
        provider's servers do not come together. The same O(run_id) gives the same order.
      - A line that is no host is a result with C(error.kind) V(invalid_destination), also a single one. So is a host with a port that
        no item of O(services) has.
      - There is no place for names and passwords in it. What stands behind the first column is never looked at.
    type: path
  domains_file:
    description:
      - The same for O(domains), a mail domain or address a line. It is given in place of O(domains), and can be given beside hosts.
    type: path
"""

    DETAIL = r"""
options:
  include_pem:
    description:
      - Whether to return each certificate in PEM (C(posttls-finger -C)).
    type: bool
    default: false
  transcript:
    description:
      - Whether to return the dialogue with each server, line by line. Leaving it out is C(posttls-finger -c).
    type: bool
    default: false
"""

    REPORT = r"""
options:
  report_detail:
    description:
      - How much the lines of RV(report) say, by the log options of C(posttls-finger -L).
      - V(summary) is the line about each session, V(certmatch) what matched, V(peercert) the server's certificate. V(untrusted) is why a
        certificate is untrusted, also at levels that do not need to match. V(cache) is about resumed sessions, V(verbose) about TLSA
        records, warnings and lint.
      - The dialogue is in it with O(transcript), the certificates with O(include_pem).
    type: list
    elements: str
    choices: [summary, certmatch, peercert, untrusted, cache, verbose]
    default: [summary, certmatch]
  expect:
    description:
      - What every endpoint has to look like. The task fails and says what differs unless all do, so that C(retries) and
        C(until) can wait for a change to arrive.
      - A mapping in the shape of an item of RV(results[].endpoints[]) with only the items that matter, among C(host), C(address),
        C(port), C(preference), C(status), C(satisfied), C(greeting), C(server_name), C(error), C(tls), C(verification), C(tlsa)
        and C(capabilities).
      - A list names all values that will do. C(min_days_left) is the least number of days that the server's certificate, or
        each of several, must still be valid. C(error) can be just an error kind; C(null) means none.
      - A destination without any endpoint meets only what its own C(status), C(satisfied) and C(error) do.
    type: dict
"""
