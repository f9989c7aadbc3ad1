"use strict";
// The picture: layers as bands, boxes in them, forbidden uses as red arrows that grow with their number.

const BOX = { width: 150, height: 44, gap: 14 };
const LABEL_WIDTH = 150;
const BAND_GAP = 22;
const MOST_MODULES = 80;
const LIBRARIES = "libraries";
let graph = null;
let chosen = null;

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// What all names of modules begin with says nothing on a picture.
const sharedPrefix = (() => {
  const roots = new Set(data.modules.map((module) => module.name.split(".")[0]));
  return roots.size === 1 ? `${[...roots][0]}.` : "";
})();

const bare = (name) => (sharedPrefix && name.startsWith(sharedPrefix) ? name.slice(sharedPrefix.length) : name);

function packageOf(module) {
  const parts = module.name.split(".");
  return parts.length > 1 ? parts.slice(0, -1).join(".") : module.name;
}

function boxOf(module, detail) {
  if (detail === "layers") return { key: `${module.layer}/`, label: module.layer };
  if (detail === "modules") return { key: `${module.layer}/${module.name}`, label: bare(module.name) };
  const group = module.feature || packageOf(module);
  return { key: `${module.layer}/${group}`, label: module.feature ? module.feature.split("/").pop() : bare(group) };
}

// The boxes of all modules, and of the libraries that findings name, by band.
function boxes(detail, findings) {
  const found = new Map();
  const keys = data.modules.map((module) => {
    const { key, label } = boxOf(module, detail);
    if (!found.has(key)) found.set(key, { key, label, layer: module.layer, modules: 0, findings: [] });
    found.get(key).modules += 1;
    return key;
  });
  for (const finding of findings) {
    if (finding.source >= 0) found.get(keys[finding.source]).findings.push(finding);
    if (finding.library) {
      const key = `${LIBRARIES}/${finding.library}`;
      if (!found.has(key)) {
        found.set(key, { key, label: finding.library, layer: LIBRARIES, modules: 0, findings: [] });
      }
    }
  }
  return { found, keys };
}

function arrows(keys, findings, withAllowed) {
  const broken = new Map();
  for (const finding of findings) {
    if (finding.source < 0) continue;
    const source = keys[finding.source];
    const target = finding.library ? `${LIBRARIES}/${finding.library}` : keys[finding.target];
    if (!target || target === source) continue;
    const key = `${source} -> ${target}`;
    if (!broken.has(key)) broken.set(key, { key, source, target, findings: [] });
    broken.get(key).findings.push(finding);
  }
  const quiet = new Map();
  if (withAllowed) {
    for (const [from, to, count] of data.imports) {
      const [source, target] = [keys[from], keys[to]];
      const key = `${source} => ${target}`;
      if (source === target) continue;
      if (!quiet.has(key)) quiet.set(key, { key, source, target, count: 0 });
      quiet.get(key).count += count;
    }
  }
  return { broken: [...broken.values()], quiet: [...quiet.values()] };
}

// The place of every band, from the outermost layer down; a band is as high as its rows of boxes.
function bands(found, perRow) {
  const result = [];
  let top = 0;
  for (const layer of [...data.layers, LIBRARIES]) {
    const inside = [...found.values()].filter((box) => box.layer === layer);
    if (!inside.length) continue;
    inside.sort((a, b) => b.findings.length - a.findings.length || a.key.localeCompare(b.key));
    const rows = Math.ceil(inside.length / perRow);
    const height = rows * (BOX.height + BOX.gap) + BOX.gap;
    result.push({ layer, inside, top, height, rows });
    top += height + BAND_GAP;
  }
  return result;
}

const bandWidth = (perRow) => LABEL_WIDTH + perRow * (BOX.width + BOX.gap) + BOX.gap;

// As many boxes to a row as let the whole picture be shown largest.
function boxesPerRow(found) {
  const room = byId("graph").getBoundingClientRect();
  let best = { perRow: 4, scale: 0 };
  for (let perRow = 4; perRow <= 40; perRow += 1) {
    const last = bands(found, perRow).at(-1);
    const scale = last ? Math.min(room.width / bandWidth(perRow), room.height / (last.top + last.height)) : 0;
    if (scale > best.scale) best = { perRow, scale };
  }
  return best.perRow;
}

function shortened(label, most = 24) {
  return label.length > most ? `…${label.slice(1 - most)}` : label;
}

function elements(detail, findings, withAllowed) {
  const { found, keys } = boxes(detail, findings);
  const nodes = [];
  const perRow = boxesPerRow(found);
  const placed = bands(found, perRow);
  for (const band of placed) {
    nodes.push({
      group: "nodes", classes: "band", data: { id: `band ${band.layer}`, layer: band.layer, height: band.height, width: bandWidth(perRow) },
      position: { x: bandWidth(perRow) / 2, y: band.top + band.height / 2 },
    });
    nodes.push({
      group: "nodes", classes: "title", selectable: false,
      data: { id: `title ${band.layer}`, label: band.layer, layer: band.layer },
      position: { x: LABEL_WIDTH / 2, y: band.top + band.height / 2 },
    });
    for (const box of band.inside) {
      const worst = ["error", "warning", "advice"].find((one) => box.findings.some((f) => f.severity === one));
      const number = box.findings.length;
      nodes.push({
        group: "nodes", classes: `box ${worst || "clean"}`,
        data: {
          id: box.key, layer: box.layer, number,
          label: `${shortened(box.label)}\n${number ? count(number, "finding") : box.modules ? count(box.modules, "module") : "library"}`,
        },
      });
    }
  }
  const { broken, quiet } = arrows(keys, findings, withAllowed);
  const lines = [
    ...quiet.map((one) => ({ group: "edges", classes: "quiet", data: { id: one.key, source: one.source, target: one.target } })),
    ...broken.map((one) => ({
      group: "edges", classes: "broken",
      data: {
        id: one.key, source: one.source, target: one.target, label: String(one.findings.length),
        width: Math.min(12, 1.5 + 1.6 * Math.log2(one.findings.length + 1)),
      },
    })),
  ];
  return { nodes, lines, placed, perRow };
}

