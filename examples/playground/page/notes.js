// Lists notes about the text of a field. Each has a button that selects its place.

import { element, sentence } from "./dom.js";

const lineHeight = 20; // as in style.css

// showNotes shows notes about a textarea in the element list. If more is not empty, it is
// shown after them: a text about the notes that are left out.
export function showNotes(list, area, notes, more) {
  const items = notes.map((note) => {
    const button = element("button", { type: "button", title: "Show it in the text" }, `line ${note.line}`);
    button.addEventListener("click", () => select(area, note.start, note.end));
    return element("li", { class: note.kind }, button,
      element("span", {},
        element("span", { class: "kind" }, kindNames[note.kind]), " ",
        note.field && element("code", {}, note.field), note.field && " ", sentence(note.message),
        note.advice && element("span", { class: "advice" }, " ", note.advice)));
  });
  if (more) items.push(element("li", {}, element("span", {}), more));
  list.replaceChildren(element("ul", {}, ...items));
  list.hidden = notes.length === 0;
}

// select selects a part of the text and scrolls it into view.
function select(area, start, end) {
  area.focus();
  area.setSelectionRange(start, end);
  const line = area.value.slice(0, start).split("\n").length - 1;
  area.scrollTop = Math.max(0, line * lineHeight - area.clientHeight / 3);
  area.scrollLeft = 0;
}

// kindNames are the displayed names of the kinds of notes.
export const kindNames = { error: "Error:", warning: "Warning:", finding: "Hint:" };
