// Shows that the judge can judge: through Prism, every operation of the document is asked with a
// wrong body and answered with a wrong body, and each must be found. Ends with 1 if one is not.
//
//   node check.mjs MODULES DOCUMENT

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const [modules, document] = process.argv.slice(2);
const { paths } = JSON.parse(readFileSync(document, "utf8"));
const WRONG = JSON.stringify("neither an object nor a list");

// Answers everything with a wrong body, under the status it is asked for.
const liar = createServer((request, response) => {
  request.resume();
  response.writeHead(Number(request.headers["x-status"]), { "content-type": "application/json" });
  response.end(WRONG);
});

const listen = (server) =>
  new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));
const upstream = await listen(liar);
const free = createServer();
const port = await listen(free);
await new Promise((done) => free.close(done));
const cli = join(modules, "@stoplight/prism-cli/dist/index.js");
const prism = spawn(
  process.execPath,
  [cli, "proxy", document, `http://127.0.0.1:${upstream}`, "-p", String(port), "--errors"],
  { stdio: ["ignore", "pipe", "inherit"] },
);
process.on("exit", () => prism.kill());
await new Promise((done, failed) => {
  prism.stdout.on("data", (text) => String(text).includes("listening") && done());
  prism.on("exit", (code) => failed(new Error(`Prism ended with ${code}`)));
  setTimeout(() => failed(new Error("Prism did not start within 60 seconds")), 60_000).unref();
});

async function found(method, path, status, body, where) {
  const response = await fetch(`http://127.0.0.1:${port}${path.replace(/\{.*?\}/g, "x")}`, {
    method: method.toUpperCase(),
    headers: { authorization: "Bearer x", "x-status": status, "content-type": "application/json" },
    body,
  });
  const problem = response.headers.get("content-type") === "application/problem+json";
  const { validation = [] } = problem ? await response.json() : {};
  // Prism names `body`, `query` or `path` of a request, and `response` before those of an answer.
  const hit = validation.some((it) => (it.location[0] === "response") === (where === "response"));
  if (!hit) console.error(`not checked: the ${where} of ${method} ${path}`);
  return hit;
}

// A body that must hold something, so that the answer is what is wrong.
const BATCH = JSON.stringify({ requests: [{ id: "1", method: "GET", url: "/users" }] });
const BODIES = {
  "/v1.0/$batch": BATCH,
  "/beta/$batch": BATCH,
  "/v1.0/groups/{group-id}/members/$ref": JSON.stringify({ "@odata.id": "https://graph.example/x" }),
};

let checked = 0;
let missed = 0;
for (const [path, item] of Object.entries(paths)) {
  for (const [method, operation] of Object.entries(item)) {
    if (method === "parameters") continue;
    const status = Object.keys(operation.responses).find((it) => it.startsWith("2"));
    const asks = operation.requestBody !== undefined;
    if (operation.responses[status].content) {
      checked += 1;
      const body = asks ? (BODIES[path] ?? "{}") : undefined;
      if (!(await found(method, path, status, body, "response"))) missed += 1;
    }
    if (asks) {
      checked += 1;
      if (!(await found(method, path, status, WRONG, "request"))) missed += 1;
    }
  }
}
console.log(`Prism finds a wrong body in ${checked - missed} of ${checked} places`);
liar.close();
process.exit(missed === 0 && checked > 0 ? 0 : 1);
