// A link holds the state of the page in its fragment, which browsers do not send. Its format
// is gzip, for the checksum: a link that has changed on its way is not read.

const prefix = "#2."; // the version of the format
const most = 1 << 19; // maximum size of a state in bytes, as in bounds.go

// toFragment returns the fragment that holds a text.
export async function toFragment(text) {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return prefix + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// fromFragment returns the value whose JSON a fragment holds, or null if it is empty. If it
// cannot be read, fromFragment throws an Error with a message for the user.
export async function fromFragment(fragment) {
  if (fragment === "") return null;
  let length = 0;
  try {
    if (!fragment.startsWith(prefix)) throw new Error();
    const binary = atob(fragment.slice(prefix.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
    const chunks = [];
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      length += chunk.value.length;
      if (length > most) break;
      chunks.push(chunk.value);
    }
    if (length <= most) return JSON.parse(await new Blob(chunks).text());
  } catch {
    throw new Error("The link cannot be read. It is incomplete, has been changed, or is of another version of this page.");
  }
  throw new Error(`The link is not opened, because it holds more than ${most / 1024} kB.`);
}
