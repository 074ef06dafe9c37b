// Creates elements. Text is never interpreted as HTML.

// element returns a new element with attributes and children, which are nodes,
// strings, or nothing.
export function element(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== undefined && value !== null && value !== false) e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children.filter((c) => c !== undefined && c !== null && c !== false));
  return e;
}

export const byId = (id) => document.getElementById(id);

// plural returns a number with its noun.
export const plural = (n, one, many = one + "s") => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

// sentence returns a text that ends with a punctuation mark.
export const sentence = (text) => (/[.?!]$/.test(text) ? text : text + ".");
