// The playground: moves text between the page and the engine, and draws the results.

import { byId, element, plural } from "./dom.js";
import { Editor } from "./editor.js";
import { Existing } from "./existing.js";
import { Grid } from "./grid.js";
import { explain } from "./explanation.js";
import { fromFragment, toFragment } from "./link.js";
import { load, start } from "./start.js";

const documentedTypes = ["DEPLOYMENT_STARTED", "DEPLOYMENT_CANCELLED", "DEPLOYMENT_FAILURE", "DEPLOYMENT_SUCCESSFUL"];
const documentedModes = ["DEVELOPMENT", "PREVIEW", "PRODUCTION", "STAGING"];

// emptyState returns the state of an empty tab: the values that the user can enter.
const emptyState = () => ({
  webhooks: "", baseline: "", names: "", organization_id: "", projects: "", environments: "",
  types: ["DEPLOYMENT_FAILURE"], modes: ["PRODUCTION"],
});

const texts = ["webhooks", "names", "projects", "environments"]; // members of a state, each with a textarea whose id is the name of the member
const unlinked = ["projects", "environments"]; // texts that are not part of a link

const tabs = []; // each {label, state, opened, button}, where opened is the JSON of the first state
let tab; // the current tab
let ask; // the engine
let editor, grid, existing;
let pause; // the timer until changes are computed

function showError(error) {
  byId("trouble").textContent = error.message;
  byId("trouble").hidden = false;
}

// choices creates the checkboxes of a fieldset, with one for an undocumented value.
function choices(fieldset, documented) {
  const other = element("input", { class: "other", size: 16, "aria-label": "another value", spellcheck: "false", autocomplete: "off", placeholder: "another value" });
  const otherBox = element("input", { type: "checkbox", "aria-label": "use another value" });
  fieldset.append(...documented.map((value) => element("label", {}, element("input", { type: "checkbox", value }), value)),
    element("span", { class: "another" }, otherBox, other));
  other.addEventListener("input", () => (otherBox.checked = other.value !== ""));
  fieldset.addEventListener("input", () => redraw());
  const boxes = () => [...fieldset.querySelectorAll("input[value]")];
  return {
    get: () => boxes().filter((b) => b.checked).map((b) => b.value).concat(otherBox.checked ? [other.value] : []),
    set: (values) => {
      for (const box of boxes()) box.checked = values.includes(box.value);
      const unknown = values.find((v) => !documented.includes(v));
      otherBox.checked = unknown !== undefined;
      other.value = unknown ?? "";
    },
  };
}

let types, modes;

// remember saves the page's inputs in the tab's state.
function remember() {
  for (const id of texts) tab.state[id] = byId(id).value;
  Object.assign(tab.state, {
    types: types.get(), modes: modes.get(), organization_id: byId("organization").value.trim(),
  });
}

// request returns a request to the engine about the tab's state.
function request(what, more) {
  const { state } = tab;
  return { ask: what, ...state, baseline: edited() ? state.baseline : "", ...more };
}

const edited = () => tab.state.baseline.trim() !== "" && tab.state.baseline !== tab.state.webhooks;

// redraw requests and redraws everything that depends on the state.
function redraw() {
  remember();
  const { table, error } = ask(request("table"));
  if (error) return showError(new Error(error));
  editor.show(table.notes, table.more_notes);
  byId("revert").hidden = byId("rebase").hidden = !edited();
  // A comparison of all events may take longer than a keystroke should.
  byId("changes").replaceChildren();
  clearTimeout(pause);
  pause = setTimeout(changes, 300);
  // While the text is not readable, the previous table stays, marked as stale.
  byId("table").classList.toggle("stale", table.broken);
  if (table.broken && grid.table?.webhooks.length) {
    byId("counts").textContent = "The webhooks cannot be read: this is the previous table.";
    return;
  }
  grid.show(table);
  const hasTable = !byId("table").hidden;
  byId("empty").hidden = hasTable;
  byId("legend").hidden = !hasTable;
  const legend = ["● fires", "· does not fire"];
  if (table.absent) legend.push("∅ the project has no environment of a chosen mode");
  if (table.events > 1) legend.push("◐ fires for some of the chosen types and modes");
  if (table.compared) legend.push("+ added by the edit", "− removed by the edit", "± both");
  byId("legend").replaceChildren(...legend.map((text) => element("span", {}, text)));
  byId("counts").textContent = hasTable || table.more_names ? counts(table) : "";
  why();
}

