# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the module of this name: takes its options, and says what a script for the server says.

The script is a JSON list in STATE_DIRECTORY/script.json. A run outside check mode removes the first item, unless it is the
last or says `stay`. Every run is a line of the journal, whose path is in the environment.
"""

from __future__ import annotations

import json
import os
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_rollover.arguments import rollover_arguments

NOTHING = {
    "phase": "steady", "message": "", "earliest": None, "blockers": [], "findings": [], "csrs": [], "keys": {}, "tlsa": [],
    "deployments": [], "deployed": [],
    "action": {"kind": "none", "done": False, "algorithms": [], "public_keys": []},
    "verify": {"needed": False, "destinations": ["[elsewhere.example]:25"], "key_algorithms": ["any", "rsa", "ecdsa"]},
    "alarms": [], "dnssec": None, "days_left": None, "next_step": {"kind": "none", "text": None, "at": None},
}
LOCAL = ("stage", "issue", "deploy", "renew", "roll_back", "discard")


def main() -> None:
    """Run the stand-in."""
    module = AnsibleModule(argument_spec=rollover_arguments(), supports_check_mode=True)
    folder = module.params["state_directory"]
    path = os.path.join(folder, "script.json")
    with open(path, encoding="utf-8") as stream:
        script = json.load(stream)
    item = script[0]
    if item.get("kind") == "deploy" and not module.params["may_deploy"]:
        waits = {"id": "not_its_turn", "text": "another server has its turn"}
        script.insert(0, {"phase": "issued", "message": "issued: another server has its turn", "blockers": [waits]})
        item = dict(script[0], stay=True)
    given = {name: value for name, value in module.params.items() if value is not None}
    begin = time.time()
    if not module.check_mode:
        os.makedirs(os.path.join(folder, module.params["name"]), exist_ok=True)
        time.sleep(0.2)  # so that turns that are not one after the other would be seen to overlap
        if len(script) > 1 and not item.get("stay"):
            with open(path, "w", encoding="utf-8") as stream:
                json.dump(script[1:], stream)
    with open(os.environ["ROLLOVER_JOURNAL"], "a", encoding="utf-8") as stream:
        line = {"module": "dane_rollover", "server": os.path.basename(folder), "check": module.check_mode, "options": given}
        stream.write(json.dumps(dict(line, kind=item.get("kind", "none"), begin=begin, end=time.time())) + "\n")
    if "fail" in item:
        module.fail_json(msg=item["fail"])
    blocked = os.path.exists(os.path.join(folder, module.params["name"], "blocked_since"))
    module.exit_json(**answer(item, module.check_mode, module.params["exchanges"][0]), was_blocked=blocked, **item.get("also", {}))


def full(rdata: str) -> str:
    """A record with a digest of the right length: `3 1 1 aa` stands for one of 32 times that octet."""
    words = rdata.split()
    return " ".join([*words[:3], words[3] * (32 if len(words[3]) == 2 else 1)])


def answer(item: dict, check_mode: bool, exchange: str) -> dict:
    """What the module would return for an item: the kind of action, and whatever differs from a server where nothing is to be done."""
    kind = item.get("kind", "none")
    facts = dict(NOTHING, **{name: value for name, value in item.items() if name in NOTHING and name != "action"})
    facts["verify"] = dict(NOTHING["verify"], **item.get("verify", {}))
    facts["action"] = {"kind": kind, "done": kind in LOCAL and not check_mode, "algorithms": ["rsa"], "public_keys": []}
    facts["message"] = item.get("message", f"{facts['phase']}: {kind}")
    facts["dns"] = {"single_records": {"add": [], "remove": []}, "split_records": {"add": [], "remove": []}}
    for name in ("add", "remove"):
        given = [one if isinstance(one, dict) else {"rdata": full(one)} for one in item.get(name, [])]
        facts["dns"][name] = [{"owner": f"_25._tcp.{exchange}.", "ttl": 60, **one} for one in given]
    facts["changed"] = kind in LOCAL
    return facts


if __name__ == "__main__":
    main()
