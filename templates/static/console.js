// Keys for whoever works through the queue: a letter presses the button that shows it. Without this script the page
// works all the same.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (button) {
    event.preventDefault();
    button.click();
  }
});

// "Tick all" exists only where it can work.
for (const button of document.querySelectorAll("[data-tick]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const box of button.form.querySelectorAll(`input[name="${CSS.escape(button.dataset.tick)}"]`)) box.checked = true;
  });
}
