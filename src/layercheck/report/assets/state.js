"use strict";
// What the other parts share: the data of the run, and the filters.

const data = JSON.parse(document.getElementById("data").textContent);

const listeners = [];
const onFilter = (listener) => listeners.push(listener);
const filtersChanged = () => listeners.forEach((listener) => listener());

data.findings.forEach((finding, index) => {
  finding.index = index;
  finding.text = [finding.code, finding.name, finding.message, finding.path, finding.element, finding.layer]
    .join("\n").toLowerCase();
});

function filters() {
  const severities = [...document.querySelectorAll("input[name=severity]:checked")].map((box) => box.value);
  return {
    words: byId("search").value.toLowerCase().split(/\s+/).filter(Boolean),
    rule: byId("rule").value,
    layer: byId("layer").value,
    feature: byId("feature").value,
    severities: new Set(severities),
    known: byId("known").checked,
  };
}

function visibleFindings() {
  const wanted = filters();
  return data.findings.filter((finding) =>
    wanted.severities.has(finding.severity)
    && (wanted.known || finding.verdict === "new")
    && (!wanted.rule || finding.code === wanted.rule)
    && (!wanted.layer || finding.layer === wanted.layer)
    && (!wanted.feature || featureOf(finding) === wanted.feature)
    && wanted.words.every((word) => finding.text.includes(word)));
}

const featureOf = (finding) => (finding.source >= 0 ? data.modules[finding.source].feature : "");

function fill(id, values) {
  for (const [value, label] of values) byId(id).append(make("option", { value }, label));
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
