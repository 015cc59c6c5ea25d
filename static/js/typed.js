// What was typed is not lost when the session ends, or has to be confirmed, on the way: it is kept in this tab, and
// put back for the same person once they are through. Pages on the way have data-on-the-way.
const KEPT = "typed";
const reader = document.body.dataset.reader;
const isOnTheWay = document.querySelector("[data-on-the-way]") !== null;
const here = location.pathname + location.search;

function pathOf(address) {
  return new URL(address, location.href).pathname;
}

function isTyped(field) {
  return field.name && !field.closest("[data-log]") && !["hidden", "password", "file", "submit", "button"].includes(field.type);
}

function keep(form, dialog) {
  const fields = [...form.elements].filter(isTyped).map((field) => {
    return { name: field.name, value: field.value, checked: field.checked, chosen: [...(field.selectedOptions ?? [])].map((one) => one.value) };
  });
  const action = pathOf(form.getAttribute("hx-post") || form.getAttribute("action") || location.href);
  if (fields.length && !isOnTheWay) sessionStorage.setItem(KEPT, JSON.stringify({ reader, page: here, dialog, action, fields }));
}

document.addEventListener("submit", (event) => {
  if (event.target.method === "post" && !event.target.closest("#dialog-body")) keep(event.target, "");
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt;
  if (form.matches("form[hx-post]") && form.closest("#dialog-body")) keep(form, form.getAttribute("hx-post"));
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, elt } = event.detail;
  if (elt.matches("form") && xhr.status && !xhr.getResponseHeader("HX-Redirect")) sessionStorage.removeItem(KEPT);
});

function put(field, kept) {
  if (field.type === "checkbox" || field.type === "radio") field.checked = kept.checked;
  else if (field.options) for (const option of field.options) option.selected = kept.chosen.includes(option.value);
  else field.value = kept.value;
  field.dispatchEvent(new Event(field.options ? "change" : "input", { bubbles: true }));
}

function putBack(form, kept) {
  const fields = [...form.elements].filter(isTyped);
  for (const [at, field] of fields.entries()) {
    if (kept.fields[at]?.name === field.name) put(field, kept.fields[at]);
  }
  const text = document.getElementById("request-words").dataset.typed;
  document.dispatchEvent(new CustomEvent("toast", { detail: { text } }));
}

function formOf(kept) {
  return [...document.forms].find((form) => form.method === "post" && kept.action === pathOf(form.getAttribute("hx-post") || form.getAttribute("action") || location.href) && [...form.elements].some((field) => isTyped(field)));
}

function resume() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (!kept) return;
  if (isOnTheWay) {
    sessionStorage.setItem(KEPT, JSON.stringify({ ...kept, isLost: true }));
    return;
  }
  sessionStorage.removeItem(KEPT);
  if (!kept.isLost || kept.reader !== reader) return;
  const form = formOf(kept);
  if (form) {
    putBack(form, kept);
  } else if (kept.dialog && kept.page === here) {
    // The form stood in the dialog: it is a page of its own, too.
    sessionStorage.setItem(KEPT, JSON.stringify({ ...kept, page: kept.dialog }));
    location.assign(kept.dialog);
  }
}

resume();