function look() {
  return [
    { selector: ".band", style: { shape: "rectangle", width: "data(width)", height: "data(height)", "background-color": style("--band"), "border-width": 1, "border-color": style("--line"), "z-index": 0, "z-index-compare": "manual" } },
    { selector: ".title", style: { shape: "rectangle", width: LABEL_WIDTH - 20, height: 30, "background-opacity": 0, label: "data(label)", color: style("--ink"), "font-size": 18, "font-weight": "bold", "text-valign": "center", "z-index": 1, "z-index-compare": "manual", events: "no" } },
    { selector: ".box", style: { shape: "round-rectangle", width: BOX.width, height: BOX.height, "background-color": style("--paper"), "border-width": 1, "border-color": style("--line"), label: "data(label)", color: style("--ink"), "font-size": 11, "text-wrap": "wrap", "text-valign": "center", "z-index": 3, "z-index-compare": "manual" } },
    ...["error", "warning", "advice"].map((one) => ({ selector: `.box.${one}`, style: { "border-color": style(`--${one}`), "border-width": one === "error" ? 3 : 2, "border-style": one === "warning" ? "dashed" : "solid" } })),
    { selector: "edge", style: { "curve-style": "bezier", "target-arrow-shape": "triangle", "z-index": 2, "z-index-compare": "manual" } },
    { selector: ".quiet", style: { "line-color": style("--faint"), "target-arrow-color": style("--faint"), opacity: 0.28, width: 1 } },
    { selector: ".broken", style: { "line-color": style("--error"), "target-arrow-color": style("--error"), width: "data(width)", label: "data(label)", color: style("--error"), "font-size": 12, "text-background-color": style("--paper"), "text-background-opacity": 0.9, "text-background-padding": 2, opacity: 0.6, "z-index": 4 } },
    { selector: ":selected", style: { "border-color": style("--accent"), "border-width": 4, "line-color": style("--accent"), "target-arrow-color": style("--accent") } },
  ];
}

function drawMap() {
  const detail = byId("detail").value;
  const findings = visibleFindings();
  const { nodes, lines, placed, perRow } = elements(detail, findings, byId("allowed").checked);
  if (graph) graph.destroy();
  graph = cytoscape({
    container: byId("graph"), elements: [...nodes, ...lines], style: look(), layout: { name: "preset" },
    minZoom: 0.05, maxZoom: 3, autoungrabify: true, boxSelectionEnabled: false,
    hideEdgesOnViewport: lines.length > 2000, textureOnViewport: nodes.length > 2000,
  });
  for (const band of placed) {
    const inside = graph.nodes(".box").filter((node) => node.data("layer") === band.layer);
    const columns = Math.min(perRow, band.inside.length);
    inside.layout({
      name: "grid", rows: band.rows, cols: columns, fit: false, avoidOverlap: true,
      boundingBox: {
        x1: LABEL_WIDTH, y1: band.top + BOX.gap / 2,
        w: columns * (BOX.width + BOX.gap), h: band.height - BOX.gap,
      },
    }).run();
  }
  graph.fit(undefined, 20);
  graph.on("tap", (event) => choose(event.target === graph ? null : event.target.id()));
  if (chosen && graph.getElementById(chosen).nonempty()) graph.getElementById(chosen).select();
  else chosen = null;
  showChosen();
}

function choose(id) {
  chosen = id;
  showChosen();
}

function showChosen() {
  const list = document.querySelector("#selected .list");
  const title = document.querySelector("#selected h2");
  const hint = document.querySelector("#selected .hint");
  const element = chosen ? graph.getElementById(chosen) : null;
  hint.hidden = Boolean(element && element.nonempty());
  if (!element || element.empty()) {
    title.textContent = "Findings";
    list.replaceChildren();
    return;
  }
  const detail = byId("detail").value;
  const { found, keys } = boxes(detail, visibleFindings());
  let findings = [];
  if (element.isEdge()) {
    const arrow = arrows(keys, visibleFindings(), false).broken.find((one) => one.key === chosen);
    findings = arrow ? arrow.findings : [];
    title.textContent = `${element.data("source")} → ${element.data("target")}`;
  } else if (element.hasClass("band")) {
    findings = visibleFindings().filter((one) => one.source >= 0 && data.modules[one.source].layer === element.data("layer"));
    title.textContent = element.data("layer");
  } else {
    const box = found.get(chosen);
    const used = visibleFindings().filter((one) => `${LIBRARIES}/${one.library}` === chosen);
    findings = box && box.layer !== LIBRARIES ? box.findings : used;
    title.textContent = chosen.replace(/\/$/, "");
  }
  showFindings(list, findings);
}

function startMap() {
  const grouped = new Set(data.modules.map((module) => boxOf(module, "groups").key));
  byId("detail").value = data.modules.length <= MOST_MODULES ? "modules" : grouped.size <= 400 ? "groups" : "layers";
  byId("detail").addEventListener("change", drawMap);
  byId("allowed").addEventListener("change", drawMap);
  byId("fit").addEventListener("click", () => graph.fit(undefined, 20));
  onFilter(() => { if (!byId("map").hidden) drawMap(); });
}
