// Copyright (c) 2026, the mailops.tls authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// A page of a report in a real browser without a network, and everything that went wrong while it was open.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.env.REPORT_MODULES, "node_modules/"));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// A test says what is there in the end. How soon, tests/benchmarks measures; a machine may be as slow as it likes.
const PATIENCE = 5 * 60 * 1000;

export const launch = () =>
  chromium.launch({
    timeout: PATIENCE,
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
  });

// Whatever has been drawn belongs to the address: to this one, where it is told. The address changes at once, the page only when it hears of it.
export const settled = (page, hash = null) =>
  page.waitForFunction((hash) => document.documentElement.dataset.shown === location.hash && (hash === null || hash === location.hash), hash);

// Goes there as somebody does who edits the address.
export async function visit(page, hash) {
  await page.evaluate((hash) => { location.hash = hash; }, hash);
  await settled(page);
}

// The page has begun: a reload is as good as a new one.
export const ready = (page) => page.waitForSelector("html[data-ready=yes]");

export async function open(browser, name, { hash = "", width = 1280, scheme = "light", scripts = true } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 900 }, colorScheme: scheme, offline: true, javaScriptEnabled: scripts, bypassCSP: false,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  context.setDefaultTimeout(PATIENCE);
  context.setDefaultNavigationTimeout(PATIENCE);
  const page = await context.newPage();
  const wrong = [];
  const requests = [];
  page.on("request", (request) => requests.push(request.url().slice(0, 200)));
  page.on("pageerror", (error) => wrong.push(String(error.stack)));
  page.on("console", (message) => wrong.push(message.text()));
  page.on("dialog", (dialog) => { wrong.push("dialog " + dialog.message()); dialog.dismiss(); });
  page.on("popup", () => wrong.push("popup"));
  await page.goto(pathToFileURL(join(process.env.REPORT_PAGES, name + ".html")).href + hash);
  if (scripts) await ready(page);
  return { page, wrong, requests, close: () => context.close() };
}

// The page's own policy keeps axe out of it, so axe comes by the debugger, which no policy binds.
export async function violations(page) {
  const session = await page.context().newCDPSession(page);
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails).slice(0, 500));
    return result.value;
  };
  await evaluate(AXE + "; 0");
  const run = "axe.run(document, { runOnly: " + JSON.stringify(RULES) + " }).then((found) => JSON.stringify(found.violations.map((one) => " +
    "one.id + ': ' + one.nodes.slice(0, 3).map((node) => node.target.join(' ') + ' ' + (node.any[0] || node.all[0] || node.none[0] || {}).message).join(' | '))))";
  return JSON.parse(await evaluate(run));
}
