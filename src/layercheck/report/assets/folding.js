"use strict";
// From the whole graph to what is drawn: what is in focus, groups folded into one node, and what it stands for.

const data = JSON.parse(document.getElementById("data").textContent);
const nodes = data.nodes.map(([name, label, groups], index) => ({ name, label, groups, index }));
const arrows = data.arrows.map(([source, target, label, allowed, number]) => ({ source, target, label, allowed, number }));

function reached(start, forth, depth) {
  const distance = new Map(start.map((index) => [index, 0]));
  const waiting = [...start];
  for (let at = 0; at < waiting.length; at += 1) {
    const steps = distance.get(waiting[at]);
    if (steps === depth) continue;
    for (const other of forth.get(waiting[at]) || []) {
      if (distance.has(other)) continue;
      distance.set(other, steps + 1);
      waiting.push(other);
    }
  }
  return distance;
}

function neighbours(from, to) {
  const result = new Map();
  for (const arrow of arrows) {
    if (!result.has(arrow[from])) result.set(arrow[from], []);
    result.get(arrow[from]).push(arrow[to]);
  }
  return result;
}

const forth = neighbours("source", "target");
const back = neighbours("target", "source");

// The nodes that `start` leads to, or that lead to it, and the arrows on the way; everything without a start.
function inFocus(start, depth) {
  if (!start.length) return { kept: new Set(nodes.map((node) => node.index)), walked: arrows };
  const [on, from] = [reached(start, forth, depth), reached(start, back, depth)];
  const before = (distances, index) => (distances.get(index) ?? depth) < depth;
  return {
    kept: new Set([...on.keys(), ...from.keys()]),
    walked: arrows.filter((arrow) => before(on, arrow.source) || before(from, arrow.target)),
  };
}

// What stands for a node: itself, or the outermost group around it that is folded.
function standsFor(node, level, turned) {
  for (let at = 0; at < node.groups.length; at += 1) {
    const path = pathOf(node.groups.slice(0, at + 1));
    const folded = turned.has(path) ? turned.get(path) : at >= level;
    if (folded) return { id: `group ${path}`, path, label: node.groups[at], band: node.groups[0], groups: node.groups.slice(0, at), folded: true };
  }
  return { id: `node ${node.index}`, label: node.label, band: node.name, groups: node.groups, folded: false, name: node.name };
}

// The boxes and lines to draw; `level` is how many groups deep is unfolded, `turned` what a click changed.
function folded({ kept, walked }, level, turned, onlyForbidden) {
  const boxes = new Map();
  const standing = new Map();
  for (const index of kept) {
    const box = standsFor(nodes[index], level, turned);
    if (!boxes.has(box.id)) boxes.set(box.id, { ...box, members: [] });
    boxes.get(box.id).members.push(index);
    standing.set(index, box.id);
  }
  const lines = new Map();
  for (const arrow of walked) {
    const [source, target] = [standing.get(arrow.source), standing.get(arrow.target)];
    if (onlyForbidden && arrow.allowed) continue;
    const both = boxes.get(source).folded || boxes.get(target).folded;
    if (source === target && both) continue;
    const id = `${source} > ${target} ${arrow.allowed}`;
    if (!lines.has(id)) lines.set(id, { source, target, allowed: arrow.allowed, label: both ? "" : arrow.label, number: arrow.number, counted: both });
    if (both) lines.get(id).number += 1;
  }
  for (const box of boxes.values()) box.text = boxLabel(box);
  return { boxes: [...boxes.values()], lines: [...lines.values()] };
}

const readable = (shown) => shown.boxes.length <= data.readable.nodes && shown.lines.length <= data.readable.arrows;

function boxLabel(box) {
  const what = data.levels[data.levels.length - 1];
  const number = box.members.length;
  return box.folded ? `${box.label}: ${number} ${number === 1 ? what.replace(/s$/, "") : what}` : box.label;
}

const order = [...new Set(nodes.map((node) => node.groups[0] ?? node.name))];
