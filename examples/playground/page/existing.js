// The existing projects: the responses of the organization's calls for projects and
// environments, and the names and modes from them that the user can add to the other fields.

import { byId, element, plural } from "./dom.js";
import { showNotes } from "./notes.js";

export class Existing {
  // When the user adds offered names, their modes are chosen too, and then changed is called.
  constructor(modes, changed) {
    const add = (offers) => {
      addNames(offers.map(({ line }) => line));
      modes.set([...offers.map(({ mode }) => mode).filter((mode) => mode), ...modes.get()]);
      changed();
    };
    byId("add").addEventListener("click", () => add([this.offers[byId("offer").selectedIndex]]));
    byId("add-all").addEventListener("click", () => add(this.offers));
  }

  // show draws a response of the engine.
  show({ projects, environments, orphans, offers }) {
    this.offers = offers;
    byId("offers").hidden = offers.length === 0;
    byId("offer").replaceChildren(...offers.map(({ label }) => element("option", {}, label)));
    byId("existing-counts").textContent = counts(projects, environments, orphans, offers);
    showNotes(byId("projects-notes"), byId("projects"), projects.notes, projects.more && `and ${projects.more}`);
    showNotes(byId("environments-notes"), byId("environments"), environments.notes, environments.more && `and ${environments.more}`);
  }
}

// addNames adds lines to the project names, unless they are there.
function addNames(lines) {
  const { value } = byId("names");
  const before = value === "" ? [] : value.replace(/\n$/, "").split("\n");
  const known = new Set(before);
  byId("names").value = [...before, ...new Set(lines.filter((line) => !known.has(line)))].join("\n");
}

function counts(projects, environments, orphans, offers) {
  const broken = [["projects", projects], ["environments", environments]].filter(([, { read, notes }]) => !read && notes.length);
  if (broken.length) return `The ${broken.map(([name]) => name).join(" and ")} cannot be read.`;
  if (!projects.read && !environments.read) return "";
  if (!projects.read) return "Paste the projects too: the environments have only the projects' ids.";
  if (!environments.read) return `${plural(projects.count, "project")}. Paste the environments too: they have the modes.`;
  let text = `${plural(projects.count, "project")}, ${plural(offers.length, "pair")} of a name and a mode.`;
  if (orphans) text += ` The projects of ${plural(orphans, "environment")} are not in the list.`;
  return text;
}
