// The table of names against webhooks. Only the rows in view are in the document, so that
// a large table is as fast as a small one. The focus stays on the table;
// aria-activedescendant names the chosen cell.

import { byId, element, plural } from "./dom.js";

const rowHeight = 28; // as in style.css

// The code of a cell is none, some, all or absent, plus the flags added and removed: see
// table.go.
const none = 0, some = 1, all = 2, absent = 3, added = 4, removed = 8;
const signs = { [none]: "·", [some]: "◐", [all]: "●", [absent]: "∅" };
const words = { [none]: "does not fire", [some]: "fires for some", [all]: "fires", [absent]: "has no such event" };

const cells = []; // a template for each code
for (let code = 0; code < 16; code++) {
  const verdict = code & 3;
  const change = code & (added | removed);
  const mark = { 0: "", [added]: "+", [removed]: "−", [added | removed]: "±" }[change];
  const changeWords = { 0: "", [added]: ", added by the edit", [removed]: ", removed by the edit", [added | removed]: ", changed by the edit" }[change];
  cells[code] = element("td", {
    role: "gridcell",
    class: `v${verdict}${change ? " changed" : ""}${change & added ? " added" : ""}${change & removed ? " removed" : ""}`,
    "aria-label": words[verdict] + changeWords,
  }, signs[verdict] + mark);
}

export class Grid {
  // chosen is called when the user chooses a cell.
  constructor(chosen) {
    this.root = byId("table");
    this.root.setAttribute("aria-activedescendant", "chosen");
    this.chosen = chosen;
    this.column = this.row = 0;
    this.rows = new Map(); // the rows in the document, by number: {tr, codes}
    this.columns = element("colgroup");
    this.head = element("thead", { role: "rowgroup" });
    this.body = element("tbody", { role: "rowgroup" });
    // Placeholders of the rows that are not in view.
    this.above = element("tr", { "aria-hidden": "true", class: "space" });
    this.below = element("tr", { "aria-hidden": "true", class: "space" });
    this.body.append(this.above, this.below);
    this.root.append(element("table", { role: "presentation" }, this.columns, this.head, this.body));
    this.root.addEventListener("scroll", () => this.drawRows());
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("click", (event) => {
      const cell = event.target.closest("td, th");
      const row = cell?.parentElement.dataset.row;
      if (cell) this.choose(cell.cellIndex ? cell.cellIndex - 1 : this.column, Number(row ?? this.row));
    });
    new ResizeObserver(() => this.drawRows()).observe(this.root);
  }

  // show draws a table.
  show(table) {
    this.table = table;
    const { names, webhooks } = table;
    this.root.hidden = names.length === 0 || webhooks.length === 0;
    if (this.root.hidden) byId("more").hidden = true;
    this.column = Math.min(this.column, Math.max(0, webhooks.length - 1));
    this.row = Math.min(this.row, Math.max(0, names.length - 1));
    this.root.setAttribute("aria-rowcount", names.length + 1);
    this.size(webhooks.length, names.reduce((most, name) => Math.max(most, width(name)), 12));
    this.drawHead();
    this.drawRows();
  }

  // size makes room for a number of columns, and for names of a number of characters. It
  // causes a layout of the whole table, so it does nothing if neither has changed.
  size(columns, characters) {
    const key = `${columns} ${characters}`;
    if (key === this.sized) return;
    this.sized = key;
    this.root.style.setProperty("--columns", columns);
    this.root.style.setProperty("--name", characters);
  }

  drawHead() {
    const labels = this.table.webhooks.map((w) => (w.state ? `${w.label} (${w.state})` : w.label));
    const key = JSON.stringify(labels);
    if (key !== this.drawnHead) {
      this.drawnHead = key;
      this.rows.clear();
      this.columns.replaceChildren(element("col", { class: "names" }), ...labels.map(() => element("col")));
      this.head.replaceChildren(element("tr", { role: "row", "aria-rowindex": 1 },
        element("th", { role: "columnheader", class: "corner" }, element("span", {}, "Project name")),
        ...labels.map((label, i) => element("th", { role: "columnheader", title: label, class: this.table.webhooks[i].state }, element("span", {}, label)))));
    }
    for (const part of [this.columns, this.head.firstChild]) {
      const before = part.querySelector(".chosen"), now = part.children[this.column + 1];
      if (before === now) continue;
      before?.classList.remove("chosen");
      now?.classList.add("chosen");
    }
  }

