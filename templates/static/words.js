// The page's own strings, in the language of the talk; the elements that carry them follow.

let strings = JSON.parse(document.body.dataset.words);
let language = document.documentElement.lang;

/** One string; what a language lacks is empty. */
export function word(name, places = {}) {
  return (strings[name] || "").replace(/\{(\w+)\}/g, (_, place) => places[place] ?? "");
}

/** The language of the talk. */
export function spoken() {
  return language;
}

/** Follow the talk into another language; without network the old strings stay. */
export async function follow(next) {
  if (!next || next === language) return;
  language = next;
  document.documentElement.lang = next;
  offerOthers();
  try {
    const response = await fetch(`/chat/words/${next}`);
    if (!response.ok || language !== next) return;
    strings = (await response.json()).words;
    fill();
  } catch {
    // The answer itself is in the right language; the headings come with the next page.
  }
}

function fill() {
  document.title = word("title");
  each("word", (element, name) => (element.textContent = word(name)));
  each("label", (element, name) => element.setAttribute("aria-label", word(name)));
  each("title", (element, name) => (element.title = word(name)));
  each("placeholder", (element, name) => (element.placeholder = word(name)));
}

function each(kind, change) {
  for (const element of document.querySelectorAll(`[data-${kind}]`)) change(element, element.dataset[kind]);
}

function offerOthers() {
  for (const button of document.querySelectorAll("[data-language]")) button.hidden = button.dataset.language === language;
}
