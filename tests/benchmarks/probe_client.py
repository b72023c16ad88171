# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probing module does, without Ansible around it: its parameters on standard input as JSON, one line of JSON about the run.

A process of its own, so that its CPU time and memory are those of the prober alone. Imports nothing that the module does
not before it says how long importing took.
"""

from __future__ import annotations

import json
import resource
import sys
import time


def cpu() -> float:
    """CPU seconds of this process so far, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Arguments: the module, and `sample` to say where the CPU time goes."""
    module, sample = sys.argv[1], "sample" in sys.argv[2:]
    began, began_cpu = time.monotonic(), cpu()
    if module == "smtp_tls_probe":
        from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments as arguments
        from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe as probe
    else:
        from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.arguments import (
            mailbox_arguments as arguments,
        )
        from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.run import run_mailbox_probe as probe

    imported, imported_cpu = time.monotonic(), cpu()
    parameters = {name: option.get("default") for name, option in arguments().items()}
    parameters.update(json.load(sys.stdin))
    areas = {}
    if sample:
        from areas import Sampler

        with Sampler() as sampler:
            run = probe(parameters)
        areas = sampler.areas
    else:
        run = probe(parameters)
    done, done_cpu = time.monotonic(), cpu()
    endpoints = [one for result in run.facts["results"] for one in result["endpoints"]]
    statuses = [f"{one.get('service', 'smtp')} {one['status']}" for one in endpoints]
    print(json.dumps({
        "statuses": run.facts["summary"]["by_status"],
        "endpoints": {status: statuses.count(status) for status in sorted(set(statuses))},
        "start_cpu": began_cpu,
        "import_seconds": imported - began,
        "import_cpu": imported_cpu - began_cpu,
        "run_seconds": done - imported,
        "run_cpu": done_cpu - imported_cpu,
        "areas": areas,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
