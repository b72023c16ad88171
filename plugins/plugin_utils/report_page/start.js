// Copyright (c) 2026, the mailops.tls authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Begins: opens the table, and shows what the address says.

let rows, domains, opener, lastPage = "";

function go(changes) {
  const hash = withState(changes);
  if (hash !== location.hash) location.replace(hash);
}

function themeButton() {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const button = h("button", { type: "button", class: "plain", id: "theme" });
  const label = () => { button.textContent = dark() ? "Light colours" : "Dark colours"; };
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; label(); });
  label();
  document.querySelector("header").prepend(button);
}

// What is drawn belongs to the address in data-shown. Whoever goes on while a page is being opened gets what he went on to.
async function show() {
  const hash = location.hash;
  const state = readState();
  const name = state.get("page") || (rows.count === 1 ? rows.columns.name[0] : "");
  byId("overview").hidden = Boolean(name) && rows.count > 1;
  byId("page").hidden = !name;
  if (name) {
    await openPage(rows, name);
    if (hash !== location.hash) return;
    if (rows.count > 1 && name !== lastPage) { scrollTo(0, 0); byId("page-title").focus({ preventScroll: true }); }
  } else {
    domains.show(state);
    if (lastPage && opener) { const link = [...document.querySelectorAll("#rows tbody a")].find((one) => one.hash === opener); if (link) link.focus(); }
    else if (FILTERS.some((key) => state.has(key)) && !byId("list").contains(document.activeElement)) { byId("list").scrollIntoView(); byId("list-title").focus({ preventScroll: true }); }
  }
  lastPage = rows.count > 1 ? name : "";
  document.title = name ? name + " - " + title : title;
  document.documentElement.dataset.shown = hash;
}

const title = document.title;

async function start() {
  if (!("DecompressionStream" in window)) return;
  rows = new Rows(await pack("rows"));
  themeButton();
  byId("worst").hidden = true;
  byId("list").hidden = byId("summary").hidden = rows.count < 2;
  domains = new Table(rows);
  addEventListener("hashchange", show);
  addEventListener("click", (event) => { const link = event.target.closest("#rows tbody a"); if (link) opener = link.hash; });
  addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "Escape" && readState().get("page")) location.hash = withState({ page: "" });
    if (event.key === "/" && !typing && !byId("overview").hidden) { event.preventDefault(); document.querySelector("#filters input").focus(); }
  });
  await show();
  performance.mark("ready");
  document.documentElement.dataset.ready = "yes";
}

start();
