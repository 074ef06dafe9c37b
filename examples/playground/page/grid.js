// The table of names against webhooks. Of its rows only those in view are in the
// document, so that a large table is as quick as a small one; the focus stays on the
// table, and aria-activedescendant says which cell is chosen.

import { byId, element } from "./dom.js";

const rowHeight = 28; // as in style.css

// The code of a cell is one of the first three, plus the others: see table.go.
const none = 0, some = 1, all = 2, added = 4, removed = 8;
const signs = { [none]: "·", [some]: "◐", [all]: "●" };
const words = { [none]: "does not fire", [some]: "fires for some", [all]: "fires" };

const cells = []; // a template for each code
for (let code = 0; code < 16; code++) {
  const verdict = code & 3;
  if (verdict === 3) continue;
  const change = code & (added | removed);
  const mark = { 0: "", [added]: "+", [removed]: "−", [added | removed]: "±" }[change];
  const said = { 0: "", [added]: ", new", [removed]: ", no longer as before", [added | removed]: ", changed" }[change];
  cells[code] = element("td", {
    role: "gridcell",
    class: `v${verdict}${change ? " changed" : ""}${change & added ? " added" : ""}${change & removed ? " removed" : ""}`,
    "aria-label": words[verdict] + said,
  }, signs[verdict] + mark);
}

export class Grid {
  // chosen is called with the column and the row of a cell that a person chooses.
  constructor(chosen) {
    this.root = byId("table");
    this.chosen = chosen;
    this.column = this.row = 0;
    this.body = element("tbody", { role: "rowgroup" });
    this.head = element("thead", { role: "rowgroup" });
    this.root.append(element("table", { role: "presentation" }, this.head, this.body));
    this.root.addEventListener("scroll", () => this.drawRows());
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("click", (event) => {
      const cell = event.target.closest("td, th");
      if (!cell?.dataset.row && !cell?.dataset.column) return;
      this.choose(Number(cell.dataset.column ?? this.column), Number(cell.dataset.row ?? this.row));
    });
    new ResizeObserver(() => this.drawRows()).observe(this.root);
  }

  // show draws a table.
  show(table) {
    this.table = table;
    const { names, webhooks } = table;
    this.root.hidden = names.length === 0 || webhooks.length === 0;
    this.column = Math.min(this.column, Math.max(0, webhooks.length - 1));
    this.row = Math.min(this.row, Math.max(0, names.length - 1));
    this.root.setAttribute("aria-rowcount", names.length + 1);
    this.root.setAttribute("aria-colcount", webhooks.length + 1);
    this.drawHead();
    this.drawRows(true);
  }

  drawHead() {
    const { webhooks } = this.table;
    const key = JSON.stringify([this.column, webhooks.map((w) => [w.label, w.state])]);
    if (key === this.drawnHead) return;
    this.drawnHead = key;
    const labels = webhooks.map((w, i) => {
      const label = w.state ? `${w.label} (${w.state})` : w.label;
      return element("th", { role: "columnheader", "aria-colindex": i + 2, "data-column": i, title: label,
        class: `${w.state}${i === this.column ? " chosen" : ""}` }, element("span", {}, label));
    });
    this.head.replaceChildren(element("tr", { role: "row", "aria-rowindex": 1 },
      element("th", { role: "columnheader", "aria-colindex": 1, class: "corner" }, element("span", {}, "Project name")), ...labels));
  }

  drawRows(anew) {
    if (!this.table || this.root.hidden) return;
    const { names, webhooks } = this.table;
    const visible = Math.ceil((this.root.clientHeight || 600) / rowHeight) + 4;
    const first = Math.max(0, Math.min(names.length - visible, Math.floor(this.root.scrollTop / rowHeight) - 2));
    const last = Math.min(names.length, first + visible);
    if (!anew && first === this.first && last === this.last) return;
    [this.first, this.last] = [first, last];
    const rows = [this.space(first)];
    for (let row = first; row < last; row++) {
      const tr = element("tr", { role: "row", "aria-rowindex": row + 2, class: row === this.row ? "chosen" : "" },
        element("th", { role: "rowheader", "aria-colindex": 1, "data-row": row, title: names[row] }, names[row]));
      for (let column = 0; column < webhooks.length; column++) {
        const cell = cells[webhooks[column].cells.charCodeAt(row) - 48].cloneNode(true);
        cell.id = `cell-${row}-${column}`;
        cell.dataset.row = row;
        cell.dataset.column = column;
        cell.setAttribute("aria-colindex", column + 2);
        if (column === this.column) cell.classList.add("in-column");
        if (row === this.row && column === this.column) cell.setAttribute("aria-selected", "true");
        tr.append(cell);
      }
      rows.push(tr);
    }
    rows.push(this.space(names.length - last));
    this.body.replaceChildren(...rows);
    this.root.setAttribute("aria-activedescendant", `cell-${this.row}-${this.column}`);
  }

  // space stands for rows that are not in view.
  space(rows) {
    const tr = element("tr", { "aria-hidden": "true", class: "space" }, element("td"));
    tr.style.height = `${rows * rowHeight}px`;
    return tr;
  }

  // choose chooses a cell, and brings it into view.
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
    this.drawRows(true);
    const cell = byId(`cell-${this.row}-${this.column}`);
    const label = this.body.querySelector("th")?.offsetWidth ?? 0;
    if (cell && cell.offsetLeft < this.root.scrollLeft + label) this.root.scrollLeft = cell.offsetLeft - label;
    if (cell && cell.offsetLeft + cell.offsetWidth > this.root.scrollLeft + this.root.clientWidth) {
      this.root.scrollLeft = cell.offsetLeft + cell.offsetWidth - this.root.clientWidth;
    }
    this.chosen(this.column, this.row);
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
