// Requests to the office, and what their ends mean.

const MESSAGE_MS = 30_000;
const FILE_MS = 180_000;
const PASSING = new Set([408, 425, 429, 502, 503, 504]);

/** Nothing was saved and it is worth trying again; `seconds` is what the server asks to wait. */
export class Away extends Error {
  constructor(sentence = "", seconds = 0) {
    super(sentence);
    this.seconds = seconds;
  }
}

/** The office read it and won't have it; the message is a sentence for the person, or empty. */
export class Refused extends Error {}

/** Send one message; resolves to the answer. */
export function postMessage(message) {
  const body = JSON.stringify(message);
  return post("/chat/messages", body, { "Content-Type": "application/json" }, MESSAGE_MS);
}

/** Hand in one file; resolves to its ticket. */
export async function postFile(blob) {
  const headers = { "Content-Type": "application/octet-stream", "X-Anju-File": "1" };
  return (await post("/chat/files", blob, headers, FILE_MS)).id;
}

/** Leave: the next message comes from somebody new. */
export function postLeave() {
  return post("/chat/leave", "{}", { "Content-Type": "application/json" }, MESSAGE_MS);
}

async function post(path, body, headers, limit) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), limit);
  try {
    const response = await fetch(path, { method: "POST", body, headers, signal: stop.signal });
    return await read(response);
  } catch (fault) {
    throw fault instanceof Refused ? fault : away(fault);
  } finally {
    clearTimeout(timer);
  }
}

async function read(response) {
  const told = await response.json().catch(() => ({}));
  if (response.ok) return told;
  if (PASSING.has(response.status)) throw new Away(told.error, Number(response.headers.get("Retry-After")) || 0);
  // Of a fault (500) and of a file (422) the sentence is for the person; the others are for programmers.
  throw new Refused(told.text || (response.status === 500 && told.error) || "");
}

function away(fault) {
  return fault instanceof Away ? fault : new Away();
}
