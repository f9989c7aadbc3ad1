"use strict";
// The page: what is chosen, what a click does, and how large the picture is.

const MOST_DRAWN = { nodes: 600, arrows: 2500 };
const turned = new Map();
let viz = null;
let ids = new Map();
let shown = { boxes: [], lines: [] };
let chosen = null;

const routes = new Map(data.routes);

// The nodes a name means: itself, what stands below it, a group, a route.
function meant(text) {
  if (!text) return [];
  if (text === data.opening.focus && data.opening.names.length) {
    const names = new Set(data.opening.names);
    return nodes.filter((node) => names.has(node.name)).map((node) => node.index);
  }
  const name = routes.get(text) || text;
  for (const fits of [
    (node) => node.name === name,
    (node) => node.name.startsWith(`${name}.`),
    (node) => node.groups.includes(name),
    (node) => node.name.toLowerCase().includes(name.toLowerCase()),
  ]) {
    const found = nodes.filter(fits).map((node) => node.index);
    if (found.length) return found;
  }
  return [];
}

function draw() {
  const text = byId("focus").value.trim();
  const start = meant(text);
  if (text && !start.length) {
    byId("counts").textContent = "nothing is called so";
    return;
  }
  const part = inFocus(start, Number(byId("depth").value));
  const onlyForbidden = byId("forbidden").checked;
  const look = (level) => folded(part, level, turned, onlyForbidden);
  let level = Number(byId("detail").value);
  if (level < 0) {
    level = data.levels.length - 1;
    while (level > 0 && !readable(look(level))) level -= 1;
  }
  shown = look(level);
  if (onlyForbidden) {
    const ends = new Set(shown.lines.flatMap((line) => [line.source, line.target]));
    shown.boxes = shown.boxes.filter((box) => ends.has(box.id));
  }
  const what = data.levels[data.levels.length - 1];
  byId("counts").textContent = `${part.kept.size} of ${nodes.length} ${what}, drawn by ${data.levels[level]}: ${shown.boxes.length} boxes, ${shown.lines.length} arrows`;
  const graph = byId("graph");
  if (shown.boxes.length > MOST_DRAWN.nodes || shown.lines.length > MOST_DRAWN.arrows) {
    graph.replaceChildren(make("p", { class: "hint" }, "That is too much to draw. Choose less detail, or something to focus on."));
    return;
  }
  if (!shown.boxes.length) {
    graph.replaceChildren(make("p", { class: "hint" }, "Nothing to draw."));
    return;
  }
  const told = asGraph(shown, order, data.look);
  ids = told.ids;
  const svg = viz.renderSVGElement(told.graph);
  graph.replaceChildren(svg);
  dress(svg);
  fit();
  if (chosen !== null && ![...ids.values()].some((one) => keyOf(one) === chosen)) chosen = null;
  mark();
  const there = chosen === null ? null : svg.querySelector(".chosen");
  if (there) there.scrollIntoView({ block: "center", inline: "center" });
}

const keyOf = (one) => (one.box ? one.box.id : one.line ? "" : `open ${one.path}`);
const boxBy = (id) => shown.boxes.find((box) => box.id === id);

function dress(svg) {
  for (const element of svg.querySelectorAll("g.node, g.cluster, g.edge, g.graph")) {
    const title = element.querySelector(":scope > title");
    const one = ids.get(element.id) || (title && ids.get(title.textContent));
    if (one && one.line) {
      const { line } = one;
      element.dataset.source = line.source;
      element.dataset.target = line.target;
      title.textContent = [line.source, line.target].map((id) => nameOf(boxBy(id))).join(" → ") + (line.label ? `: ${line.label}` : "");
    } else if (one) {
      title.textContent = one.box ? nameOf(one.box) : one.label;
      element.dataset.key = keyOf(one);
      element.setAttribute("tabindex", "0");
      element.setAttribute("role", "button");
      element.addEventListener("click", (event) => { event.stopPropagation(); choose(keyOf(one)); });
      element.addEventListener("dblclick", () => turn(one));
      element.addEventListener("keydown", (event) => {
        if (event.key === "Enter") choose(keyOf(one));
        if (event.key === " ") { event.preventDefault(); turn(one); }
      });
    } else if (title) title.remove();
  }
  svg.addEventListener("click", () => choose(null));
}

const nameOf = (box) => (box.folded ? [...box.groups, box.label].join(" / ") : box.name);

function turn(one) {
  if (one.box && !one.box.folded) return focusOn(one.box.name);
  const path = one.box ? one.box.path : one.path;
  turned.set(path, !one.box);
  chosen = one.box ? `open ${path}` : `group ${path}`;
  return draw();
}

function focusOn(name) {
  byId("focus").value = name;
  turned.clear();
  draw();
}

function choose(key) {
  chosen = key;
  mark();
}

