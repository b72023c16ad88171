# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What our engine says: all situations of one level and one set of options in a single run, as in a task with many destinations."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe
from ansible_collections.mailops.tls.tests.differential.situations import Situation

AT_A_TIME = 3


def parameters(lab: Mapping[str, Any], situation: Situation) -> dict[str, Any]:
    """The options of the module for a situation, all but the destination."""
    found: dict[str, Any] = {"security_level": situation.level, "match": list(situation.match)}
    found.update(connect_timeout=situation.patience, command_timeout=situation.patience, deadline=4 * situation.patience)
    for name, value in situation.case["options"].items():
        if name == "ca":
            found["ca_file"] = lab["ca_file"] if value is True else lab["authorities"][value]["file"]
        elif name == "client":
            found["client_chain_files"] = [lab["client_chain"]]
        elif name == "tls_dane_digests":
            found["dane_digests"] = value.split()
        elif name != "match":
            found[name] = value
    return found


def facts(options: Mapping[str, Any], destinations: Sequence[str]) -> dict[str, Any]:
    """Run the engine as the module does; all it returns.

    Raises ValueError for options that the module's argument specification refuses, `OptionError` for those the engine does.
    """
    validated = ArgumentSpecValidator(smtp_arguments()).validate({**options, "destinations": list(destinations)})
    if validated.error_messages:
        raise ValueError("; ".join(validated.error_messages))
    return dict(run_smtp_probe(validated.validated_parameters).facts)


def probe(options: Mapping[str, Any], destinations: Sequence[str]) -> dict[str, Any]:
    """The result of each destination by its name; raises as `facts` does."""
    return {result["destination"]: result for result in facts(options, destinations)["results"]}


def run_all(lab: Mapping[str, Any], wanted: Sequence[Situation]) -> dict[str, dict[str, Any]]:
    """Run all situations, as few runs as possible; results by the situation's name."""
    groups: dict[str, list[Situation]] = defaultdict(list)
    for situation in wanted:
        groups[json.dumps(parameters(lab, situation), sort_keys=True)].append(situation)

    def run(item: tuple[str, list[Situation]]) -> dict[str, dict[str, Any]]:
        options, members = json.loads(item[0]), item[1]
        results = probe(options, sorted({one.case["destination"] for one in members}))
        return {one.name: results[one.case["destination"]] for one in members}

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return {name: result for results in pool.map(run, groups.items()) for name, result in results.items()}
