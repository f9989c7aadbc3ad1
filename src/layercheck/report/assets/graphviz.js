"use strict";
// From boxes and lines to what Viz.js draws, and from what it drew back to them.

// Text only ever becomes a text node: what stands in the analysed code cannot become markup.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") element.className = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

const byId = (id) => document.getElementById(id);
const pathOf = (groups) => groups.join("\u0000");

// In labels Graphviz reads a backslash and the letter after it.
const plain = (text) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

// A group needs no box where all that stands in it is one box, or one node that bears its name.
function saysIt(group) {
  const sole = group.members.length + group.groups.size === 1;
  return sole && group.members.every((box) => box.label.includes(group.path.at(-1)));
}

// The graph as Viz.js takes it; `ids` maps the names in it to what they stand for. A box has an id, a label, the
// groups it stands in and attributes of its own, a line its ends, whether it is allowed, a label and a number.
// `order` is that of the outermost groups.
function asGraph({ boxes, lines }, order, look) {
  const ids = new Map();
  const names = new Map();
  const top = { groups: new Map(), members: [] };
  boxes.forEach((box, at) => {
    names.set(box.id, `n${at}`);
    ids.set(`n${at}`, { box });
    let inside = top;
    box.groups.forEach((group, depth) => {
      if (!inside.groups.has(group)) inside.groups.set(group, { groups: new Map(), members: [], path: box.groups.slice(0, depth + 1) });
      inside = inside.groups.get(group);
    });
    inside.members.push(box);
  });
  const bands = order.map(() => []);
  const at = new Map();
  for (const box of boxes) {
    const place = order.indexOf(box.groups[0] ?? box.band);
    at.set(box.id, place);
    bands[place].push(names.get(box.id));
  }
  const held = bands.filter((band) => band.length);
  const chain = held.slice(1).map((band, index) => ({ tail: held[index][0], head: band[0], attributes: look.unseen }));
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
      graphAttributes: group.path ? { label: plain(group.path.at(-1)), ...(depth === 1 ? look.layer : look.group) } : {},
      nodes: group.members.map((box) => ({
        name: names.get(box.id), attributes: { label: plain(box.text), ...(box.folded ? look.folded : {}), ...box.attributes },
      })),
    };
  }
  const all = cluster(top, 0);
  return {
    ids,
    graph: {
      directed: true, strict: false,
      graphAttributes: { ...look.graph, ...(top.groups.size ? look.across : look.down) }, nodeAttributes: look.node, edgeAttributes: look.edge,
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
            ...(line.allowed ? {} : look.forbidden), ...line.attributes, ...(leadsBack ? look.leading_back : {}),
          },
        };
      })],
    },
  };
}

// The size of a picture: as large as letters are meant to be where there is room, and never so small that they
// cannot be read; then one scrolls.
function resize(svg, scale) {
  const wanted = Math.max(0.05, Math.min(4, scale));
  svg.setAttribute("width", `${svg.viewBox.baseVal.width * wanted}`);
  svg.setAttribute("height", `${svg.viewBox.baseVal.height * wanted}`);
  svg.dataset.scale = String(wanted);
}

function fitInto(room, svg, smallest) {
  const [space, size] = [room.getBoundingClientRect(), svg.viewBox.baseVal];
  resize(svg, Math.max(smallest, Math.min(1.34, (space.width - 20) / size.width, (space.height - 20) / size.height)));
}