function counts(table) {
  if (table.events === 0) return "Choose a type and a mode.";
  let text = `${table.firing.toLocaleString("en")} of ${plural(table.names.length, "name")} ${table.firing === 1 ? "fires" : "fire"}: ${plural(table.deliveries, "delivery", "deliveries")}.`;
  if (table.more_names) text += ` There are too many names for these webhooks: the table ends after ${table.names.length.toLocaleString("en")} of ${(table.names.length + table.more_names).toLocaleString("en")}.`;
  if (table.unknown) text += ` ${plural(table.unknown, "name belongs", "names belong")} to no existing project.`;
  if (table.compared) text += ` The edit adds ${table.added} and removes ${table.removed}.`;
  return text;
}

// showExisting reads the pasted projects and environments.
function showExisting() {
  redraw();
  const { existing: found, error } = ask(request("existing"));
  if (error) return showError(new Error(error));
  existing.show(found);
}

// changes shows the statements about all events, with any project name: what the edit changes,
// and an event that fires no webhook.
function changes() {
  const { changes: found, error } = ask(request("changes"));
  if (error) return showError(new Error(error));
  const event = ({ type, name, mode }) => [element("code", {}, type), " of ", element("code", {}, name), " in ", element("code", {}, mode)];
  const rows = [];
  if (edited()) {
    const most = 20; // a longer list is not useful
    const items = found.webhooks.slice(0, most).flatMap(({ label, added, removed }) => [
      added && element("li", {}, label, " now also fires for ", ...event(added), "."),
      removed && element("li", {}, label, " no longer fires for ", ...event(removed), "."),
    ]).filter(Boolean);
    if (found.webhooks.length > most) items.push(element("li", {}, `and ${plural(found.webhooks.length - most, "more webhook")}`));
    if (!items.length) items.push(element("li", {}, found.undecided ? "No change was found." : "Nothing."));
    rows.push(element("h3", {}, "What this edit changes, for any name"), element("ul", {}, ...items));
  }
  if (found.unreached) rows.push(element("p", {}, "Reaches no webhook: ", ...event(found.unreached), "."));
  if (found.undecided) rows.push(element("p", {}, "There is too much to compare: this result may be incomplete."));
  byId("changes").replaceChildren(...rows);
}

// why explains the chosen cell.
function why() {
  const section = byId("explanation");
  if (byId("table").hidden) {
    section.replaceChildren(element("p", { class: "hint" }, "Choose a cell of the table to see which clause decides."));
    return;
  }
  const { explanation, error } = ask(request("explanation", { webhook: grid.column, name: grid.row }));
  section.replaceChildren(...(error ? [error] : explain({ ...explanation, compared: edited() })));
}

// showTab saves the state of the current tab and shows another.
function showTab(next) {
  if (tab) remember();
  tab = next;
  const { state } = tab;
  for (const id of texts) byId(id).value = state[id];
  byId("organization").value = state.organization_id;
  types.set(state.types);
  modes.set(state.modes);
  for (const t of tabs) {
    t.button.setAttribute("aria-selected", t === tab);
    t.button.tabIndex = t === tab ? 0 : -1;
  }
  byId("panel").setAttribute("aria-labelledby", tab.button.id);
  grid.table = undefined;
  grid.column = grid.row = 0;
  byId("webhooks").scrollTop = 0;
  byId("copy").hidden = true;
  byId("copied").textContent = "";
  showExisting();
}

