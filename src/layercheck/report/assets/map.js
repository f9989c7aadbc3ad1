"use strict";
// The picture: layers as bands, boxes in them, forbidden uses as red arrows that grow with their number.

const LIBRARIES = "libraries";
const READABLE = { boxes: 80, lines: 120 };
const MOST_DRAWN = { boxes: 600, lines: 2500 };
const DETAILS = ["modules", "groups", "layers"];
const SEVERITIES = ["error", "warning", "advice"];
const unfolded = new Set();
let viz = null;
let ids = new Map();
let shown = { boxes: [], lines: [] };
let chosen = null;
let drawnDetail = "layers";

// What all names of modules begin with says nothing on a picture.
const sharedPrefix = (() => {
  const roots = new Set(data.modules.map((module) => module.name.split(".")[0]));
  return roots.size === 1 ? `${[...roots][0]}.` : "";
})();

const bare = (name) => (sharedPrefix && name.startsWith(sharedPrefix) ? name.slice(sharedPrefix.length) : name);

function packageOf(module) {
  const parts = bare(module.name).split(".");
  return parts.length > 1 ? parts.slice(0, -1).join(".") : parts[0];
}

function boxOf(module, detail) {
  const { layer } = module;
  if (detail === "layers" && !unfolded.has(layer)) return { id: layer, label: layer, band: layer, groups: [] };
  if (detail === "modules") return { id: `${layer}/${module.name}`, label: bare(module.name), band: layer, groups: [layer] };
  const group = module.feature ? module.feature.split("/").pop() : packageOf(module);
  return { id: `${layer}/${module.feature || group}`, label: group, band: layer, groups: [layer] };
}

// All boxes with their findings, and the arrows between them; what is clean and touched by no arrow is one box a band.
function look(detail, findings, withAllowed, withClean) {
  const boxes = new Map();
  const rows = detail === "layers" && !unfolded.size;
  const standing = data.modules.map((module) => {
    const box = boxOf(module, detail);
    if (!boxes.has(box.id)) boxes.set(box.id, { ...box, folded: !box.groups.length, modules: 0, findings: [] });
    boxes.get(box.id).modules += 1;
    return box.id;
  });
  const broken = new Map();
  for (const finding of findings) {
    if (finding.source < 0) continue;
    const source = standing[finding.source];
    boxes.get(source).findings.push(finding);
    const library = finding.library ? `${LIBRARIES}/${finding.library}` : "";
    if (library && !boxes.has(library)) {
      boxes.set(library, { id: library, label: finding.library, band: LIBRARIES, groups: rows ? [] : [LIBRARIES], folded: false, modules: 0, findings: [] });
    }
    const target = library || standing[finding.target];
    if (!target || target === source) continue;
    const id = `${source} > ${target}`;
    if (!broken.has(id)) broken.set(id, { id, source, target, allowed: false, findings: [] });
    broken.get(id).findings.push(finding);
  }
  if (!withClean) foldClean(boxes, standing, broken);
  const quiet = withAllowed ? allowedLines(standing) : [];
  for (const box of boxes.values()) dressBox(box);
  const lines = [...broken.values()].map((line) => ({
    ...line, number: line.findings.length, label: "",
    attributes: { penwidth: String(Math.min(9, 1 + 1.3 * Math.log2(line.findings.length + 1))) },
  }));
  return { boxes: [...boxes.values()].sort((a, b) => b.findings.length - a.findings.length), lines: [...quiet, ...lines] };
}

function foldClean(boxes, standing, broken) {
  const touched = new Set([...broken.values()].flatMap((line) => [line.source, line.target]));
  const rest = new Map();
  for (const box of [...boxes.values()]) {
    if (box.folded || box.findings.length || touched.has(box.id)) continue;
    if (!rest.has(box.band)) rest.set(box.band, []);
    rest.get(box.band).push(box);
  }
  for (const [band, clean] of rest) {
    if (clean.length < 3) continue;
    const id = `${band}/ `;
    boxes.set(id, { id, label: `${clean.length} clean`, band, groups: [band], folded: true, modules: 0, findings: [] });
    const gone = new Set(clean.map((box) => box.id));
    for (const box of clean) {
      boxes.get(id).modules += box.modules;
      boxes.delete(box.id);
    }
    standing.forEach((key, index) => { if (gone.has(key)) standing[index] = id; });
  }
}

function allowedLines(standing) {
  const quiet = new Map();
  for (const [from, to, count] of data.imports) {
    const [source, target] = [standing[from], standing[to]];
    if (source === target) continue;
    const id = `${source} => ${target}`;
    if (!quiet.has(id)) quiet.set(id, { id, source, target, allowed: true, number: 0, label: "", findings: [] });
    quiet.get(id).number += count;
  }
  return [...quiet.values()];
}

function dressBox(box) {
  const worst = SEVERITIES.find((one) => box.findings.some((finding) => finding.severity === one));
  const number = box.findings.length;
  const second = number ? count(number, "finding") : box.modules ? (box.modules > 1 || box.folded ? count(box.modules, "module") : "") : "library";
  const apart = box.groups.length ? "\n" : ": ";
  box.text = second ? `${box.label}${apart}${second}` : box.label;
  box.attributes = { class: [box.folded ? "folded" : "", worst || ""].join(" ").trim() || "clean" };
}

const fits = (picture, most) => picture.boxes.length <= most.boxes && picture.lines.length <= most.lines;

