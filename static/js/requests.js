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

// A plain form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
  setBusy(event.target, true);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    setBusy(form, false);
  });
});
