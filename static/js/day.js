// After something on the list was done, the page comes anew: the next thing to do has the focus.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "main" || document.activeElement !== document.body) return;
  document.querySelector("#to-do :is(button, a.button)")?.focus({ preventScroll: true });
});
