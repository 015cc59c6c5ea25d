// Small helps for fields: show a password, copy a value.
function showPassword(button) {
  const field = button.parentElement.querySelector("input");
  const reveal = field.type === "password";
  field.type = reveal ? "text" : "password";
  button.setAttribute("aria-pressed", String(reveal));
}

async function copy(button) {
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: button.dataset.copied } }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-show-password], [data-copy]");
  if (button?.dataset.copy) copy(button);
  else if (button) showPassword(button);
});
for (const button of document.querySelectorAll("[data-show-password]")) button.hidden = false; // needs this script
