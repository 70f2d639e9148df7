// Parts of a page that renew themselves, and quick replies that go into the text. Without this script the page works
// all the same: reloading renews it, and a quick reply is sent in front of what was typed.

const EVERY_MS = 2500;
const NEAR_PX = 80;

document.querySelectorAll("[data-live]").forEach(begin);
document.querySelectorAll("select[data-into]").forEach((select) => select.addEventListener("change", () => fill(select)));

function begin(part) {
  part.scrollTop = part.scrollHeight;
  setTimeout(() => follow(part), EVERY_MS);
}

async function follow(part) {
  const goesOn = document.hidden || (await renew(part));
  if (goesOn) setTimeout(() => follow(part), EVERY_MS);
}

/** Fetch the part once; false where the session has ended, which is told and ends the following. */
async function renew(part) {
  try {
    const response = await fetch(part.dataset.live, { headers: { "Cache-Control": "no-cache" } });
    if (response.redirected || response.status === 403) return ended(part);
    if (response.ok) show(part, await response.text());
  } catch {
    // The network is away: the next time may do better.
  }
  return true;
}

function show(part, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const holder = document.createElement("div");
  holder.append(...fresh.childNodes);
  if (holder.innerHTML.trim() === part.innerHTML.trim()) return;
  const near = part.scrollHeight - part.scrollTop - part.clientHeight < NEAR_PX;
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...part.querySelectorAll("details[id][open]")].map((one) => one.id);
  part.replaceChildren(...holder.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  if (near) part.scrollTop = part.scrollHeight;
}

function ended(part) {
  const told = document.createElement("p");
  told.className = "alert";
  told.setAttribute("role", "alert");
  told.textContent = part.dataset.ended;
  part.before(told);
  return false;
}

function fill(select) {
  const text = document.getElementById(select.dataset.into);
  const reply = select.selectedOptions[0];
  if (!reply.value) return;
  text.value = [text.value.trim(), reply.textContent].filter(Boolean).join("\n");
  select.value = "";
  text.focus();
}
