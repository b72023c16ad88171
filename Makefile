# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# `make demo` shows the collection at work on this machine alone; `make test` checks everything.
# What ansible-galaxy has installed has all that users need; the rest needs the repository.

AUDIT ?= mx-audit
DOMAIN ?=
DOMAINS ?=
HOST ?=
KILLS ?=
KINDS ?=
LOGIN ?=
RECIPIENT ?=
SEED ?=
STEPS ?=

.PHONY: help demo probe domain audit audit-lab diagnose report test test-unit test-lint docs changelog release lab-shell bench clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: ## mail servers good and bad on loopback, probed and explained
	@bash tests/demo/demo.sh

probe: ## probe real mail servers: make probe DOMAIN=example.org
	@bash tests/demo/probe.sh $(DOMAIN)

domain: ## what a mail domain publishes, what is wrong, who can deliver: make domain DOMAIN=example.org [SELECTORS=mail2026] [VARS=option=value]
	@bash tests/demo/domain.sh $(DOMAIN) $(if $(SELECTORS),'dkim_selectors=$(SELECTORS)') $(VARS)

audit: ## many mail domains, and what changed since the last time: make audit DOMAINS=domains.txt [VARS=option=value]
	@bash tests/demo/audit.sh $(if $(DOMAINS),'$(DOMAINS)') $(VARS)

audit-lab: repository ## audits of 10,000 domains from two probers in a network of their own, killed twice; or KILLS=50 [SEED=text] [KINDS=worker,prober] times (root)
	@bash tests/demo/audit-lab.sh $(if $(KILLS),kills '$(KILLS)' '$(SEED)' '$(KINDS)',10000)

diagnose: ## one mail server on one page: make diagnose HOST=mail.example.org [LOGIN=user] [RECIPIENT=address] [VARS=option=value]
	@bash tests/demo/diagnose.sh $(HOST) $(if $(LOGIN),'user=$(LOGIN)') $(if $(RECIPIENT),'recipient=$(RECIPIENT)') $(VARS)

report: ## a page about the last run of an audit: make report [AUDIT=directory] [VARS=option=value]
	@bash tests/demo/report.sh $(AUDIT) $(VARS)

test: repository ## everything; or by name: make test STEPS="ruff units-new"
	@bash tests/run/test.sh $(STEPS)

test-unit: repository ## the unit tests alone, on the newest Python
	@bash tests/run/test.sh units-new

test-lint: repository ## what needs no test run: licences, style, types, documentation
	@bash tests/run/test.sh lint

docs: repository ## the documentation as a site, in .work/docs/html
	@bash tests/run/session.sh docs-site

changelog: repository ## the changelog of the version in galaxy.yml, out of the fragments; it can be run again
	@bash tests/run/session.sh changes

release: repository ## the archive of a release with its checksums and bill of materials, in dist/
	@bash tests/run/session.sh archive

lab-shell: repository ## a shell inside the test network (root)
	@bash tests/demo/lab-shell.sh

bench: repository ## measure how fast and how large a probe run is, for docs/benchmarks.md; half an hour (root)
	@bash tests/benchmarks/run.sh

clean: ## remove everything these targets made
	rm -rf .venv .work .nox .ansible .mypy_cache .pytest_cache .ruff_cache .hypothesis dist tests/output
	@[ ! -e MANIFEST.json ] || rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/mailops.tls"

repository:
	@[ ! -e MANIFEST.json ] || { echo "This needs the repository: git clone https://github.com/mailops/mailops.tls" >&2; exit 2; }
