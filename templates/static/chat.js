// The chat page: what is typed and tapped goes into the outbox, what comes back into the log.

import { Events } from "./events.js";
import { AT_ONCE, upload } from "./files.js";
import { postLeave, postMessage } from "./net.js";
import { Outbox, newId } from "./outbox.js";
import { View } from "./view.js";
import { follow, spoken, word } from "./words.js";

const ONLINE_MS = 4000;
const LOCATION_MS = 20_000;
const CLEARED = "anju.cleared";
const touch = matchMedia("(pointer: coarse)");
const $ = (id) => document.getElementById(id);
const [input, picker, status] = [$("input"), $("files"), $("status")];

const view = new View({ tap, retry, remove });
const events = new Events((messages) => view.push(messages, spoken()));
const outbox = new Outbox(send, { sending, answered, waiting, refused, gone });

function start() {
  const kept = outbox.kept();
  if (!kept.some((item) => item.kind === "leave")) open(scene());
  kept.filter((item) => item.kind !== "leave").forEach(restore);
  outbox.restore(kept);
  wire();
  focusInput();
}

/** A home's QR code leads to /?home=CODE. */
function scene() {
  const home = new URLSearchParams(location.search).get("home");
  return home && /^[A-Za-z0-9_-]{1,40}$/.test(home) ? { scene: `home_${home}` } : {};
}

/** Say nothing, and be shown the greeting or the question that was left open. */
function open(more = {}) {
  say({ kind: "open", volatile: true, ...more });
}

/** Show a message and queue it. */
function say(item, pressed = null) {
  item.id = newId();
  view.own(item, pressed);
  sending(item);
  outbox.add(item);
}

function restore(item) {
  view.own(item);
  if (item.failed) view.state(item, word("failed"), "failed");
  else view.state(item, word("unsent"), "unsent");
}

// ------------------------------------------------------------------ the outbox

async function send(item) {
  if (item.kind === "leave") return postLeave();
  const { id, text, choice, place, kind, scene } = item;
  const message = { id, text, choice, place, kind, scene, language: spoken() };
  if (!item.blobs) return postMessage(message);
  const { tickets, refusal } = await upload(item, (words) => view.has(item) && view.state(item, words, "sending"));
  return { ...(await postMessage({ ...message, files: tickets })), refusal };
}

function sending(item) {
  if (view.has(item)) view.state(item, word("sending"), "sending");
}

function answered(item, answer) {
  if (status.dataset.kind === "away") tell(word("online"), "back");
  if (status.dataset.kind === "busy") tell("");
  if (item.kind === "leave") return left();
  if (item.scene) history.replaceState(null, "", location.pathname);
  view.state(item, answer.refusal || "", answer.refusal ? "partly" : "");
  view.answer(item, answer.messages, answer.language);
  if (!events.source) events.open(); // now the identity is known
  follow(answer.language);
}

function waiting(item, sentence) {
  for (const waits of outbox.items) if (view.has(waits) && !waits.failed) view.state(waits, word("unsent"), "unsent");
  tell(sentence || word("offline"), sentence ? "busy" : "away");
}

function refused(item, sentence) {
  if (!view.has(item)) return;
  if (item.kind === "open") tell(sentence || word("failed"), "failed");
  view.reopen(item);
  view.state(item, sentence || word("failed"), "failed");
}

function gone(item) {
  if (view.has(item)) view.state(item, "");
}

function retry(item) {
  view.again(item);
  outbox.retry(item);
  focusInput();
}

function remove(item) {
  outbox.remove(item);
  view.remove(item);
  focusInput();
}

// ------------------------------------------------------------------ what a person does

function tap(entry, element) {
  if (entry.choice.value === "share_location") return locate(entry.label, element);
  say({ label: entry.label, choice: entry.choice }, element);
  focusInput();
}

function command(element) {
  const value = element.dataset.command;
  if (outbox.items.some((item) => item.choice?.value === value)) return;
  say({ label: element.textContent, choice: { form: "", step: "", value } });
  focusInput();
}

function submit() {
  const text = input.value.trim();
  if (!text) return;
  say({ label: text, text });
  input.value = "";
  grow();
  tell("");
}

function locate(label, element) {
  const found = ({ coords }) => {
    tell("");
    if (element.disabled) return; // answered meanwhile
    const place = { latitude: coords.latitude, longitude: coords.longitude };
    say({ label, place }, element);
  };
  const failed = () => tell(word("location_failed"), "failed");
  if (!navigator.geolocation) return failed();
  navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: LOCATION_MS });
}

function handIn(files) {
  const all = [...files];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    say({ blobs: all.slice(from, from + AT_ONCE), volatile: true });
  }
}

/** On a shared phone: nothing stays here, and the next person is somebody else. */
function clear() {
  if (!confirm(word("clear_sure"))) return;
  events.close();
  outbox.clear();
  view.clear();
  input.value = "";
  grow();
  tell("");
  outbox.add({ kind: "leave", id: newId() });
}

function left() {
  try {
    localStorage.setItem(CLEARED, newId()); // the other tabs of this browser follow
  } catch {
    // A browser that keeps nothing has nothing to tell.
  }
  if (!outbox.items.length) open();
}

// ------------------------------------------------------------------ the page

function tell(text, kind = "") {
  clearTimeout(tell.timer);
  const near = view.isNear();
  status.textContent = text;
  status.dataset.kind = kind;
  if (near) view.down();
  if (kind === "back") tell.timer = setTimeout(() => tell(""), ONLINE_MS);
}

/** Where there are keys, what is typed always arrives; on a touch screen the keyboard stays down. */
function focusInput() {
  if (!touch.matches) input.focus({ preventScroll: true });
}

function grow() {
  input.style.height = "auto";
  input.style.height = `${input.scrollHeight + 2}px`;
}

function key(event) {
  // An input method's Enter takes a word and sends nothing; 229 is what older Safari gives.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
}

function wire() {
  $("composer").addEventListener("submit", (event) => (event.preventDefault(), submit()));
  input.addEventListener("keydown", key);
  input.addEventListener("input", grow);
  input.addEventListener("paste", (event) => event.clipboardData.files.length && handIn(event.clipboardData.files));
  $("photo").addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => (handIn(picker.files), (picker.value = "")));
  $("clear").addEventListener("click", clear);
  for (const element of document.querySelectorAll("[data-command]")) {
    element.addEventListener("click", () => command(element));
  }
  document.addEventListener("keydown", (event) => event.key === "Escape" && input.focus());
  addEventListener("offline", () => tell(word("offline"), "away"));
  addEventListener("online", () => status.dataset.kind === "away" && tell(word("online"), "back"));
  addEventListener("storage", (event) => event.key === CLEARED && location.reload());
  addEventListener("pagehide", () => events.close());
  addEventListener("pageshow", (event) => event.persisted && events.open());
}

start();
