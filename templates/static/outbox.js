// What was said and not yet answered: in order, one at a time, kept over a reload, sent again under the same id.

import { Away, Refused } from "./net.js";

const KEY = "anju.outbox";
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** An identifier that nobody else makes; `randomUUID` exists only on https and localhost. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The queue. `send(item)` resolves to the answer; `on` has: sending, answered, waiting, refused, gone. */
export class Outbox {
  constructor(send, on) {
    this.send = send;
    this.on = on;
    this.items = [];
    this.failures = 0;
    this.busy = false;
    this.timer = 0;
    addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    addEventListener("storage", (event) => event.key === KEY && this.compare());
  }

  /** What an earlier page left behind. */
  kept() {
    return stored();
  }

  /** Queue what an earlier page left behind. */
  restore(kept) {
    this.items.push(...kept);
    this.wake();
  }

  /** Queue an item: {id, label, failed?, volatile?, …}; what is volatile isn't written down. */
  add(item) {
    this.items.push(item);
    keep((kept) => (item.volatile ? kept : [...kept, item]));
    this.wake();
  }

  /** Try a refused item again. */
  retry(item) {
    item.failed = false;
    this.update(item);
    this.wake();
  }

  /** Forget an item. */
  remove(item) {
    this.items = this.items.filter((other) => other.id !== item.id);
    keep((kept) => kept.filter((other) => other.id !== item.id));
  }

  /** Forget everything. */
  clear() {
    this.items = [];
    keep(() => []);
  }

  /** Send now what waits. */
  wake() {
    clearTimeout(this.timer);
    if (!this.busy) this.flush();
  }

  async flush() {
    this.busy = true;
    try {
      for (let item = this.next(); item; item = this.next()) if (!(await this.attempt(item))) break;
    } finally {
      this.busy = false;
    }
  }

  next() {
    return this.items.find((item) => !item.failed);
  }

  async attempt(item) {
    this.on.sending(item);
    try {
      const answer = await this.send(item);
      this.failures = 0;
      if (!this.items.includes(item)) return true; // cleared meanwhile
      this.remove(item);
      this.on.answered(item, answer);
      return true;
    } catch (fault) {
      return this.missed(item, fault);
    }
  }

  missed(item, fault) {
    if (fault instanceof Refused) {
      item.failed = true;
      this.update(item);
      this.on.refused(item, fault.message);
      return true;
    }
    if (!(fault instanceof Away)) throw fault;
    this.failures += 1;
    const pause = Math.max(fault.seconds * 1000, Math.min(FIRST_PAUSE_MS * 2 ** (this.failures - 1), LONGEST_PAUSE_MS));
    this.timer = setTimeout(() => this.wake(), pause * (0.75 + Math.random() / 2));
    this.on.waiting(item, fault.message);
    return false;
  }

  update(item) {
    keep((kept) => kept.map((other) => (other.id === item.id ? item : other)));
  }

  /** Another tab of this browser has sent, or cleared, what this one shows. */
  compare() {
    const left = new Set(stored().map((item) => item.id));
    for (const item of this.items.filter((item) => !item.volatile && !left.has(item.id))) {
      this.items = this.items.filter((other) => other !== item);
      this.on.gone(item);
    }
  }
}

function stored() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) || "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return []; // a browser that keeps nothing
  }
}

function keep(change) {
  try {
    const kept = change(stored());
    if (kept.length) localStorage.setItem(KEY, JSON.stringify(kept));
    else localStorage.removeItem(KEY);
  } catch {
    // A browser that keeps nothing: the queue lives as long as the page.
  }
}
