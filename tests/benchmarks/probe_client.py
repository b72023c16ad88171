# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `smtp_tls_probe` does, without Ansible around it: destinations on standard input, one line of JSON about the run.

A process of its own, so that its CPU time and memory are those of the prober alone. Imports nothing that the module does
not before it says how long importing took.
"""

from __future__ import annotations

import resource
import sys
import time


def cpu() -> float:
    """CPU seconds of this process so far, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Arguments: concurrency, and `sample` to say where the CPU time goes."""
    concurrency, sample = int(sys.argv[1]), "sample" in sys.argv[2:]
    began, began_cpu = time.monotonic(), cpu()
    from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
    from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe

    imported, imported_cpu = time.monotonic(), cpu()
    parameters = {name: option.get("default") for name, option in smtp_arguments().items()}
    parameters.update(destinations=sys.stdin.read().split(), nameservers=["127.0.0.1"], concurrency=concurrency)
    areas = {}
    if sample:
        from areas import Sampler

        with Sampler() as sampler:
            run = run_smtp_probe(parameters)
        areas = sampler.areas
    else:
        run = run_smtp_probe(parameters)
    done, done_cpu = time.monotonic(), cpu()
    import json

    print(json.dumps({
        "statuses": run.facts["summary"]["by_status"],
        "start_cpu": began_cpu,
        "import_seconds": imported - began,
        "import_cpu": imported_cpu - began_cpu,
        "run_seconds": done - imported,
        "run_cpu": done_cpu - imported_cpu,
        "areas": areas,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
