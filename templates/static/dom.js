// Building elements; whatever came from outside is set as text, never as markup.

const LINK = /https?:\/\/[^\s<>"'，。；、：！？）】》」]+/g;

/** An element with a class and what is in it: elements, or text. */
export function make(tag, name = "", ...inside) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...inside);
  return element;
}

/** A button that doesn't send the form. */
export function button(name, inside, press) {
  const element = make("button", name, ...inside);
  element.type = "button";
  element.addEventListener("click", press);
  return element;
}

/** What only a screen reader says. */
export function unseen(text) {
  return make("span", "unseen", text);
}

/** Text as nodes; only web addresses become links. */
export function nodes(text) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    found.push(text.slice(from, match.index), link(match[0]));
    from = match.index + match[0].length;
  }
  found.push(text.slice(from));
  return found.filter((part) => part !== "");
}

function link(address) {
  const element = make("a", "", address);
  element.href = address;
  element.target = "_blank";
  element.rel = "noopener noreferrer";
  return element;
}
