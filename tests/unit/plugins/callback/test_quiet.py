# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run with the callback quiet prints what people have to read, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ansible")

PLAYBOOK = """
- name: A play that nobody has to read about
  hosts: localhost
  gather_facts: false
  tasks:
    - name: A task that nobody has to read about
      ansible.builtin.set_fact:
        done: true
    - name: A report
      ansible.builtin.debug:
        msg: [mx1 is steady, mx2 is aging]
    - name: A failure that the play goes on from
      ansible.builtin.fail:
        msg: nobody minds
      ignore_errors: true
    - name: A task that is skipped
      ansible.builtin.fail:
        msg: never
      when: false
"""
FAILURE = """
    - name: Tell the postmaster
      ansible.builtin.fail:
        msg: the disk is full
"""
REFUSAL = """
    - name: Look at arguments as roles do
      ansible.builtin.validate_argument_spec:
        argument_spec: {number: {type: int, description: a long text}}
        provided_arguments: {number: many}
"""


MISTAKE = """
    - name: Look at a domain
      mailops.tls.mail_domain_info:
        domains: ["--help"]
      register: looked
      failed_when: looked is failed
"""


def run(folder: Path, playbook: str) -> tuple[int, str]:
    (folder / "play.yml").write_text(playbook, encoding="utf-8")
    roots = [path for path in sys.path if os.path.isdir(os.path.join(path, "ansible_collections", "mailops", "tls"))]
    settings = {
        "ANSIBLE_STDOUT_CALLBACK": "mailops.tls.quiet",
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(roots),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_NOCOLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    command = [sys.executable, "-m", "ansible.cli.playbook", "-i", "localhost,", "-c", "local", str(folder / "play.yml")]
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False, cwd=folder)
    return done.returncode, done.stdout


def test_a_report_is_all_there_is(tmp_path: Path) -> None:
    assert run(tmp_path, PLAYBOOK) == (0, "mx1 is steady\nmx2 is aging\n")


def test_what_fails_is_told_with_its_task_and_a_recap(tmp_path: Path) -> None:
    status, text = run(tmp_path, PLAYBOOK + FAILURE)
    assert status == 2 and text.startswith("mx1 is steady\nmx2 is aging\n")
    assert "Tell the postmaster" in text and "the disk is full" in text and "PLAY RECAP" in text
    assert "nobody" not in text and "never" not in text


def test_of_a_wrong_option_there_is_its_message(tmp_path: Path) -> None:
    status, text = run(tmp_path, PLAYBOOK + MISTAKE)
    told = text.partition("mx2 is aging\n")[2].splitlines()
    assert status == 2
    assert told[1].startswith("TASK [Look at a domain] ***")
    assert told[2] == "fatal: [localhost]: domains: '--help' is not a domain name, as in example.org"
    assert told[4].startswith("PLAY RECAP")


def test_a_refused_argument_is_not_followed_by_the_documentation(tmp_path: Path) -> None:
    status, text = run(tmp_path, PLAYBOOK + REFUSAL)
    assert status == 2 and "argument 'number' is of type" in text
    assert "a long text" not in text
