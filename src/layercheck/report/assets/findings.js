"use strict";
// The list of findings: long lists are made as far as one scrolls, details when they are opened.

const CHUNK = 100;

function findingElement(finding) {
  const known = finding.verdict === "known" ? make("span", { class: "faint" }, " known") : "";
  const summary = make("summary", {},
    make("span", { class: "code" }, finding.code), " ",
    make("span", { class: "severity" }, finding.severity), known, " ", finding.message,
    make("div", { class: "where" }, `${finding.path}:${finding.line}`));
  const element = make("details", { class: `finding ${finding.severity}`, id: `finding-${finding.index}` }, summary);
  element.addEventListener("toggle", () => {
    if (element.open && element.children.length === 1) element.append(findingBody(finding));
  });
  return element;
}

function findingBody(finding) {
  const rule = data.rules[finding.code];
  const steps = finding.chain.map((step) => make("li", {},
    make("span", { class: "layer" }, step.layer), " ", step.text, " ",
    make("span", { class: "where" }, `${step.path}:${step.line}`),
    quoted(step.path, step.line)));
  return make("div", { class: "body" },
    steps.length ? make("ol", { class: "chain" }, ...steps) : quoted(finding.path, finding.line),
    make("p", {}, make("b", {}, "Help: "), finding.help),
    finding.evidence.length ? make("p", { class: "faint" }, `Layers: ${finding.evidence.join("; ")}`) : "",
    make("p", { class: "faint" }, `${finding.name}: ${rule ? rule.summary : ""}`));
}

function quoted(path, line) {
  const text = (data.lines[path] || {})[line];
  return text === undefined ? "" : make("pre", {}, text.trim());
}

function showFindings(list, findings) {
  list.replaceChildren();
  if (!findings.length) {
    list.append(make("p", { class: "hint" }, "No findings."));
    return;
  }
  let shown = 0;
  const more = make("div", { class: "more" });
  const watcher = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) grow();
  }, { rootMargin: "600px" });
  function grow() {
    const next = findings.slice(shown, shown + CHUNK).map(findingElement);
    shown += next.length;
    more.before(...next);
    if (shown >= findings.length) {
      watcher.disconnect();
      more.remove();
    }
  }
  list.append(more);
  grow();
  if (shown < findings.length) watcher.observe(more);
  // a page on paper cannot be scrolled
  window.addEventListener("beforeprint", () => { while (shown < findings.length) grow(); }, { once: true });
}
