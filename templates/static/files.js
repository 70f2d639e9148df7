// Photos and documents: made small enough, then handed in.

import { Refused, postFile } from "./net.js";
import { word } from "./words.js";

const LARGEST = 10 * 1024 * 1024;
const LONGEST_SIDE = 3000;
const QUALITY = 0.85;
export const AT_ONCE = 10;

/** Hand in an item's files one after the other; what is already there isn't sent again. Resolves to the tickets. */
export async function upload(item, tell) {
  item.tickets = item.tickets || [];
  const refusals = [];
  for (const [at, file] of item.blobs.entries()) {
    if (item.tickets[at] !== undefined) continue;
    tell(word("uploading", { n: `${at + 1}/${item.blobs.length}` }));
    item.tickets[at] = await ticket(file, refusals);
  }
  const tickets = item.tickets.filter(Boolean);
  if (tickets.length) return { tickets, refusal: refusals.join("\n") };
  item.tickets = [];
  throw new Refused(refusals.join("\n"));
}

async function ticket(file, refusals) {
  try {
    return await postFile(await smaller(file));
  } catch (fault) {
    if (!(fault instanceof Refused)) throw fault;
    refusals.push(fault.message || word("failed"));
    return null;
  }
}

/** The file, or a smaller picture of it where it is too large. */
async function smaller(file) {
  if (file.size <= LARGEST) return file;
  const shrunk = file.type.startsWith("image/") ? await shrink(file).catch(() => null) : null;
  if (!shrunk || shrunk.size > LARGEST) throw new Refused(word("file_too_large"));
  return shrunk;
}

async function shrink(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}
