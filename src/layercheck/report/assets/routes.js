"use strict";
// The routes: a row each, opened to its tree of dependencies and what leaves it.

function routeRow(route) {
  const exceptions = route.exceptions.map((one) => `${one.exception.split(".").pop()} → ${one.status ?? "?"}`);
  const row = make("tr", { class: "route", tabindex: "0", "aria-expanded": "false" },
    make("td", {}, route.method), make("td", {}, route.path),
    make("td", {}, route.handler, make("div", { class: "where" }, `${route.file}:${route.line}`)),
    make("td", {}, route.layers.join(", ")), make("td", {}, exceptions.join(", ")));
  const toggle = () => {
    if (row.getAttribute("aria-expanded") === "true") row.nextElementSibling.remove();
    else row.after(routeDetails(route));
    row.setAttribute("aria-expanded", String(row.getAttribute("aria-expanded") !== "true"));
  };
  row.addEventListener("click", toggle);
  row.addEventListener("keydown", (event) => { if (event.key === "Enter") toggle(); });
  return row;
}

function routeDetails(route) {
  const outcomes = route.exceptions.map((one) => make("li", {}, `${one.exception} → ${one.status ?? "unknown"}: ${one.how}`));
  const findings = data.findings.filter((one) => one.path === route.file && one.line === route.line);
  return make("tr", { class: "details" }, make("td", { colspan: "5" },
    make("b", {}, "Dependencies"), route.dependencies.length ? tree(route.dependencies) : make("p", { class: "faint" }, "none"),
    make("b", {}, "Exceptions"), outcomes.length ? make("ul", {}, ...outcomes) : make("p", { class: "faint" }, "none gets out"),
    ...findings.map(findingElement)));
}

function tree(dependencies) {
  return make("ul", { class: "tree" }, ...dependencies.map((one) => make("li", {},
    one.provider, one.parameter ? make("span", { class: "faint" }, ` (${one.parameter})`) : "",
    one.dependencies.length ? tree(one.dependencies) : "")));
}

function showRoutes() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const layer = byId("layer").value;
  const rows = data.routes.filter((route) => {
    const text = [route.method, route.path, route.handler, ...route.exceptions.map((one) => one.exception)].join("\n").toLowerCase();
    return words.every((word) => text.includes(word)) && (!layer || route.layers.includes(layer));
  });
  document.querySelector("#routes tbody").replaceChildren(...rows.map(routeRow));
}
