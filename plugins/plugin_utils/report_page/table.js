// Copyright (c) 2026, the mailops.tls authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The table of all domains: filters and order are in the address, and rows are drawn as far as somebody looks.

const STEP = 200;
const STATUSES = ["failed", "plaintext", "anonymous", "untrusted", "trusted", "verified"];
const SEVERITIES = ["error", "warning", "notice"];
const PROTOCOLS = ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
const GRADES = ["insufficient", "phase_out", "sufficient", "good", "not_tested"];
// What the changes of a row are worth: such that do not count, such that do, such for the worse.
const [QUIET, COUNTS, WORSE] = [1, 2, 3];
const CHANGED = { [QUIET]: "", [COUNTS]: "changed", [WORSE]: "worse" };
const SATISFIED = { yes: true, no: false, unknown: null };

const HEADS = [
  { key: "name", label: "Name" },
  { key: "status", label: "Verdict", order: STATUSES },
  { key: "satisfied", label: "As wanted" },
  { key: "protocol", label: "TLS", order: PROTOCOLS },
  { key: "key", label: "Key" },
  { key: "issuer", label: "Issuer" },
  { key: "days", label: "Days left" },
  { key: "grade", label: "Grade", order: GRADES },
  { key: "worst", label: "Findings", order: SEVERITIES },
  { key: "reason", label: "Why" },
];

// Filters by what a row has; those with a label of their own have a field in the form, the others come from charts.
const WORDS = { status: "Verdict", worst: "Findings", grade: "Grade", protocol: "TLS", key: "Key", issuer: "Issuer", expiry: "Certificate", error: "Error" };
const FIELDS = ["status", "worst", "grade"];

