"use strict";
// Tabs, keys, theme, and the first drawing.

const TABS = ["map", "findings", "routes", "about"];

function show(name) {
  for (const tab of TABS) {
    byId(tab).hidden = tab !== name;
    byId(`tab-${tab}`).setAttribute("aria-selected", String(tab === name));
  }
  if (name === "map") drawMap();
  if (name === "findings") showFindings(document.querySelector("#findings .list"), visibleFindings());
  if (name === "routes") showRoutes();
}

const shownTab = () => TABS.find((tab) => !byId(tab).hidden);

function showCounts() {
  const visible = visibleFindings();
  const number = (severity) => visible.filter((one) => one.severity === severity).length;
  byId("counts").textContent = `${count(number("error"), "error")}, ${count(number("warning"), "warning")}, `
    + `${number("advice")} advice shown; ${count(data.modules.length, "module")}, ${count(data.routes.length, "route")}`;
}

function showAbout() {
  const facts = Object.entries(data.about).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  const inactive = data.inactive.map(([code, name, reason]) => make("li", {}, `${code} ${name}: ${reason}`));
  const unread = data.unread.map((one) => make("li", {}, one));
  byId("about").append(
    make("dl", {}, ...facts),
    ...data.notes.map((note) => make("p", {}, note)),
    ...(inactive.length ? [make("h2", {}, "Inactive rules"), make("ul", {}, ...inactive)] : []),
    ...(unread.length ? [make("h2", {}, "Files that could not be read"), make("ul", {}, ...unread)] : []),
    make("h2", {}, "Keys"),
    make("p", {}, "1 to 4: views, / search, j and k: next and previous finding, f, + and -: fit the picture, larger, smaller; Tab and Enter: choose in it, t: light or dark, Esc: nothing selected."));
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
}

function step(by) {
  const items = [...document.querySelectorAll("section:not([hidden]) details.finding")];
  if (!items.length) return;
  const at = items.indexOf(document.activeElement.closest("details.finding"));
  const next = items[Math.max(0, Math.min(items.length - 1, at + by))];
  next.querySelector("summary").focus();
  next.scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    document.activeElement.blur();
    choose(null);
    return;
  }
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
  const tab = TABS[Number(event.key) - 1];
  if (tab) show(tab);
  else if (event.key === "/") { event.preventDefault(); byId("search").focus(); }
  else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "f") fitMap();
  else if (event.key === "+") byId("in").click();
  else if (event.key === "-") byId("out").click();
  else if (event.key === "t") byId("theme").click();
}

async function start() {
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  byId("title").textContent = `Architecture of ${data.project}`;
  document.title = `Architecture of ${data.project}`;
  const codes = [...new Set(data.findings.map((one) => one.code))].sort();
  fill("rule", codes.map((code) => [code, `${code} ${(data.rules[code] || { name: "" }).name}`]));
  fill("layer", data.layers.map((layer) => [layer, layer]));
  const features = [...new Set(data.modules.map((one) => one.feature))].filter(Boolean).sort();
  fill("feature", features.map((one) => [one, one]));
  byId("feature").hidden = !features.length;
  showAbout();
  await startMap();
  onFilter(showCounts);
  onFilter(() => { if (shownTab() !== "map") show(shownTab()); });
  let waiting = 0;
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filtersChanged, 120);
  });
  for (const tab of TABS) byId(`tab-${tab}`).addEventListener("click", () => show(tab));
  byId("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  document.addEventListener("keydown", onKey);
  window.addEventListener("beforeprint", () => {
    showFindings(document.querySelector("#findings .list"), visibleFindings());
    showRoutes();
  });
  showCounts();
  show("map");
  document.body.dataset.ready = "true";
}

start();
