// <a data-key="l"> is pressed by that key (a field is focused), from anywhere but a field or an open dialog;
// several keys stand side by side. <a data-palette> is pressed by Ctrl-K or Cmd-K, from a field too.
// Speech and tremor press keys unmeant, so that the reader can switch them off (WCAG 2.1.4).
function isTyping(target) {
  // A dialog that has just closed keeps the focus in its field until the next frame: nobody types there.
  if (target.closest?.("dialog:not([open])")) return false;
  return target.closest?.("input, select, textarea, [contenteditable], dialog") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
  if (document.documentElement.dataset.keys === "off" || document.querySelector("dialog[open]")) return;
  const pressed = event.key.toLowerCase();
  const wanted = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key.split(" ").includes(pressed));
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("a, button")) wanted.click();
  else wanted.focus();
});

document.addEventListener("keydown", (event) => {
  const isPalette = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
  if (!isPalette || document.querySelector("dialog[open]")) return;
  const palette = document.querySelector("[data-palette]");
  if (!palette) return;
  event.preventDefault();
  palette.click();
});
