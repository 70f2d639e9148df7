// One message of the office as a row of the log: its words, its options, the lines of a summary, its commands.

import { button, make, nodes, unseen } from "./dom.js";
import { word } from "./words.js";

const NOT_HERE = new Set(["share_contact"]); // a browser has no telephone number to give
const FRESH_MS = 400;

/** The row of one message; `tap(pressed, element)` is called with a button's data. */
export function officeRow(message, language, tap) {
  const row = make("div", "row office fresh");
  row.lang = language;
  const { parts, left } = written(message, tap);
  if (message.file) parts.push(enclosed(message.file));
  row.append(make("div", "bubble", unseen(word("office") + ": "), ...parts));
  const controls = [...left, ...message.controls.filter((entry) => !NOT_HERE.has(entry.choice.value))];
  if (message.options.length) row.append(options(message, tap));
  if (controls.length) row.append(group("controls", controls.map((entry) => control(entry, tap))));
  // A second tap of a trembling finger must not answer the question that has just appeared under it.
  setTimeout(() => row.classList.remove("fresh"), FRESH_MS);
  return row;
}

/** The words, with the lines of a summary as buttons where they stand; `left` are lines that the words don't show. */
function written(message, tap) {
  const left = new Map(message.lines.map((entry) => [entry.number, entry]));
  const parts = [];
  let prose = [];
  const close = () => {
    const text = prose.join("\n").trim();
    if (text) parts.push(make("p", "", ...nodes(text)));
    prose = [];
  };
  for (const line of message.text.split("\n")) {
    const entry = left.get(parseInt(line, 10));
    if (!entry || !line.startsWith(`${entry.number}. `)) {
      prose.push(line);
      continue;
    }
    close();
    left.delete(entry.number);
    parts.push(button("line", [line], (event) => tap(entry, event.currentTarget)));
  }
  close();
  return { parts, left: [...left.values()] };
}

/** A picture as itself, a document as a link; either opens beside the talk. */
function enclosed(file) {
  const link = make("a", file.picture ? "picture" : "document");
  link.href = file.path;
  link.target = "_blank";
  link.rel = "noopener";
  if (!file.picture) {
    link.append(file.name);
    return link;
  }
  const picture = make("img", "");
  picture.src = file.path;
  picture.alt = file.name;
  link.append(picture);
  return link;
}

function options(message, tap) {
  const several = message.options.length > 1;
  const all = message.options.map((entry) => option(entry, several, tap));
  const later = message.short ? all.slice(message.short) : [];
  const box = group("options", all);
  if (later.length) box.append(more(later));
  return box;
}

function more(later) {
  for (const element of later) element.hidden = true;
  return button("more", [`${word("more")} (${later.length})`], (event) => {
    for (const element of later) element.hidden = false;
    event.currentTarget.remove();
    later[0].focus({ preventScroll: true });
  });
}

function option(entry, several, tap) {
  const number = several && entry.number ? [make("span", "number", String(entry.number)), " "] : [];
  return pressable("option", [...number, entry.label], entry, tap);
}

function control(entry, tap) {
  const main = entry.choice.value === "send" ? " main" : "";
  return pressable(`control${main}`, [entry.label], entry, tap);
}

function pressable(name, inside, entry, tap) {
  const element = button(name, inside, () => tap(entry, element));
  element.setAttribute("aria-pressed", "false");
  return element;
}

function group(name, elements) {
  const box = make("div", name, ...elements);
  box.setAttribute("role", "group");
  return box;
}