function drawMap() {
  const graph = byId("graph");
  const findings = visibleFindings();
  const [withAllowed, withClean] = [byId("allowed").checked, byId("clean").checked];
  let detail = byId("detail").value;
  if (detail === "auto") {
    detail = DETAILS.find((one) => fits(look(one, findings, withAllowed, withClean), READABLE)) || "layers";
  }
  drawnDetail = detail;
  shown = look(detail, findings, withAllowed, withClean);
  byId("drawn").textContent = `${detail}: ${count(shown.boxes.length, "box").replace("boxs", "boxes")}, ${count(shown.lines.length, "arrow")}`;
  if (!fits(shown, MOST_DRAWN)) {
    graph.replaceChildren(make("p", { class: "hint" }, "That is too much to draw. Choose less detail, or filter."));
    return;
  }
  const told = asGraph(shown, [...data.layers, LIBRARIES], data.look);
  ids = told.ids;
  const svg = viz.renderSVGElement(told.graph);
  graph.replaceChildren(svg);
  dress(svg);
  fitMap();
  if (chosen !== null && !find(chosen)) chosen = null;
  showChosen();
  const there = svg.querySelector(".chosen");
  if (there) there.scrollIntoView({ block: "center", inline: "center" });
}

const keyOf = (one) => (one.box ? one.box.id : one.line ? one.line.id : `band ${one.label}`);
const find = (key) => [...ids.values()].find((one) => keyOf(one) === key);
const boxBy = (id) => shown.boxes.find((box) => box.id === id);

function titleOf(one) {
  if (one.line) return [one.line.source, one.line.target].map((id) => boxBy(id).label).join(" → ");
  if (one.box) return one.box.groups.length ? `${one.box.label} (${one.box.band})` : one.box.label;
  return one.label;
}

function dress(svg) {
  for (const element of svg.querySelectorAll("g.node, g.cluster, g.edge, g.graph")) {
    const title = element.querySelector(":scope > title");
    const one = ids.get(element.id) || (title && ids.get(title.textContent));
    if (!one) {
      if (title) title.remove();
      continue;
    }
    title.textContent = one.line ? `${titleOf(one)}: ${one.line.number}` : titleOf(one);
    element.dataset.key = keyOf(one);
    if (one.line && one.line.allowed) continue;
    if (one.line) {
      // a line is thin, and hard to hit
      const hit = element.querySelector("path").cloneNode();
      hit.setAttribute("class", "hit");
      element.prepend(hit);
    }
    element.setAttribute("tabindex", "0");
    element.setAttribute("role", "button");
    element.addEventListener("click", (event) => { event.stopPropagation(); choose(keyOf(one)); });
    element.addEventListener("keydown", (event) => { if (event.key === "Enter") choose(keyOf(one)); });
  }
  svg.addEventListener("click", () => choose(null));
}

function fitMap() {
  const svg = byId("graph").querySelector("svg");
  if (svg) fitInto(byId("graph"), svg, 0.95);
}

function choose(key) {
  chosen = key;
  showChosen();
}

function findingsOf(one) {
  if (one.line) return one.line.findings;
  if (one.box && one.box.band === LIBRARIES) return visibleFindings().filter((finding) => finding.library === one.box.label);
  if (one.box) return one.box.findings;
  return visibleFindings().filter((finding) => finding.source >= 0 && data.modules[finding.source].layer === one.label);
}

// Lists the findings of what is chosen, and lets the rest of the picture stand back.
function showChosen() {
  const list = document.querySelector("#selected .list");
  const one = chosen === null ? null : find(chosen);
  document.querySelector("#selected h2").textContent = one ? titleOf(one) : "Findings";
  document.querySelector("#selected .hint").hidden = Boolean(one);
  mark(one);
  if (!one) {
    list.replaceChildren();
    return;
  }
  showFindings(list, findingsOf(one));
  const layer = one.box && !one.box.groups.length ? one.box.band : one.box || one.line ? "" : one.label;
  if (!layer || drawnDetail !== "layers") return;
  const open = unfolded.has(layer);
  const button = make("button", { type: "button" }, open ? "Fold" : "Unfold");
  button.addEventListener("click", () => {
    if (open) unfolded.delete(layer);
    else unfolded.add(layer);
    chosen = open ? layer : `band ${layer}`;
    drawMap();
  });
  list.prepend(make("p", {}, button));
}

function mark(one) {
  const svg = byId("graph").querySelector("svg");
  if (!svg) return;
  svg.classList.toggle("marked", Boolean(one));
  const inside = new Set(!one || one.line ? [] : one.box ? [one.box.id] : shown.boxes.filter((box) => box.band === one.label).map((box) => box.id));
  const lines = new Set(shown.lines.filter((line) => (one && one.line === line) || inside.has(line.source) || inside.has(line.target)));
  const near = new Set([...inside, ...[...lines].flatMap((line) => [line.source, line.target])]);
  const keys = new Set([...lines].map((line) => line.id));
  for (const element of svg.querySelectorAll("g.node")) element.classList.toggle("near", near.has(element.dataset.key));
  for (const element of svg.querySelectorAll("g.edge")) element.classList.toggle("near", keys.has(element.dataset.key));
  for (const element of svg.querySelectorAll("[data-key]")) element.classList.toggle("chosen", element.dataset.key === chosen);
}

async function startMap() {
  byId("detail").addEventListener("change", () => { unfolded.clear(); drawMap(); });
  for (const id of ["allowed", "clean"]) byId(id).addEventListener("change", drawMap);
  byId("fit").addEventListener("click", fitMap);
  for (const [id, by] of [["in", 1.25], ["out", 0.8]]) {
    byId(id).addEventListener("click", () => {
      const svg = byId("graph").querySelector("svg");
      if (svg) resize(svg, Number(svg.dataset.scale) * by);
    });
  }
  onFilter(() => { if (!byId("map").hidden) drawMap(); });
  viz = await Viz.instance();
}
