// Copyright (c) 2026, the mailops.tls authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the pictures of the documentation: `node pictures.mjs FOLDER`.

import { join } from "node:path";

import { launch, open } from "./browser.mjs";

const PICTURES = [
  ["report-overview", "", 1180, 820, "light"],
  ["report-table", "#satisfied=no&sort=-days", 1180, 560, "light"],
  ["report-domain", "#page=amber.example", 1180, 1240, "dark"],
  ["report-phone", "", 390, 800, "dark"],
];

const browser = await launch();
for (const [name, hash, width, height, scheme] of PICTURES) {
  const { page, close } = await open(browser, "showcase", { hash, width, scheme });
  await page.setViewportSize({ width, height });
  if (hash.includes("sort")) await page.evaluate(() => document.getElementById("list").scrollIntoView({ behavior: "instant" }));
  await page.screenshot({ path: join(process.argv[2], name + ".png") });
  await close();
}
await browser.close();
