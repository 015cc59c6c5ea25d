// What htmx does not say by itself: that work goes on, that the network is gone, that the server refused.
const words = document.getElementById("request-words").dataset;

function toast(text) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, error: true } }));
}

function setBusy(element, busy) {
  const form = element.closest("form");
  const buttons = form ? form.querySelectorAll("button:not([type=button])") : [element].filter((one) => one.matches("button"));
  for (const button of buttons) {
    if (busy) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}

document.addEventListener("htmx:beforeRequest", (event) => setBusy(event.detail.elt, true));
document.addEventListener("htmx:afterRequest", (event) => setBusy(event.detail.elt, false));
document.addEventListener("htmx:sendError", () => toast(words.network));
document.addEventListener("htmx:timeout", () => toast(words.network));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  toast(status >= 500 ? words.broken : (words[`status${status}`] ?? words.refused));
});

// A plain form is sent once, however often its button is pressed. One whose answer is a download leaves the page
// standing, and coming back shows the old page again: both may be sent anew.
const DOWNLOAD_STARTED_MS = 10000;

function release(form) {
  delete form.dataset.sent;
  setBusy(form, false);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setBusy(form, true);
  setTimeout(() => release(form), DOWNLOAD_STARTED_MS);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