class Table {
  constructor(rows) {
    this.rows = rows;
    this.found = [];
    this.drawn = 0;
    this.heads = HEADS.filter((head) => !(head.key === "grade" && rows.words.grade.join("") === ""));
    this.body = byId("rows").tBodies[0];
    this.form = byId("filters");
    this.makeForm();
    this.makeHead();
    this.more = h("button", { type: "button", class: "plain", click: () => this.draw() }, "Show more");
    byId("rest").append(this.more);
    new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.draw()).observe(byId("rest"));
    addEventListener("beforeprint", () => { while (this.drawn < Math.min(this.found.length, 2000)) this.draw(); });
  }

  makeForm() {
    const choose = (key, label, options) => {
      const select = h("select", { name: key, change: () => this.changed() }, h("option", { value: "" }, "all"),
        options.map(([value, shown]) => h("option", { value }, shown)));
      this.form.append(h("label", {}, label, select));
    };
    const typed = () => { clearTimeout(this.typing); this.typing = setTimeout(() => this.changed(), 80); };
    this.form.append(h("label", {}, "Search", h("input", { type: "search", name: "q", autocomplete: "off", spellcheck: "false", input: typed })));
    choose("satisfied", "As wanted", Object.keys(SATISFIED).map((one) => [one, one]));
    for (const key of FIELDS) {
      const order = this.heads.find((head) => head.key === key);
      const words = this.rows.words[key].filter((one) => one !== "");
      if (!order || !words.length) continue;
      words.sort((a, b) => order.order.indexOf(a) - order.order.indexOf(b));
      choose(key, WORDS[key], words.map((one) => [one, one]));
    }
    const kinds = [...new Set(this.rows.columns.changes.flat())];
    if (kinds.length) choose("change", "Changes", kinds.map((one) => [one, Object.hasOwn(this.rows.kinds, one) ? this.rows.kinds[one] : one]));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.chips = h("span", {});
    this.form.append(this.chips);
  }

  makeHead() {
    const sort = (key) => {
      const now = readState().get("sort");
      go({ sort: now === key ? "-" + key : now === "-" + key ? "" : key });
    };
    const cell = (head) => h("th", { scope: "col" }, h("button", { type: "button", click: () => sort(head.key) }, head.label));
    byId("rows").tHead.append(h("tr", {}, this.heads.map(cell)));
  }

  changed() {
    const values = {};
    for (const field of this.form.elements) if (field.name) values[field.name] = field.value;
    go(values);
  }

  show(state) {
    for (const field of this.form.elements) {
      if (!field.name || document.activeElement === field && field.name === "q") continue;
      field.value = state.get(field.name) || "";
    }
    this.showChips(state);
    this.found = this.sorted(this.matching(state), state.get("sort") || "");
    const cells = byId("rows").tHead.rows[0].cells;
    this.heads.forEach((head, at) => {
      const sort = state.get("sort");
      if (sort === head.key) cells[at].setAttribute("aria-sort", "ascending");
      else if (sort === "-" + head.key) cells[at].setAttribute("aria-sort", "descending");
      else cells[at].removeAttribute("aria-sort");
    });
    byId("matches").textContent = number(this.found.length) + " of " + number(this.rows.count) + (state.get("sort") ? "" : ", the worst first");
    this.body.replaceChildren();
    this.drawn = 0;
    this.draw();
  }

  showChips(state) {
    const shown = new Set([...this.form.elements].map((field) => field.name).concat("sort", "page"));
    const label = { finding: "Finding", change: "Change", changed: "Changed", ...WORDS };
    const others = [...state].filter(([key, value]) => value && !shown.has(key) && Object.hasOwn(label, key));
    const chips = others.map(([key, value]) =>
      h("a", { class: "plain", href: withState({ [key]: "" }), "aria-label": "Remove the filter " + label[key] + " " + value }, label[key] + ": " + value + " ✕"));
    const any = others.length || [...this.form.elements].some((field) => field.name && field.value);
    this.chips.replaceChildren(...chips, ...(any ? [h("a", { class: "plain", href: "#list" }, "Clear")] : []));
  }

  matching(state) {
    const { columns, words } = this.rows;
    const tests = [];
    const wanted = (state.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
    if (wanted.length) tests.push((at) => wanted.every((one) => this.rows.haystack[at].includes(one)));
    for (const key of Object.keys(WORDS)) {
      const value = state.get(key);
      if (!value) continue;
      const index = words[key].indexOf(value);
      tests.push((at) => (Array.isArray(columns[key][at]) ? columns[key][at].includes(index) : columns[key][at] === index));
    }
    const satisfied = state.get("satisfied");
    if (satisfied && Object.hasOwn(SATISFIED, satisfied)) tests.push((at) => columns.satisfied[at] === SATISFIED[satisfied]);
    const finding = state.get("finding");
    if (finding) tests.push((at) => columns.findings[at].includes(finding));
    const change = state.get("change");
    if (change) tests.push((at) => columns.changes[at].includes(change));
    const least = state.get("changed") === "worse" ? WORSE : COUNTS;
    if (state.get("changed")) tests.push((at) => columns.changed[at] >= least);
    const found = [];
    for (let at = 0; at < this.rows.count; at++) if (tests.every((test) => test(at))) found.push(at);
    return found;
  }

  sorted(found, sort) {
    const down = sort.startsWith("-");
    const key = down ? sort.slice(1) : sort;
    const head = HEADS.find((one) => one.key === key);
    if (!head) return found;
    const value = this.values(head);
    const order = down ? -1 : 1;
    // What is not known comes last in either direction.
    return found.sort((a, b) => {
      const one = value[a], other = value[b];
      if (one === other) return a - b;
      if (one === Infinity || other === Infinity) return one === Infinity ? 1 : -1;
      return (one < other ? -1 : 1) * order;
    });
  }

  values(head) {
    const { columns } = this.rows;
    if (head.key === "name") return this.names || (this.names = columns.name.map((one) => one.toLowerCase()));
    if (head.key === "days") return columns.days.map((one) => (one === null ? Infinity : one));
    if (head.key === "satisfied") return columns.satisfied.map((one) => (one === null ? Infinity : one ? 1 : 0));
    if (head.key === "reason") return columns.reason.map((one) => one || Infinity);
    return this.rows.rank(head.key, head.order);
  }

  draw() {
    const end = Math.min(this.drawn + STEP, this.found.length);
    const drawn = document.createDocumentFragment();
    for (let place = this.drawn; place < end; place++) drawn.append(this.row(this.found[place]));
    this.body.append(drawn);
    this.drawn = end;
    this.more.hidden = end === this.found.length;
  }

  row(at) {
    const { columns } = this.rows;
    const word = (key) => this.rows.word(key, at);
    const name = columns.name[at];
    const days = columns.days[at];
    const cells = {
      name: () => h("th", { scope: "row" }, h("a", { href: withState({ page: name }) }, bdi(name)), CHANGED[columns.changed[at]] ? [" ", badge(CHANGED[columns.changed[at]])] : ""),
      status: () => h("td", { class: "short" }, badge(word("status"))),
      satisfied: () => h("td", { class: "short " + (columns.satisfied[at] === false ? "no is-bad" : columns.satisfied[at] ? "yes is-good" : "") }, yesNo(columns.satisfied[at])),
      protocol: () => h("td", { class: "short" }, word("protocol")),
      key: () => h("td", {}, word("key")),
      issuer: () => h("td", {}, bdi(word("issuer"))),
      days: () => h("td", { class: "number" + (days !== null && days < 14 ? " is-bad" : ""), title: columns.ends[at] }, days === null ? "" : number(days)),
      grade: () => h("td", { class: "short" }, badge(word("grade"))),
      worst: () => h("td", { class: "short" }, badge(word("worst")), columns.findings[at].length > 1 ? " " + columns.findings[at].length : ""),
      reason: () => h("td", { class: "why" }, bdi(columns.reason[at])),
    };
    return h("tr", {}, this.heads.map((head) => cells[head.key]()));
  }
}
