// Starts the engine: the Go program playground.wasm, which answers the requests of the
// page through the global function hookfilter.

// start returns a function from request to response, or throws an Error with a message for
// the user. If the engine ends later, start calls stopped with such an Error.
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
    // Some hosts serve the file with another type, which instantiateStreaming refuses. With
    // the right type, keep the original response: browsers cache its compiled code.
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
