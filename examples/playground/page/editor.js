// The editor of the webhooks: a plain textarea, with the highlights of notes drawn behind
// its text. Only the lines in view are drawn.

import { byId, element } from "./dom.js";
import { showNotes } from "./notes.js";

const lineHeight = 20; // as in style.css
const padding = 8;
const mostNotes = 100; // a longer list is not useful

export class Editor {
  constructor() {
    this.area = byId("webhooks");
    this.behind = this.area.parentElement.querySelector(".behind");
    this.list = byId("notes");
    this.lines = [""];
    this.notes = new Map(); // by line, from 0
    this.area.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.area);
  }

  // show draws the notes on the text. more is the number of further notes, which the engine
  // left out.
  show(notes, more) {
    this.lines = this.area.value.split("\n");
    this.notes = new Map();
    for (const note of notes) {
      const line = note.line - 1;
      if (!this.notes.has(line)) this.notes.set(line, []);
      this.notes.get(line).push(note);
    }
    const digits = String(this.lines.length).length;
    if (digits !== this.digits) { // setting the padding causes a layout of the whole text
      this.digits = digits;
      this.area.style.paddingInlineStart = `calc(${digits + 3}ch + 4px)`;
      this.behind.style.setProperty("--digits", digits);
    }
    this.draw();
    const left = Math.max(0, notes.length - mostNotes) + more;
    showNotes(this.list, this.area, notes.slice(0, mostNotes), left > 0 && `and ${left.toLocaleString("en")} more`);
  }

  draw() {
    const first = Math.max(0, Math.floor((this.area.scrollTop - padding) / lineHeight));
    const last = Math.min(this.lines.length, first + Math.ceil(this.area.clientHeight / lineHeight) + 2);
    const rows = [];
    for (let i = first; i < last; i++) {
      const notes = this.notes.get(i) ?? [];
      const worst = notes.find((n) => n.kind !== "finding") ?? notes[0];
      const number = element("span", { class: "number" }, String(i + 1));
      const text = element("span", { class: "text" }, ...this.marked(i, notes));
      text.style.translate = `${-this.area.scrollLeft}px 0`;
      if (worst) text.append(element("span", { class: "beside" }, worst.message));
      rows.push(element("div", { class: worst ? `line ${worst.kind}` : "line" }, number, element("span", { class: "clip" }, text)));
    }
    this.behind.style.translate = `0 ${padding + first * lineHeight - this.area.scrollTop}px`;
    this.behind.replaceChildren(...rows);
  }

  // marked returns the text of a line, with the parts that its notes are about highlighted.
  marked(i, notes) {
    const line = this.lines[i];
    if (!notes.length) return [];
    const start = notes[0].start - this.offset(notes[0]);
    const parts = [];
    let at = 0;
    for (const note of notes) {
      const from = Math.max(at, note.start - start);
      const to = Math.min(line.length, Math.max(note.end - start, from + 1));
      if (from >= line.length && line.length > 0 && from > at) continue;
      parts.push(line.slice(at, from), element("mark", { class: note.kind }, line.slice(from, Math.max(to, from)) || " "));
      at = Math.max(to, from);
    }
    parts.push(line.slice(at));
    return parts;
  }

  // offset returns the position of a note in its line, in UTF-16 code units.
  offset(note) {
    return note.start - (this.area.value.lastIndexOf("\n", note.start - 1) + 1);
  }
}
