// Joins the two descriptions of Graph into one document that Prism really checks.
//
//   node prepare.mjs MODULES OUT V1_YAML BETA_YAML
//
// Prism has one trap: where a schema cannot be compiled it checks nothing and says nothing. Its
// validator cannot compile `nullable` without `type`, which these descriptions use for every
// optional object. So each of those is said in another way here, and the test that uses the
// document proves operation by operation that a wrong body is found.

import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [modules, out, v1, beta] = process.argv.slice(2);
const require = createRequire(join(modules, "anything.js"));
const yaml = require("js-yaml");

// Requests lockstep sends that the descriptions leave out. Any JSON object is a good answer to
// them; the test prints how many there are.
const LEFT_OUT = {
  "/v1.0": [
    ["get", "/directory/administrativeUnits"],
    ["get", "/directory/administrativeUnits/{id}/members"],
    ["get", "/policies/crossTenantAccessPolicy/default"],
    ["get", "/devices"],
    ["get", "/identityProtection/riskyUsers"],
  ],
  "/beta": [
    ["get", "/policies/deviceRegistrationPolicy"],
    ["get", "/identity/conditionalAccess/policies/{id}"],
  ],
};

const NULL_ONLY = { enum: [null] };

function mend(node, prefix) {
  if (Array.isArray(node)) return node.map((it) => mend(it, prefix));
  if (node === null || typeof node !== "object") return node;
  const made = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "$ref") {
      made.$ref = value.replace(/^#\/components\/([^/]+)\//, `#/components/$1/${prefix}`);
    } else if (key.startsWith("x-")) {
      continue;
    } else {
      made[key] = mend(value, prefix);
    }
  }
  if (made.nullable === true && made.type === undefined) {
    delete made.nullable;
    return { anyOf: [made, NULL_ONLY] };
  }
  return made;
}

const whole = {
  openapi: "3.0.3",
  info: { title: "Microsoft Graph, v1.0 and beta, as far as lockstep uses it", version: "1" },
  paths: {},
  components: {},
};

for (const [root, file] of [["/v1.0", v1], ["/beta", beta]]) {
  const prefix = root === "/beta" ? "beta." : "";
  const document = yaml.load(readFileSync(file, "utf8"));
  for (const [path, item] of Object.entries(document.paths)) {
    whole.paths[root + path] = mend(item, prefix);
  }
  for (const [kind, entries] of Object.entries(document.components)) {
    whole.components[kind] ??= {};
    for (const [name, entry] of Object.entries(entries)) {
      whole.components[kind][prefix + name] = mend(entry, prefix);
    }
  }
  for (const [verb, path] of LEFT_OUT[root]) {
    const content = { "application/json": { schema: { type: "object" } } };
    const parameters = [...path.matchAll(/\{(.+?)\}/g)].map(([, name]) => ({
      name, in: "path", required: true, schema: { type: "string" },
    }));
    const error = { $ref: `#/components/responses/${prefix}error` };
    const responses = { 200: { description: "Success", content }, "4XX": error, "5XX": error };
    const item = (whole.paths[root + path] ??= {});
    if (item[verb]) throw new Error(`${verb} ${root}${path} is described now: take it off the list`);
    item[verb] = { parameters, responses };
  }
}
// Batches are the same under both roots, and described under one.
whole.paths["/beta/$batch"] ??= whole.paths["/v1.0/$batch"];
writeFileSync(out, JSON.stringify(whole));
