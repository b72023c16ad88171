// Copyright (c) 2026, the mailops.tls authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The page of a report as people meet it: in a browser, without a network, by mouse, keyboard and screen reader, on paper, without scripts.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, open, ready, settled, violations, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const AMBER = "#page=amber.example";
const names = (page) => page.locator("#rows tbody th a").allTextContents();
const matches = (page) => page.locator("#matches").textContent();

// Clicks a link of the summary, wherever on the page it is, and waits for what it leads to.
async function follow(page, link) {
  await link.evaluate((one) => one.click());
  await settled(page, await link.getAttribute("href"));
}

for (const scheme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    test(`everybody can read it: ${scheme}, ${width} pixels`, async () => {
      for (const [name, hash] of [["showcase", ""], ["showcase", AMBER], ["showcase", "#page=mail.amber.example"], ["showcase", "#issuer=self-signed&worst=error"], ["one", ""], ["none", ""]]) {
        const { page, wrong, requests, close } = await open(browser, name, { hash, width, scheme });
        assert.deepEqual(await violations(page), [], name + hash);
        assert.equal(await page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth), true, "wider than the window: " + name + hash);
        assert.deepEqual(wrong, []);
        assert.equal(requests.length, 1);
        await close();
      }
    });
  }
}

test("without scripts the summary and the worst are there", async () => {
  const { page, close } = await open(browser, "many", { scripts: false });
  assert.equal(await page.locator("#worst tbody tr").count(), 200);
  assert.equal(await page.locator("#worst tbody tr").first().isVisible(), true);
  assert.equal(await page.locator("#list").isVisible(), false);
  assert.ok(await page.locator(".chart").count() >= 5);
  assert.match(await page.locator(".tiles").textContent(), /8,000 as wanted.*2,000 not as wanted/s);
  await close();
});

test("10,000 domains are filtered, sorted and opened one after the other", async () => {
  const { page, wrong, close } = await open(browser, "many");
  assert.match(await matches(page), /^10,000 of 10,000/);
  await visit(page, "#sort=-name");
  assert.deepEqual((await names(page)).slice(0, 2), ["d9999.example.org", "d9998.example.org"]);
  await visit(page, "#q=d77&satisfied=yes");
  assert.match(await matches(page), /^89 of 10,000/);
  await visit(page, "#page=d2001.example.org");
  assert.ok(await page.locator("#page table").count() >= 1);
  await visit(page, "");
  assert.equal(await page.locator("#page").isVisible(), false);
  assert.match(await matches(page), /^10,000 of 10,000/);
  assert.deepEqual(wrong, []);
  await close();
});

test("rows are drawn as far as somebody looks", async () => {
  const { page, close } = await open(browser, "many");
  const before = await page.locator("#rows tbody tr").count();
  assert.ok(before < 1000, String(before));
  await page.evaluate(() => document.getElementById("rest").scrollIntoView());
  await page.waitForFunction((before) => document.querySelectorAll("#rows tbody tr").length > before, before);
  await close();
});

test("what is filtered and sorted stands in the address, and comes back from it", async () => {
  const { page, wrong, close } = await open(browser, "showcase");
  await page.fill("#filters input", "amber");
  await settled(page, "#q=amber");
  const [found] = (await matches(page)).match(/^\d+/);
  assert.ok(Number(found) > 10 && Number(found) < 60, found);
  assert.ok((await names(page)).every((name) => name.includes("amber")));
  await page.selectOption("#filters select[name=satisfied]", "yes");
  await settled(page, "#q=amber&satisfied=yes");
  await page.getByRole("button", { name: "Days left" }).click();
  await settled(page, "#q=amber&satisfied=yes&sort=days");
  await page.getByRole("button", { name: "Days left" }).click();
  await settled(page, "#q=amber&satisfied=yes&sort=-days");
  assert.equal(await page.locator("#rows th[aria-sort=descending]").textContent(), "Days left");
  const shown = await names(page);
  const days = (await page.locator("#rows td.number").allTextContents()).filter(Boolean).map(Number);
  assert.deepEqual(days, [...days].sort((a, b) => b - a));
  await page.reload();
  await ready(page);
  assert.deepEqual(await names(page), shown);
  assert.equal(await page.inputValue("#filters input"), "amber");
  await page.getByRole("link", { name: "Clear" }).click();
  await settled(page, "#list");
  assert.match(await matches(page), /^(\d+) of \1/);
  assert.deepEqual(wrong, []);
  await close();
});