// Shows what the chosen one uses and what uses it, and lets the rest stand back.
function mark() {
  const one = [...ids.values()].find((other) => keyOf(other) === chosen);
  const aside = byId("selected");
  const svg = byId("graph").querySelector("svg");
  if (!svg) return;
  svg.classList.toggle("marked", Boolean(one));
  const inside = one && !one.box ? new Set(shown.boxes.filter((box) => pathOf(box.groups).startsWith(one.path)).map((box) => box.id)) : new Set(one ? [one.box.id] : []);
  const near = new Set(inside);
  for (const line of shown.lines) {
    if (inside.has(line.source)) near.add(line.target);
    if (inside.has(line.target)) near.add(line.source);
  }
  for (const element of svg.querySelectorAll("g.node")) element.classList.toggle("near", near.has(element.dataset.key));
  for (const element of svg.querySelectorAll("g.edge")) element.classList.toggle("near", inside.has(element.dataset.source) || inside.has(element.dataset.target));
  for (const element of svg.querySelectorAll("g.node, g.cluster")) element.classList.toggle("chosen", element.dataset.key === chosen);
  aside.replaceChildren(...(one ? details(one, inside) : [make("h2", {}, "Selection"), make("p", { class: "hint" }, "Click a box, or reach one with Tab and Enter. A second click, or the space bar, unfolds a group; / looks for a name, f fits, t changes light and dark.")]));
}

function details(one, inside) {
  const list = (title, from, to) => {
    const found = new Map();
    for (const line of shown.lines) {
      if (!inside.has(line[from]) || inside.has(line[to])) continue;
      const key = `${line[to]} ${line.allowed}`;
      if (!found.has(key)) found.set(key, { box: boxBy(line[to]), allowed: line.allowed, number: 0, labels: [] });
      found.get(key).number += line.number;
      if (line.label) found.get(key).labels.push(line.label);
    }
    const rows = [...found.values()].sort((a, b) => Number(a.allowed) - Number(b.allowed) || b.number - a.number);
    return rows.length ? [make("h2", {}, `${title} (${rows.length})`), make("ul", { class: "plain" }, ...rows.map(({ box, allowed, number, labels }) => {
      const button = make("button", { type: "button", class: "link" }, nameOf(box));
      button.addEventListener("click", () => choose(box.id));
      const count = labels.length === 1 ? `: ${labels[0]}` : number ? `: ${number}` : "";
      return make("li", {}, button, count, allowed ? null : make("span", { class: "severity" }, " forbidden"));
    }))] : [];
  };
  const fold = make("button", { type: "button" }, one.box ? "Unfold" : "Fold");
  fold.addEventListener("click", () => turn(one));
  const focus = make("button", { type: "button" }, "Focus here");
  focus.addEventListener("click", () => focusOn(one.box ? (one.box.folded ? one.box.label : one.box.name) : one.label));
  return [
    make("h2", {}, one.box ? nameOf(one.box) : one.label),
    make("p", {}, ...(one.box && !one.box.folded ? [focus] : [fold, " ", focus])),
    ...list("Uses", "source", "target"), ...list("Used by", "target", "source"),
  ];
}

function onPicture(change) {
  const svg = byId("graph").querySelector("svg");
  if (svg) change(svg);
}

const fit = () => onPicture((svg) => fitInto(byId("graph"), svg, 1));
const zoom = (by) => onPicture((svg) => resize(svg, Number(svg.dataset.scale) * by));

function setTheme(name) {
  document.documentElement.dataset.theme = name;
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    document.activeElement.blur();
    choose(null);
    return;
  }
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
  if (event.key === "/") { event.preventDefault(); byId("focus").focus(); }
  else if (event.key === "f") fit();
  else if (event.key === "+") zoom(1.25);
  else if (event.key === "-") zoom(0.8);
  else if (event.key === "t") byId("theme").click();
}

async function start() {
  setTheme(window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  byId("title").textContent = data.opening.title;
  document.title = data.opening.title;
  byId("detail").append(make("option", { value: "-1" }, "as fine as can be read"), ...data.levels.map((level, at) => make("option", { value: String(at) }, level)));
  byId("detail").value = String(data.levels.indexOf(data.opening.level));
  byId("depth").value = String(data.opening.depth);
  byId("focus").value = data.opening.focus;
  const groups = new Set(nodes.flatMap((node) => node.groups));
  byId("names").append(...[...routes.keys(), ...groups, ...nodes.map((node) => node.name)].map((name) => make("option", { value: name })));
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["focus", "depth", "detail", "forbidden"]) byId(id).addEventListener("change", () => { turned.clear(); draw(); });
  byId("in").addEventListener("click", () => zoom(1.25));
  byId("out").addEventListener("click", () => zoom(0.8));
  byId("fit").addEventListener("click", fit);
  byId("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  document.addEventListener("keydown", onKey);
  viz = await Viz.instance();
  draw();
  document.body.dataset.ready = "true";
}

start();
