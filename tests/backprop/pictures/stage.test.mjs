// Unit tests of stage.js on a small document, by node's test runner; tests/browser uses Chromium.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

// A script in place of a module, so that tests can call its functions.
const source = readFileSync(process.env.STAGE_JS, "utf-8").replace(/^export (default .*;)?/gm, "");

class Element {
  nodeType = 1;
  dataset = {};
  childNodes = [];
  kept = new Map();
  constructor(nodeName, attributes = {}, ...children) {
    this.nodeName = nodeName;
    for (const [name, value] of Object.entries(attributes)) this.setAttribute(name, value);
    this.append(...children);
  }
  get attributes() {
    return [...this.kept].map(([name, value]) => ({ name, value }));
  }
  getAttribute = (name) => this.kept.get(name) ?? null;
  hasAttribute = (name) => this.kept.has(name);
  removeAttribute = (name) => this.kept.delete(name);
  setAttribute(name, value) {
    this.kept.set(name, String(value));
    if (name.startsWith("data-")) this.dataset[name.slice(5)] = String(value);
  }
  append(...children) {
    for (const child of children) {
      child.parent = this;
      this.childNodes.push(child);
    }
  }
  remove = () => this.parent.childNodes.splice(this.parent.childNodes.indexOf(this), 1);
  replaceWith(other) {
    other.parent = this.parent;
    this.parent.childNodes[this.parent.childNodes.indexOf(this)] = other;
  }
}
const text = (data) => ({ nodeType: 3, nodeName: "#text", data });
const document = { createElement: (kind) => new Element(kind), importNode: (node) => node };
const stage = vm.createContext({ document, Node: { TEXT_NODE: 3 } });
vm.runInContext(source, stage);

test("an attribute that is false, null or undefined is absent, and any other is text", () => {
  const node = stage.make("input", { disabled: false, title: null, min: 0, step: "any" });
  assert.deepEqual([...node.kept], [["min", "0"], ["step", "any"]]);
  stage.set_attributes(node, { min: undefined, disabled: true });
  assert.deepEqual([...node.kept], [["step", "any"], ["disabled", "true"]]);
});

test("words that are already shown are not written again", () => {
  const node = new Element("p");
  stage.setHTML(node, "one");
  node.innerHTML = "changed by the reader's assistive software";
  stage.setHTML(node, "one");
  assert.equal(node.innerHTML, "changed by the reader's assistive software");
  stage.setHTML(node, "two");
  assert.equal(node.innerHTML, "two");
});

test("every made name is another one", () => {
  assert.notEqual(vm.runInContext("unique()", stage), vm.runInContext("unique()", stage));
});

test("a patch changes what differs and keeps the nodes that stay", () => {
  const dot = new Element("circle", { "data-key": "w1", r: 4, tabindex: 0, fill: "red" });
  const old = new Element("svg", {}, dot, text("0.5"), new Element("line"));
  const label = old.childNodes[1];
  stage.patch(old, new Element("svg", {}, new Element("circle", { "data-key": "w1", r: 5 }), text("0.6")));
  assert.equal(old.childNodes.length, 2);
  assert.equal(old.childNodes[0], dot);
  assert.equal(old.childNodes[1], label);
  assert.equal(label.data, "0.6");
  assert.equal(dot.getAttribute("r"), "5");
  assert.equal(dot.hasAttribute("fill"), false);
  assert.equal(dot.getAttribute("tabindex"), "0", "the page's own mark of the focus stays");
});

test("another thing in the same place is another node", () => {
  const old = new Element("svg", {}, new Element("circle", { "data-key": "w1" }));
  const fresh = new Element("circle", { "data-key": "w2" });
  stage.patch(old, new Element("svg", {}, fresh, new Element("line")));
  assert.equal(old.childNodes[0], fresh);
  assert.equal(old.childNodes[1].nodeName, "line");
});