function addTab(label, state) {
  const button = element("button", { type: "button", role: "tab", id: `tab-${tabs.length}`, "aria-controls": "panel" }, label);
  const added = { label, state, opened: JSON.stringify(state), button };
  button.addEventListener("click", () => showTab(added));
  button.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(added) + step + tabs.length) % tabs.length];
    next.button.focus();
    showTab(next);
  });
  tabs.push(added);
  byId("tabs").append(button);
  return added;
}

// copy puts a text on the clipboard. It also shows the text, in case the browser refuses.
async function copy(text, description) {
  const area = byId("copy");
  area.hidden = false;
  area.value = text;
  try {
    await navigator.clipboard.writeText(text);
    byId("copied").textContent = `Copied: ${description}.`;
  } catch {
    area.focus();
    area.select();
    byId("copied").textContent = `The browser refused access to the clipboard. Copy it from here: ${description}.`;
  }
}

// requestText requests a text from the engine, and shows the error if there is one.
function requestText(what) {
  remember();
  const { text, error } = ask(request(what));
  if (error) {
    byId("copy").hidden = true;
    byId("copied").textContent = `Not copied: ${error}.`;
  }
  return text;
}

function addListeners() {
  const area = byId("webhooks");
  let wholePaste = false;
  area.addEventListener("paste", () => {
    wholePaste = area.value.slice(0, area.selectionStart).trim() === "" && area.value.slice(area.selectionEnd).trim() === "";
  });
  area.addEventListener("input", (event) => {
    // A text pasted over everything becomes the baseline of edits.
    if (wholePaste && event.inputType === "insertFromPaste") tab.state.baseline = area.value;
    wholePaste = false;
    redraw();
  });
  byId("names").addEventListener("input", redraw);
  for (const id of unlinked) byId(id).addEventListener("input", showExisting);
  byId("organization").addEventListener("input", remember);
  byId("revert").addEventListener("click", () => {
    area.value = tab.state.baseline;
    redraw();
    area.focus();
  });
  byId("rebase").addEventListener("click", () => {
    tab.state.baseline = area.value;
    redraw();
    area.focus();
  });
  byId("copy-webhooks").addEventListener("click", () => copy(area.value, "the webhooks, with their target URLs"));
  byId("copy-expectations").addEventListener("click", () => {
    const text = requestText("expectations");
    if (text) copy(text, "an expectation file");
    else byId("organization").focus();
  });
  byId("copy-link").addEventListener("click", async () => {
    const text = requestText("state");
    if (text) copy(location.href.split("#")[0] + (await toFragment(text)), "a link");
  });
  addEventListener("beforeunload", (event) => {
    remember();
    if (tabs.some((t) => JSON.stringify(t.state) !== t.opened)) event.preventDefault(); // the browser asks whether to leave the page
  });
  addEventListener("hashchange", () => openLink().catch(showError));
}

// openLink shows the state in the page's link, if any, in a new tab. A link is not trusted:
// values of the wrong type are ignored.
async function openLink() {
  const linked = await fromFragment(location.hash);
  if (linked === null) return;
  byId("trouble").hidden = true;
  const state = emptyState();
  for (const [name, value] of Object.entries(state)) {
    if (unlinked.includes(name)) continue;
    const other = linked?.[name];
    if (typeof other === typeof value && Array.isArray(other) === Array.isArray(value)) state[name] = other;
  }
  state.baseline ||= state.webhooks;
  showTab(addTab("From a link", state));
}

async function main() {
  ask = await start(showError);
  const samples = await (await load("samples.json")).json();
  editor = new Editor();
  grid = new Grid(why);
  types = choices(byId("types"), documentedTypes);
  modes = choices(byId("modes"), documentedModes);
  existing = new Existing(modes, redraw);
  addTab("Yours", emptyState());
  for (const s of samples) {
    addTab(s.label, { ...emptyState(), webhooks: s.webhooks, baseline: s.webhooks, names: s.names.join("\n"), organization_id: s.organization_id });
  }
  addListeners();
  byId("trouble").hidden = true;
  byId("panel").hidden = false;
  showTab(tabs[0]);
  await openLink().catch(showError);
  performance.mark("ready");
  document.documentElement.dataset.ready = "true";
}

main().catch(showError);
