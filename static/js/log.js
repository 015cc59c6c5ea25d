// The log's line: Enter saves, Shift and Enter saves and goes on, Esc keeps the text for the next time.
const KEPT = "log-line";

function isLine(target) {
  return target.matches?.("form[data-log] textarea[name=line]");
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.closest?.("form[data-log]")) return;
  if (event.target.matches("button, a") || (event.target.matches("textarea") && !isLine(event.target))) return;
  event.preventDefault();
  const form = event.target.closest("form");
  if (event.shiftKey) {
    const another = Object.assign(document.createElement("input"), { type: "hidden", name: "another", value: "1" });
    form.append(another);
    form.requestSubmit();
    setTimeout(() => another.remove());
  } else {
    form.requestSubmit();
  }
});

document.addEventListener("input", (event) => {
  if (isLine(event.target)) sessionStorage.setItem(KEPT, event.target.value);
});

// What was typed and not saved comes back when the log is opened again.
document.getElementById("dialog-body").addEventListener("htmx:afterSwap", (event) => {
  const line = event.target.id === "dialog-body" && event.target.querySelector("form[data-log] textarea[name=line]");
  const kept = sessionStorage.getItem(KEPT);
  if (!line || line.value || !kept) return;
  line.value = kept;
  line.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const form = event.detail.elt.closest?.("form[data-log]");
  const isSaved = form === event.detail.elt && event.detail.xhr.status < 300;
  if (isSaved) sessionStorage.removeItem(KEPT);
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-log]") && !event.defaultPrevented) sessionStorage.removeItem(KEPT);
});