test("whether anything is wrong now is told before anything else, and leads to what is", async () => {
  for (const width of [1280, 390]) {
    const { page, close } = await open(browser, "showcase", { width });
    const place = await page.locator("#answer").boundingBox();
    assert.ok(place.y + place.height < 700, "below the first glance: " + JSON.stringify(place));
    const links = await page.locator("#answer a").all();
    assert.ok(links.length >= 3);
    for (const link of links) {
      const [wanted] = (await link.textContent()).match(/^\d+/);
      await follow(page, link);
      assert.match(await matches(page), new RegExp("^" + wanted + " of "));
    }
    await close();
  }
});

test("each number of the summary leads to as many rows, and renewals are no changes", async () => {
  const { page, close } = await open(browser, "showcase");
  for (const tile of await page.locator(".tiles a").all()) {
    const wanted = await tile.locator("b").textContent();
    await follow(page, tile);
    assert.match(await matches(page), new RegExp("^" + wanted + " of "));
  }
  await visit(page, "#changed=yes");
  assert.equal(await page.locator("#filters a[aria-label='Remove the filter Changed yes']").count(), 1);
  assert.deepEqual((await names(page)).sort(), ["amber.example", "birch1.example", "cedar2.example", "juniper5.example"]);
  await close();
});

test("a telephone shows the whole route without moving it sideways", async () => {
  const { page, close } = await open(browser, "showcase", { hash: AMBER, width: 390 });
  const fits = await page.locator("svg.route").evaluateAll((all) => all.map((one) => one.parentElement.scrollWidth <= one.parentElement.clientWidth));
  assert.ok(fits.length >= 2 && fits.every(Boolean), JSON.stringify(fits));
  await close();
});

test("each bar of a chart leads to as many rows as it counts", async () => {
  const { page, close } = await open(browser, "showcase");
  for (const bar of await page.locator(".bars a").all()) {
    const wanted = await bar.locator(".count").textContent();
    await follow(page, bar);
    assert.match(await matches(page), new RegExp("^" + wanted + " of "));
  }
  await close();
});

test("the page of a domain has route, records and keys, changes, findings and the command", async () => {
  const { page, wrong, close } = await open(browser, "showcase", { hash: AMBER });
  assert.equal(await page.title(), "amber.example - Mail servers of our partners");
  assert.equal(await page.locator("#overview").isVisible(), false);
  const text = await page.locator("#page").innerText();
  for (const part of ["What changed", "Route", "Servers", "Records and keys", "Certificates", "Findings", "Who can deliver", "What the domain publishes", "stale_record", "What to do:"]) assert.ok(text.includes(part), part);
  assert.match(await page.locator("svg[role=img]").first().getAttribute("aria-label"), /mx1\.amber\.example \(signed\) at 192\.0\.2\.1 verified; mx2\.amber\.example/);
  assert.ok(await page.getByText("matches at depth 0").count() >= 1);
  assert.equal(await page.getByText("does not match").count(), 2);
  assert.ok(await page.locator("#page table", { hasText: "Opportunistic TLS" }).count() === 1);
  await page.getByRole("button", { name: "Copy the command" }).first().click();
  await page.getByText("Copied.").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "ansible-playbook mailops.tls.probe -e destinations=amber.example -e security_level=dane");
  assert.deepEqual(wrong, []);
  await close();
});

test("pages of mailboxes, deliveries and rollovers show what is theirs", async () => {
  const { page, wrong, close } = await open(browser, "showcase", { hash: "#page=mail.amber.example" });
  const text = await page.locator("#page").innerText();
  for (const part of ["imaps mail.amber.example[192.0.2.1]:993", "refused", "Logins", "PLAIN", "A message on its way", "Steps", "mailops.tls.diagnose -e host=mail.amber.example"]) assert.ok(text.includes(part), part);
  await visit(page, "#page=mx1.amber.example");
  assert.equal(await page.getByText("mx1.amber.example: steady").isVisible(), true);
  await visit(page, "#page=nobody.example");
  assert.equal(await page.getByText("There is nothing about it in this report.").isVisible(), true);
  assert.deepEqual(wrong, []);
  await close();
});

test("it is used by the keyboard alone", async () => {
  const { page, close } = await open(browser, "showcase");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the report");
  await page.keyboard.press("Enter");
  await settled(page, "#main");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await page.keyboard.press("/");
  await page.keyboard.type("amber1.");
  await settled(page, "#q=amber1.");
  await page.locator("#rows tbody th a").first().focus();
  await page.keyboard.press("Enter");
  await settled(page, "#q=amber1.&page=amber1.example");
  assert.equal(await page.evaluate(() => document.activeElement.id), "page-title");
  await page.keyboard.press("Escape");
  await settled(page, "#q=amber1.");
  assert.equal(await page.evaluate(() => document.activeElement.hash), "#q=amber1.&page=amber1.example");
  await page.getByRole("button", { name: "Name", exact: true }).focus();
  await page.keyboard.press("Space");
  await settled(page, "#q=amber1.&sort=name");
  assert.equal(await page.locator("#rows th[aria-sort=ascending]").textContent(), "Name");
  await close();
});

