// Copyright (c) 2026, the mailops.tls authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// How soon a page of report_lines.py is there, sorted, filtered, and a domain on it open: `node page_times.mjs NAME ROUNDS`, as JSON in seconds.

import { launch, open, ready, settled } from "../report/browser.mjs";

const [name, rounds] = [process.argv[2], Number(process.argv[3])];
const ORDERS = ["name", "-days", "issuer", "-reason"];

// From the click to the picture: the page hears of its new address, draws, and the browser has painted that.
const painted = (page, hash) => page.evaluate((hash) => new Promise((done) => {
  const began = performance.now();
  addEventListener("hashchange", () => requestAnimationFrame(() => setTimeout(() => done((performance.now() - began) / 1000))), { once: true });
  location.hash = hash;
}), hash);

const opened = (page, hash) => page.evaluate((hash) => new Promise((done) => {
  const root = document.documentElement, began = performance.now();
  new MutationObserver((unused, watch) => {
    if (root.dataset.shown === location.hash) { watch.disconnect(); done((performance.now() - began) / 1000); }
  }).observe(root, { attributes: true });
  location.hash = hash;
}), hash);

const browser = await launch();
const { page, wrong } = await open(browser, name);
const found = { load: [], sort: [], filter: [], open: [] };
for (let round = 0; round < rounds; round++) {
  await page.reload();
  await ready(page);
  found.load.push(await page.evaluate(() => performance.getEntriesByName("ready")[0].startTime / 1000));
  found.sort.push(await painted(page, "#sort=" + ORDERS[round % ORDERS.length]));
  found.filter.push(await painted(page, "#q=domain" + (round % 10) + "7&satisfied=yes"));
  await settled(page);
  const [link] = await page.locator("#rows tbody th a").evaluateAll((all) => all.slice(-1).map((one) => one.getAttribute("href")));
  found.open.push(await opened(page, link));
}
await browser.close();
if (wrong.length) throw new Error(wrong.join("\n"));
console.log(JSON.stringify(found));
