// <a href="/page/" data-dialog> opens the page's fragment in the dialog; without scripts it opens the page.
// data-dialog="side" opens at the side. Forms inside answer into the dialog; a redirect leaves it.
const dialog = document.getElementById("dialog");
const body = document.getElementById("dialog-body");
let opener = null;

function open(link) {
  dialog.classList.toggle("is-side", link.dataset.dialog === "side");
  dialog.setAttribute("aria-label", link.dataset.title ?? link.textContent.trim());
  return fill(link.href, link);
}

async function fill(href, from) {
  opener = from;
  await window.htmx.ajax("GET", href, { source: from, target: body, swap: "innerHTML" });
  if (body.childElementCount) show(); // else refused: a toast says why
}

function show() {
  if (!dialog.open) dialog.showModal();
  const first = body.querySelector("[autofocus], [aria-invalid=true]") ?? body.querySelector("input:not([type=hidden]), select, textarea");
  first?.focus();
}

function isPlainClick(event) {
  return event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (link && isPlainClick(event)) {
    event.preventDefault();
    open(link);
  } else if (event.target === dialog || event.target.closest("[data-close]")?.closest("dialog")) {
    event.preventDefault();
    dialog.close();
  }
});

// Every form that arrives in the dialog sends itself there, so that its errors come back beside it.
body.addEventListener("htmx:afterSwap", () => {
  for (const form of body.querySelectorAll("form:not([hx-post], [hx-get])")) {
    form.setAttribute(`hx-${form.method}`, form.getAttribute("action") || opener.href);
    form.setAttribute("hx-target", "#dialog-body");
    window.htmx.process(form);
  }
  if (!dialog.open && body.childElementCount) show(); // an answer to something done beside the dialog
});

// A script opens a page's fragment: detail is {href, opener}, opener being where focus returns.
document.addEventListener("dialog:open", (event) => {
  dialog.classList.remove("is-side");
  dialog.setAttribute("aria-label", event.detail.opener.textContent.trim());
  fill(event.detail.href, event.detail.opener);
});
document.addEventListener("dialog:close", () => dialog.close());
dialog.addEventListener("close", () => {
  body.replaceChildren();
  if (opener?.isConnected) opener.focus();
});
