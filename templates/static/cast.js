// The preview renews itself while a broadcast is typed. Without this script a button shows it on a page of its own.
const PAUSE_MS = 600;

const form = document.querySelector("form[data-preview]");
const shown = form?.querySelector(".preview");
let waiting = 0;
let newest = 0;

if (form && shown) {
  form.querySelector(".refresh").hidden = true;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(renew, PAUSE_MS);
  });
}

async function renew() {
  const mine = ++newest;
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
  try {
    const response = await fetch(form.dataset.preview, { method: "POST", body: fields });
    if (!response.ok || mine !== newest) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").body;
    shown.replaceChildren(...fresh.childNodes);
  } catch {
    // The network is away: the next letter tries again.
  }
}
