"use strict";
// From the whole graph to what is drawn: what is in focus, groups folded into one node, and how Graphviz is told.

const data = JSON.parse(document.getElementById("data").textContent);
const SEPARATOR = "\u0000";
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

const pathOf = (groups) => groups.join(SEPARATOR);

// What stands for a node: itself, or the outermost group around it that is folded.
function standsFor(node, level, turned) {
  for (let at = 0; at < node.groups.length; at += 1) {
    const path = pathOf(node.groups.slice(0, at + 1));
    const folded = turned.has(path) ? turned.get(path) : at >= level;
    if (folded) return { id: `group ${path}`, path, label: node.groups[at], groups: node.groups.slice(0, at), folded: true };
  }
  return { id: `node ${node.index}`, label: node.label, groups: node.groups, folded: false, name: node.name };
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
  return { boxes: [...boxes.values()], lines: [...lines.values()] };
}

const readable = (shown) => shown.boxes.length <= data.readable.nodes && shown.lines.length <= data.readable.arrows;

// In labels Graphviz reads a backslash and the letter after it.
const plain = (text) => text.replaceAll("\\", "\\\\");

function boxLabel(box) {
  const what = data.levels[data.levels.length - 1];
  const number = box.members.length;
  return box.folded ? `${box.label}: ${number} ${number === 1 ? what.replace(/s$/, "") : what}` : box.label;
}

// A group needs no box where all that stands in it is one box, or one node that bears its name.
function saysIt(group) {
  const sole = group.members.length + group.groups.size === 1;
  return sole && group.members.every((box) => box.label.includes(group.path.at(-1)));
}

// The graph as Viz.js takes it; `ids` maps the names in it to what they stand for.
function asGraph({ boxes, lines }) {
  const ids = new Map();
  const names = new Map();
  const top = { groups: new Map(), members: [] };
  boxes.forEach((box, at) => {
    names.set(box.id, `n${at}`);
    ids.set(`n${at}`, { box });
    let inside = top;
    for (const group of box.groups) {
      if (!inside.groups.has(group)) inside.groups.set(group, { groups: new Map(), members: [], path: box.groups.slice(0, box.groups.indexOf(group) + 1) });
      inside = inside.groups.get(group);
    }
    inside.members.push(box);
  });
  const order = [...new Set(nodes.map((node) => node.groups[0] ?? node.name))];
  const bands = order.map(() => []);
  const at = new Map();
  for (const box of boxes) {
    const place = order.indexOf(box.groups[0] ?? (box.folded ? box.label : box.name));
    at.set(box.id, place);
    bands[place].push(names.get(box.id));
  }
  const held = bands.filter((band) => band.length);
  const chain = held.slice(1).map((band, index) => ({ tail: held[index][0], head: band[0], attributes: data.look.unseen }));
  let number = 0;
  function cluster(group, depth) {
    const subgraphs = [...group.groups.values()].flatMap((inner) => {
      const told = cluster(inner, depth + 1);
      return depth >= 1 && saysIt(inner) ? [{ ...told, name: undefined, graphAttributes: undefined }] : [told];
    });
    const name = `cluster_${number}`;
    number += 1;
    if (group.path) ids.set(name, { path: pathOf(group.path), label: group.path.at(-1) });
    return {
      name, subgraphs,
      graphAttributes: group.path ? { label: plain(group.path.at(-1)), ...(depth === 1 ? data.look.layer : data.look.group) } : {},
      nodes: group.members.map((box) => ({
        name: names.get(box.id), attributes: { label: plain(boxLabel(box)), ...(box.folded ? data.look.folded : {}) },
      })),
    };
  }
  const all = cluster(top, 0);
  return {
    ids,
    graph: {
      directed: true, strict: false,
      graphAttributes: { ...data.look.graph, ...(top.groups.size ? data.look.across : data.look.down) }, nodeAttributes: data.look.node, edgeAttributes: data.look.edge,
      nodes: all.nodes,
      subgraphs: [...all.subgraphs, ...held.map((band) => ({ graphAttributes: { rank: "same" }, nodes: band.map((name) => ({ name })) }))],
      edges: [...chain, ...lines.map((line, index) => {
        // laid out as if it led the other way, an arrow back needs no detour and keeps the order of the bands
        const leadsBack = at.get(line.source) > at.get(line.target);
        const ends = leadsBack ? [line.target, line.source] : [line.source, line.target];
        ids.set(`a${index}`, { line });
        return {
          tail: names.get(ends[0]), head: names.get(ends[1]),
          attributes: {
            id: `a${index}`,
            ...(line.number || line.label ? { label: line.number ? String(line.number) : plain(line.label) } : {}),
            ...(line.allowed ? {} : data.look.forbidden), ...(leadsBack ? data.look.leading_back : {}),
          },
        };
      })],
    },
  };
}
