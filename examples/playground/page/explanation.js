// Explains a cell of the table.

import { element, plural, sentence } from "./dom.js";
import { kindNames } from "./notes.js";

const states = {
  duplicate: "A later webhook has the same id and replaces it, so this one fires for nothing.",
  ambiguous: "Another webhook without an id has the same description, so neither fires.",
  unreadable: "It cannot be read, so it fires for nothing.",
  invalid: "It is invalid, so it fires for nothing.",
  removed: "The edit removed it.",
};

const projects = {
  unknown: "No existing project has this name.",
  absent: "The project has no environment of a chosen mode.",
};

// explain returns an explanation as nodes.
export function explain(x) {
  const nodes = [
    element("p", { class: "verdict" },
      element("span", { class: x.fires.length ? "yes" : "no" }, verdict(x)), " ", states[x.state] ?? "", " ", projects[x.project] ?? "", " ", change(x)),
    element("p", { class: "pair" }, element("code", {}, ...name(x)), " → ", x.webhook),
  ];
  if (x.clauses.length) {
    // A list that restricts nothing has the same text for every type or mode.
    const different = x.clauses.filter((c, i) => x.clauses.findIndex((d) => d.text === c.text) === i);
    nodes.push(element("ul", { class: "clauses" }, ...different.map(clause)));
  }
  const noted = new Set();
  if (x.entries.length) nodes.push(entries(x, noted));
  const rest = x.notes.filter((n) => !noted.has(n));
  if (rest.length) nodes.push(notes(rest));
  if (x.more_notes) nodes.push(element("p", {}, `and ${plural(x.more_notes, "more note")}`));
  return nodes;
}

// name returns the name, with a mark where it stops matching the nearest entry. The clause
// says the same in words.
function name(x) {
  if (!x.name_parts) return [x.name];
  const [before, at, after] = x.name_parts;
  return [before, element("mark", { class: "stop" }, at), after];
}

function verdict(x) {
  if (x.project === "absent") return "There is no such event.";
  if (x.events === 0) return "No event is chosen.";
  if (x.fires.length === 0) return "Does not fire.";
  if (x.fires.length === x.events) return x.events === 1 ? "Fires." : `Fires for all ${x.events} events.`;
  return `Fires for ${x.fires.length} of ${x.events} events.`;
}

// change returns a text with the events that the edit has added and removed.
function change(x) {
  if (!x.compared) return "";
  const plus = x.fires.filter((e) => !x.before.includes(e));
  const minus = x.before.filter((e) => !x.fires.includes(e));
  const all = [];
  if (plus.length) all.push(`Added by the edit: ${plus.join(", ")}.`);
  if (minus.length) all.push(`Removed by the edit: ${minus.join(", ")}.`);
  return all.join(" ");
}

function clause(c) {
  return element("li", { class: c.holds ? "yes" : "no" }, sign(c.holds), c.text);
}

// sign returns a symbol with a label for screen readers.
function sign(holds) {
  return element("span", { class: "sign", role: "img", "aria-label": holds ? "holds:" : "does not hold:" }, holds ? "✓" : "✗");
}

// entries lists project_names_filter, each entry with its match of the name and its notes.
function entries(x, noted) {
  const items = x.entries.map((e) => {
    const field = `project_names_filter[${e.index}]`;
    const about = x.notes.filter((n) => n.field === field);
    about.forEach((n) => noted.add(n));
    return element("li", { class: e.matches ? "yes" : "no" },
      element("span", { class: "index" }, `[${e.index}]`),
      element("div", {},
        e.matches ? alignment(e) : element("code", {}, JSON.stringify(e.value)),
        !e.matches && element("span", { class: "miss" }, " does not match"),
        about.length > 0 && notes(about, true)));
  });
  if (x.more_entries) items.push(element("li", {}, `and ${plural(x.more_entries, "more entry", "more entries")}`));
  return element("div", { class: "entries" },
    element("h3", {}, "project_names_filter"), element("ul", {}, ...items),
    element("p", { class: "hint" },
      element("code", {}, "*"), " stands for any characters or none, and ", element("code", {}, "?"), " for exactly one character. ",
      "Every other character stands for itself, even ", element("code", {}, "["), " and ", element("code", {}, "]"), ", and upper and lower case are equal."));
}

// alignment shows the name above the entry, part by part.
function alignment(e) {
  const label = e.parts.map((p) => (p.wildcard ? `${p.entry} matches ${p.name ? JSON.stringify(p.name) : "nothing"}` : `${JSON.stringify(p.name)} is literal`));
  return element("span", { class: "alignment", role: "img", "aria-label": `${JSON.stringify(e.value)} matches: ${label.join(", ")}` },
    ...e.parts.map((p) =>
      element("span", { class: p.wildcard ? "part wildcard" : "part" },
        element("span", { class: "of-name" }, p.name || "∅"), element("span", { class: "of-entry" }, p.entry))));
}

function notes(list, brief) {
  return element("ul", { class: "about" }, ...list.map((n) =>
    element("li", { class: n.kind }, element("span", { class: "kind" }, kindNames[n.kind]), " ",
      !brief && n.field && element("code", {}, n.field), !brief && n.field && " ", sentence(n.message), n.advice && element("span", { class: "advice" }, " ", n.advice))));
}