test("whoever goes back before a page was opened stays where he is", async () => {
  const { page, wrong, close } = await open(browser, "many");
  const title = await page.title();
  await page.evaluate(async () => {
    const heard = () => new Promise((done) => addEventListener("hashchange", done, { once: true }));
    const text = Response.prototype.text;
    Response.prototype.text = async function () { const found = await text.call(this); window.unpacked = true; return found; };
    for (const hash of ["#page=d2001.example.org", "#sort=name"]) { location.hash = hash; await heard(); }
  });
  await settled(page, "#sort=name");
  await page.waitForFunction(() => window.unpacked);
  assert.equal(await page.title(), title);
  assert.equal(await page.locator("#page").isVisible(), false);
  assert.deepEqual(wrong, []);
  await close();
});

test("on paper it is dark on light, with the table and without what cannot be used", async () => {
  const { page, close } = await open(browser, "showcase", { scheme: "dark" });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  assert.equal(await page.locator("#filters").isVisible(), false);
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  assert.ok((await page.pdf()).length > 20000);
  await close();
});

test("colours follow the system and the button", async () => {
  const { page, close } = await open(browser, "showcase", { scheme: "dark" });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await paper();
  await page.getByRole("button", { name: "Light colours" }).click();
  assert.notEqual(await paper(), dark);
  await page.getByRole("button", { name: "Dark colours" }).click();
  assert.equal(await paper(), dark);
  await close();
});

const tags = (page) => page.evaluate(() => [...document.querySelectorAll("script:not([type]), img, iframe, object, embed, link, base, form, meta[http-equiv]")].map((one) => one.localName));
const attributes = (page) => page.evaluate(() => [...document.querySelectorAll("*")].flatMap((one) => [...one.attributes].map((each) => each.name)).filter((name) => /^on|^src$|^style$|^srcdoc$/.test(name)));

test("nothing that a server says runs, loads or becomes markup", async () => {
  const { page, wrong, requests, close } = await open(browser, "hostile");
  const quiet = await open(browser, "none");
  const usual = await tags(quiet.page);
  await quiet.close();
  const check = async (where) => {
    assert.equal(await page.evaluate(() => window.hit), undefined, where);
    assert.deepEqual(await tags(page), usual, where);
    assert.deepEqual((await attributes(page)), [], where);
    assert.deepEqual(await page.evaluate(() => [...document.links].map((one) => one.getAttribute("href")).filter((one) => !one.startsWith("#"))), [], where);
    assert.equal(await page.evaluate(() => /[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029]/.test(document.body.innerText)), false, where);
    assert.equal(await page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth), true, where);
  };
  await check("overview");
  const links = await page.locator("#rows tbody th a").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
  assert.ok(links.length >= 13, String(links.length));
  for (const link of links) {
    await visit(page, link);
    assert.ok(await page.locator("#page h3").count() >= 1, link);
    await check(link);
    for (const shown of await page.locator("#page .command code").allTextContents()) assert.match(shown, /^[A-Za-z0-9._=: -]+$/);
    await visit(page, "");
    assert.equal(await page.locator("#page").isVisible(), false, link);
  }
  assert.ok(await page.locator("body", { hasText: "{{ 7 * 7 }}" }).count() === 1);
  assert.ok(await page.locator("body", { hasText: "</script><img src=x onerror=window.hit=1>" }).count() === 1);
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(wrong, []);
  assert.equal(requests.length, 1);
  await close();
});

test("an address that somebody has made up breaks nothing", async () => {
  const { page, wrong, close } = await open(browser, "showcase");
  for (const hash of ["#page=<img src=x onerror=window.hit=1>", "#q=</script>&sort=__proto__", "#status=constructor&finding=toString", "#sort=-constructor", "#satisfied=__proto__", "#%E0%A4%A", "#page=__proto__", "#change=x&changed=<b>", "#error=%00%00"]) {
    await visit(page, hash);
    assert.equal(await page.evaluate(() => window.hit), undefined, hash);
    assert.equal(await page.locator("main img, main b b").count(), 0, hash);
  }
  await visit(page, "");
  assert.match(await matches(page), /the worst first/);
  assert.deepEqual(wrong, []);
  await close();
});

test("a report about one server is the page about it", async () => {
  const { page, wrong, close } = await open(browser, "one");
  assert.equal(await page.locator("#page-title").textContent(), "example.org");
  assert.equal(await page.locator("#list").isVisible(), false);
  assert.equal(await page.getByRole("link", { name: "Back to all" }).count(), 0);
  assert.deepEqual(wrong, []);
  await close();
});
