// What the office says by itself: server-sent events, each shown once.

const REOPEN_MS = 5000;
const LONGEST_MS = 60_000;
const REMEMBERED = 200;

/** Listens for as long as the page lives; `said(messages)` is called once for each event. */
export class Events {
  constructor(said) {
    this.said = said;
    this.seen = [];
    this.pause = REOPEN_MS;
    this.source = null;
  }

  /** Begin, or begin again: after the identity changed, or the server turned the page away. */
  open() {
    this.close();
    const source = (this.source = new EventSource("/chat/events"));
    source.addEventListener("open", () => (this.pause = REOPEN_MS));
    source.addEventListener("said", (event) => this.take(event));
    source.addEventListener("error", () => source.readyState === EventSource.CLOSED && this.later());
  }

  close() {
    clearTimeout(this.timer);
    if (this.source) this.source.close();
    this.source = null;
  }

  take(event) {
    if (this.seen.includes(event.lastEventId)) return;
    this.seen = [...this.seen.slice(1 - REMEMBERED), event.lastEventId];
    this.said(JSON.parse(event.data).messages);
  }

  /** The browser reconnects after a broken line, but gives up after a refusal. */
  later() {
    this.timer = setTimeout(() => this.open(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_MS);
  }
}
