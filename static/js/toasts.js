// Short messages at the edge of the page. Any module or server answer shows one by the event "toast":
// HX-Trigger: {"toast": {"text": "Saved.", "error": false}}.
const SHOWN_MS = 8000;
const region = document.getElementById("toasts");

function leaveLater(toast) {
  // An error stays until it is closed: nobody should have to read against the clock.
  if (!toast.classList.contains("is-error")) setTimeout(() => toast.remove(), SHOWN_MS);
}

function show(text, isError) {
  const toast = document.getElementById("toast-form").content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = text;
  toast.classList.toggle("is-error", Boolean(isError));
  region.append(toast);
  leaveLater(toast);
}

region.querySelectorAll(".toast").forEach(leaveLater);
region.addEventListener("click", (event) => event.target.closest("button")?.closest(".toast").remove());
document.addEventListener("toast", (event) => show(event.detail.text, event.detail.error));
