// Short messages at the edge of the page. Any module or server answer shows one by the event "toast":
// HX-Trigger: {"toast": {"text": "Saved.", "error": false}}. With "act": {"text", "url", "values"} it holds a button
// that posts the values, such as an undo.
const SHOWN_MS = 8000;
const region = document.getElementById("toasts");

function leaveLater(toast) {
  // An error stays until it is closed: nobody should have to read against the clock.
  if (!toast.classList.contains("is-error")) setTimeout(() => toast.remove(), SHOWN_MS);
}

function give(toast, act) {
  const button = toast.querySelector("[data-toast-act]");
  button.textContent = act.text;
  button.hidden = false;
  button.addEventListener("click", () => {
    window.htmx.ajax("POST", act.url, { target: "#dialog-body", swap: "innerHTML", values: act.values });
  });
}

function show(text, isError, act) {
  const toast = document.getElementById("toast-form").content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = text;
  toast.classList.toggle("is-error", Boolean(isError));
  if (act) give(toast, act);
  region.append(toast);
  leaveLater(toast);
}

region.querySelectorAll(".toast").forEach(leaveLater);
region.addEventListener("click", (event) => event.target.closest(".icon-button, [data-toast-act]")?.closest(".toast").remove());
document.addEventListener("htmx:oobAfterSwap", () => region.querySelectorAll(".toast").forEach(leaveLater));
document.addEventListener("toast", (event) => show(event.detail.text, event.detail.error, event.detail.act));
