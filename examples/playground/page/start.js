// Starts the engine: the Go program playground.wasm, which answers every question
// of the page through the global function hookfilter.

// start returns a function from request to answer, or throws an Error with a message
// for people. stopped is called with one if the engine ends later.
export async function start(stopped) {
  if (typeof WebAssembly !== "object") {
    throw new Error("This page cannot start: the browser has no WebAssembly, or it is turned off.");
  }
  if (typeof Go !== "function") {
    throw new Error("This page cannot start: its file wasm_exec.js is missing.");
  }
  const response = await load("playground.wasm");
  const go = new Go();
  let instance;
  try {
    // A host may give the file another type. Where it does not, the browser keeps
    // what it compiles.
    const type = "application/wasm";
    const typed = response.headers.get("Content-Type") === type ? response : new Response(response.body, { headers: { "Content-Type": type } });
    ({ instance } = await WebAssembly.instantiateStreaming(typed, go.importObject));
  } catch (error) {
    throw new Error(`This page cannot start: the browser refuses its file playground.wasm (${error.message}).`);
  }
  go.run(instance).finally(() => stopped(new Error("The matcher has stopped. Copy what you need, and load the page again.")));
  return (request) => JSON.parse(globalThis.hookfilter(JSON.stringify(request)));
}

// load fetches a file of the page.
export async function load(name) {
  let response;
  try {
    response = await fetch(name);
  } catch {
    throw new Error(`This page cannot start: its file ${name} cannot be loaded.`);
  }
  if (!response.ok) {
    throw new Error(`This page cannot start: its file ${name} is missing (the host answers ${response.status}).`);
  }
  return response;
}