  // drawRows draws the rows in view, and updates the ones that are already drawn.
  drawRows() {
    if (!this.table || this.root.hidden) return;
    const { names } = this.table;
    const visible = Math.ceil((this.root.clientHeight || 600) / rowHeight) + 4;
    const first = Math.max(0, Math.min(names.length - visible, Math.floor(this.root.scrollTop / rowHeight) - 2));
    const last = Math.min(names.length, first + visible);
    const rows = new Map();
    for (let row = first; row < last; row++) rows.set(row, this.drawRow(row));
    this.rows = rows;
    let at = this.above.nextSibling;
    for (const { tr } of rows.values()) {
      if (at === tr) at = tr.nextSibling;
      else this.body.insertBefore(tr, at);
    }
    while (at !== this.below) {
      const outOfView = at;
      at = at.nextSibling;
      outOfView.remove();
    }
    // Below a table that scrolls, a line shows the number of rows that follow. At the end of
    // the table it stays, but is empty, so that the page below does not move.
    const height = this.root.clientHeight - this.head.offsetHeight + 1;
    const more = names.length - Math.floor((this.root.scrollTop + height) / rowHeight);
    byId("more").hidden = names.length * rowHeight <= height;
    byId("more").textContent = more > 0 ? `↓ ${plural(more, "more row")}` : "";
    setHeight(this.above, first * rowHeight);
    setHeight(this.below, (names.length - last) * rowHeight);
    const before = byId("chosen"), now = rows.get(this.row)?.tr.children[this.column + 1];
    if (before === now) return;
    before?.removeAttribute("aria-selected");
    before?.removeAttribute("id");
    now?.setAttribute("aria-selected", "true");
    now?.setAttribute("id", "chosen");
  }

  // drawRow returns a row, {tr, codes}.
  drawRow(row) {
    const { names, webhooks } = this.table;
    const drawn = this.rows.get(row) ?? {
      tr: element("tr", { role: "row", "aria-rowindex": row + 2, "data-row": row }, element("th", { role: "rowheader" })),
      codes: [],
    };
    const { tr, codes } = drawn;
    const name = tr.firstChild;
    if (name.textContent !== names[row]) {
      name.textContent = names[row];
      name.title = names[row];
    }
    tr.classList.toggle("chosen", row === this.row);
    webhooks.forEach((w, i) => {
      const code = w.cells.charCodeAt(row) - 48;
      if (codes[i] === code) return;
      const cell = cells[code].cloneNode(true);
      if (i < codes.length) tr.children[i + 1].replaceWith(cell);
      else tr.append(cell);
      codes[i] = code;
    });
    return drawn;
  }

  // choose chooses a cell, and scrolls it into view.
  choose(column, row) {
    const { names, webhooks } = this.table;
    this.column = Math.max(0, Math.min(webhooks.length - 1, column));
    this.row = Math.max(0, Math.min(names.length - 1, row));
    const head = this.head.offsetHeight;
    const top = this.row * rowHeight;
    if (top < this.root.scrollTop) this.root.scrollTop = top;
    if (top + rowHeight + head > this.root.scrollTop + this.root.clientHeight) {
      this.root.scrollTop = top + rowHeight + head - this.root.clientHeight;
    }
    this.drawHead();
    this.drawRows();
    const cell = byId("chosen");
    const label = this.body.querySelector("th")?.offsetWidth ?? 0;
    if (cell && cell.offsetLeft < this.root.scrollLeft + label) this.root.scrollLeft = cell.offsetLeft - label;
    if (cell && cell.offsetLeft + cell.offsetWidth > this.root.scrollLeft + this.root.clientWidth) {
      this.root.scrollLeft = cell.offsetLeft + cell.offsetWidth - this.root.clientWidth;
    }
    this.chosen();
  }

  key(event) {
    const { names, webhooks } = this.table;
    const page = Math.max(1, Math.floor((this.root.clientHeight - this.head.offsetHeight) / rowHeight) - 1);
    const to = {
      ArrowLeft: [this.column - 1, this.row],
      ArrowRight: [this.column + 1, this.row],
      ArrowUp: [this.column, this.row - 1],
      ArrowDown: [this.column, this.row + 1],
      PageUp: [this.column, this.row - page],
      PageDown: [this.column, this.row + page],
      Home: event.ctrlKey ? [0, 0] : [0, this.row],
      End: event.ctrlKey ? [webhooks.length - 1, names.length - 1] : [webhooks.length - 1, this.row],
    }[event.key];
    if (!to || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.choose(...to);
  }
}

function setHeight(tr, pixels) {
  const height = `${pixels}px`;
  if (tr.style.height !== height) tr.style.height = height;
}

// width returns the approximate width of a text in characters. East Asian characters count
// twice.
const width = (text) => [...text].reduce((sum, c) => sum + (c > "\u2e7f" ? 2 : 1), 0);
