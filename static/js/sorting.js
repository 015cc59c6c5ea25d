// table[data-sortable]: its lines (data-sort-item) change places by dragging the handle, by keys and by buttons.
// What is sent are the numbers in the fields named …-place, which are plain fields without this script.
import Sortable from "../vendor/sortablejs/sortable.esm.js";

const table = document.querySelector("[data-sortable]");
const words = document.querySelector("[data-sort-words]");
let lifted = null;
let cameFrom = 0;

const items = () => [...table.querySelectorAll("[data-sort-item]")];

function say(item, key) {
  const name = item.querySelector("input[type=text]")?.value || item.dataset.name;
  const place = items().indexOf(item) + 1;
  const text = words.dataset[key].replace("{name}", name).replace("{place}", place).replace("{count}", items().length);
  words.textContent = text;
}

function number() {
  items().forEach((item, at) => {
    item.querySelector("input[name$=-place]").value = at + 1;
  });
}

function show(item, isLifted) {
  item.querySelector("tr").classList.toggle("is-lifted", isLifted);
  item.querySelector("[data-grip]").setAttribute("aria-pressed", String(isLifted));
}

function lift(item) {
  if (lifted) drop();
  lifted = item;
  cameFrom = items().indexOf(item);
  show(item, true);
  say(item, "lifted");
}

function drop(key = "dropped") {
  show(lifted, false);
  say(lifted, key);
  lifted = null;
}

function place(at, key) {
  const others = items().filter((item) => item !== lifted);
  if (at < 0 || at > others.length) return;
  if (at < others.length) others[at].before(lifted);
  else others.at(-1)?.after(lifted);
  number();
  if (key) say(lifted, key);
}

const step = (by) => lifted && place(items().indexOf(lifted) + by, "moved");

function press(event) {
  const grip = event.target.closest("[data-grip]");
  if (!grip) return;
  const item = grip.closest("[data-sort-item]");
  const keys = { ArrowUp: () => step(-1), ArrowDown: () => step(1) };
  if (event.key === " " || event.key === "Enter") lifted === item ? drop() : lift(item);
  else if (lifted === item && keys[event.key]) keys[event.key]();
  else if (lifted === item && event.key === "Escape") {
    place(cameFrom);
    drop("back");
  } else return;
  event.preventDefault();
  grip.focus(); // a line that moved in the page has lost it
}

table.classList.add("is-sorted-by-hand");
for (const part of [...table.querySelectorAll("[data-grip]"), document.getElementById("sort-help")]) part.hidden = false;
table.addEventListener("keydown", press);
table.addEventListener("click", (event) => {
  const item = event.target.closest("[data-grip]")?.closest("[data-sort-item]");
  if (item) item === lifted ? drop() : lift(item);
});
document.getElementById("sort-help").addEventListener("click", (event) => {
  const by = Number(event.target.closest("[data-step]")?.dataset.step ?? 0);
  if (by) step(by);
});
new Sortable(table, {
  draggable: "[data-sort-item]",
  handle: "[data-grip]",
  animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
  onStart: (event) => lift(event.item),
  onEnd: () => {
    number();
    drop();
  },
});
