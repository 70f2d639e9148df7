// The log: own messages on the right with their state, answers on the left under what they answer.

import { officeRow } from "./bubbles.js";
import { button, make, nodes, unseen } from "./dom.js";
import { word } from "./words.js";

const NEAR_PX = 160;

/** What is seen of the talk. `act` has: tap(entry, element), retry(item), remove(item). */
export class View {
  constructor(act) {
    this.log = document.getElementById("log");
    this.scroller = document.getElementById("scroll");
    this.act = act;
    this.said = new Map(); // id of an own message → its row, and the buttons it closed
    this.latest = []; // the rows of the last answer
    this.newer = this.log.parentNode.appendChild(button("newer", [], () => this.down()));
    this.newer.hidden = true;
    this.scroller.addEventListener("scroll", () => this.isNear() && (this.newer.hidden = true), { passive: true });
  }

  /** Show an own message, and close the buttons of the question it answers. */
  own(item, pressed = null) {
    const row = make("div", "row own");
    if (item.label || item.blobs) row.append(make("div", "bubble", unseen(word("you") + ": "), ...inside(item)));
    else row.hidden = true; // opening the page says nothing
    this.log.append(row);
    this.said.set(item.id, { row, closed: this.close(pressed), pressed });
    this.down();
  }

  /** What is to be known of an own message: not sent, failed; and what can be done about it. */
  state(item, text, name = "") {
    const { row } = this.said.get(item.id);
    row.dataset.state = name;
    for (const old of row.querySelectorAll(".state")) old.remove();
    if (!text) return;
    const near = this.isNear();
    const actions = name === "failed" ? this.actions(item) : [];
    row.append(make("p", "state", make("span", "", text), ...actions));
    if (near) this.down();
  }

  /** Show an answer under the message it answers. */
  answer(item, messages, language) {
    if (!messages.length) return this.unanswered(item);
    const { row } = this.said.get(item.id);
    this.close(null);
    this.latest = messages.map((message) => officeRow(message, language, this.act.tap));
    row.after(...this.latest);
    this.said.delete(item.id);
    this.scroller.scrollTo({ top: row.hidden ? this.latest[0]?.offsetTop - 16 : row.offsetTop - 16 });
  }

  /** Staff talk to the person, so nothing answers; the way back to the bot stays open. */
  unanswered(item) {
    this.reopen(item);
    this.said.delete(item.id);
    this.down();
  }

  /** Show what the office says by itself. */
  push(messages, language) {
    const near = this.isNear();
    this.log.append(...messages.map((message) => officeRow(message, language, this.act.tap)));
    if (near) return this.down();
    this.newer.textContent = `${word("new_message")} ↓`;
    this.newer.hidden = false;
  }

  /** Let the question be answered another way: what was said is taken back, or failed. */
  reopen(item) {
    const { closed, pressed } = this.said.get(item.id);
    for (const element of closed) element.disabled = false;
    pressed?.setAttribute("aria-pressed", "false");
  }

  /** A failed message is on its way again. */
  again(item) {
    const said = this.said.get(item.id);
    said.closed = this.close(said.pressed);
  }

  /** Take an own message out of the log. */
  remove(item) {
    this.said.get(item.id).row.remove();
    this.said.delete(item.id);
  }

  /** Whether the message is in the log and waits. */
  has(item) {
    return this.said.has(item.id);
  }

  /** Empty the log. */
  clear() {
    for (const image of this.log.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    this.log.replaceChildren();
    this.said.clear();
    this.latest = [];
    this.newer.hidden = true;
  }

  down() {
    this.scroller.scrollTo({ top: this.scroller.scrollHeight });
  }

  isNear() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    return scrollTop + clientHeight > scrollHeight - NEAR_PX;
  }

  /** The last question's buttons, and those beside the pressed one, take no more taps. */
  close(pressed) {
    const rows = new Set(this.latest);
    if (pressed?.closest(".row")) rows.add(pressed.closest(".row"));
    const closed = [...rows].flatMap((row) => [...row.querySelectorAll("button:not(.more):enabled")]);
    for (const element of closed) element.disabled = true;
    pressed?.setAttribute("aria-pressed", "true");
    return closed;
  }

  actions(item) {
    const retry = button("", [word("retry")], () => this.act.retry(item));
    const remove = button("", [word("remove")], () => this.act.remove(item));
    return [retry, remove];
  }
}

function inside(item) {
  return item.blobs ? item.blobs.map(preview) : [make("p", "", ...nodes(item.label))];
}

/** A picture of the file, or its name where the browser can't show it. */
function preview(file) {
  const name = make("p", "file", file.name);
  if (!file.type.startsWith("image/")) return name;
  const image = make("img");
  image.alt = file.name;
  image.src = URL.createObjectURL(file);
  image.addEventListener("error", () => image.replaceWith(name));
  return image;
}
