// The involvement map: one tab stop, arrows from mark to mark, and a line that reads out the mark in focus.
const SIDEWAYS = { ArrowLeft: -1, ArrowRight: 1 };
const ACROSS = { ArrowUp: -1, ArrowDown: 1 };
const NEAR = 24; // pixels from a mark that still mean it

const map = document.querySelector("[data-map]");
const lanes = map.dataset.lanes.split(" ");
const table = document.getElementById("involvement-table");
const toggle = map.querySelector("[data-map-toggle]");

const drawing = () => [...map.querySelectorAll(".map-drawing")].find((one) => one.getClientRects().length);
const marks = () => [...drawing().querySelectorAll(".map-mark")];
const laneOf = (mark) => marks().filter((one) => one.dataset.lane === mark.dataset.lane);
const isTall = () => drawing().closest(".map-tall") !== null;
const placeOf = (mark) => mark.transform.baseVal.consolidate().matrix;
const timeOf = (mark) => (isTall() ? -placeOf(mark).f : placeOf(mark).e);

function readOut(mark) {
  const says = map.querySelector("[data-map-says]");
  const title = document.createElement("strong");
  title.textContent = mark.dataset.title;
  says.replaceChildren(title, `, ${mark.dataset.rest}`);
  const symbol = map.querySelector("[data-map-symbol]");
  const copy = document.createElementNS("http://www.w3.org/2000/svg", "g");
  copy.setAttribute("class", mark.getAttribute("class"));
  if (!mark.classList.contains("extent")) copy.append(...[...mark.querySelectorAll("path")].map((path) => path.cloneNode()));
  symbol.replaceChildren(copy);
  const place = map.querySelector("[data-map-place]");
  place.textContent = mark.getAttribute("aria-label").split(", ").at(-1);
}

function choose(mark) {
  for (const other of map.querySelectorAll(".map-drawing .map-mark")) {
    const same = other.getAttribute("href") === mark.getAttribute("href") && other.dataset.title === mark.dataset.title;
    other.classList.toggle("is-chosen", other === mark || same);
  }
  for (const other of marks()) other.setAttribute("tabindex", other === mark ? "0" : "-1");
  readOut(mark);
}

// --- keys ---

function beside(mark, step) {
  const lane = laneOf(mark);
  return lane[lane.indexOf(mark) + step];
}

function across(mark, step) {
  for (let at = lanes.indexOf(mark.dataset.lane) + step; at >= 0 && at < lanes.length; at += step) {
    const found = marks().filter((one) => one.dataset.lane === lanes[at]);
    const away = (one) => Math.abs(timeOf(one) - timeOf(mark));
    if (found.length) return found.reduce((best, one) => (away(one) < away(best) ? one : best));
  }
  return null;
}

function target(mark, key) {
  if (key in SIDEWAYS) return beside(mark, SIDEWAYS[key]);
  if (key in ACROSS) return across(mark, ACROSS[key]);
  if (key === "Home") return laneOf(mark)[0];
  return key === "End" ? laneOf(mark).at(-1) : undefined;
}

map.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const mark = event.target.closest(".map-mark");
  if (mark && (event.key in SIDEWAYS || event.key in ACROSS || event.key === "Home" || event.key === "End")) {
    event.preventDefault();
    target(mark, event.key)?.focus();
  } else if (event.key.toLowerCase() === "t" && document.documentElement.dataset.keys !== "off") {
    event.preventDefault();
    show(!isShown());
  } else if (event.key === " " && event.target === toggle) {
    event.preventDefault();
    show(!isShown());
  }
});

map.addEventListener("focusin", (event) => {
  const mark = event.target.closest(".map-mark");
  if (!mark) return;
  choose(mark);
  mark.scrollIntoView({ block: "nearest", inline: "nearest" });
});

// --- pointer: the nearest mark is meant ---

function nearest(event) {
  const distance = (mark) => {
    const box = mark.querySelector(".shape").getBoundingClientRect();
    const away = (at, from, to) => Math.max(from - at, 0, at - to);
    return Math.hypot(away(event.clientX, box.left, box.right), away(event.clientY, box.top, box.bottom));
  };
  const best = marks().reduce((one, other) => (distance(other) < distance(one) ? other : one));
  return distance(best) < NEAR ? best : null;
}

for (const one of map.querySelectorAll(".map-drawing")) {
  one.addEventListener("pointerover", (event) => {
    const mark = event.target.closest(".map-mark");
    if (mark && event.pointerType === "mouse") choose(mark);
  });
  one.addEventListener("click", (event) => {
    const touched = event.pointerType === "touch" || !event.target.closest(".map-mark");
    const mark = touched && event.detail ? nearest(event) : null;
    if (!mark) return;
    event.preventDefault(); // a finger reads first; the second touch of the same mark opens it
    if (event.target.closest(".map-mark") === mark && mark === document.activeElement) location.href = mark.href.baseVal;
    else mark.focus();
  });
}

// --- the table behind ---

const isShown = () => table.getClientRects().length > 0;

function show(shown) {
  table.classList.toggle("is-open", shown);
  if (!shown && location.hash && table.parentElement.querySelector(`.map-table :target, .map-table:target`)) {
    location.hash = "#involvement";
  }
  toggle.setAttribute("aria-expanded", String(isShown()));
}

toggle.setAttribute("aria-expanded", String(isShown()));
toggle.addEventListener("click", (event) => {
  event.preventDefault();
  show(!isShown());
});
addEventListener("hashchange", () => toggle.setAttribute("aria-expanded", String(isShown())));

// --- a long deal is first looked at today: also when another of its drawings comes to fit ---

function lookAtToday(box) {
  const left = Number(box.firstElementChild.dataset.today) - box.clientWidth * 0.85;
  const end = box.scrollWidth - box.clientWidth;
  box.scrollLeft = end - left < box.clientWidth * 0.35 ? end : left; // the ink too, where it is near
}

const seen = new ResizeObserver((boxes) => {
  for (const { target, contentRect } of boxes) {
    if (contentRect.width && !target.hasAttribute("data-looked")) lookAtToday(target);
    target.toggleAttribute("data-looked", contentRect.width > 0);
  }
});
for (const box of map.querySelectorAll(".map-scroll")) seen.observe(box);
