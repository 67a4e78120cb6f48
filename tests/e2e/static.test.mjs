// What the release binary serves besides the API: the contract of the dashboard's files.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { brotliDecompressSync } from "node:zlib";
import { after, before, describe, it } from "node:test";
import { filesOf, tablesOf } from "./lib/document.mjs";
import { send } from "./lib/http.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("static serving", () => {
  let waypost;
  let page;
  const get = (path, headers = {}, method = "GET") => send(waypost.url + path, { method, headers });

  before(async () => {
    waypost = await startWaypost();
    page = (await get("/")).body.toString();
  });
  after(() => waypost.stop());

  /** The files of one kind that the page names. */
  const named = (ending) => filesOf(page).filter((path) => path.endsWith(ending));

  it("answers every address of the dashboard with the same page, never to be stored", async () => {
    const addresses = ["/", "/models", "/models/gateways", "/models/sources/new", "/models/sources/a", "/models/direct", "/models/catalog?q=x", "/agents", "/agents/new", "/agents/named/a", "/preview", "/requests", "/requests/a", "/activity", "/settings", "/sign-in"];
    for (const address of addresses) {
      const { status, headers, body } = await get(address);
      assert.equal(status, 200, address);
      assert.equal(headers["content-type"], "text/html; charset=utf-8", address);
      assert.equal(headers["cache-control"], "no-store", address);
      assert.equal(body.toString(), page, address);
    }
  });

  it("never answers a missing file or an unknown address with the page", async () => {
    const addresses = ["/missing.js", "/missing.wasm", "/models/missing.css", "/nowhere", "/index.html", "/favicon.ico", "/../Cargo.toml", "/..%2fCargo.toml", "/%2e%2e/Cargo.toml", "//etc/passwd", named(".wasm")[0] + ".br"];
    for (const address of addresses) {
      const { status, body } = await get(address);
      assert.equal(status, 404, address);
      assert.doesNotMatch(body.toString(), /<html/i, address);
    }
  });

  it("never serves HTML under /api", async () => {
    for (const address of ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/providers", "/api/index.html"]) {
      const { status, headers, body } = await get(address, { accept: "text/html" });
      assert.equal(status, 404, address);
      assert.equal(headers["content-type"], "application/problem+json", address);
      assert.doesNotMatch(body.toString(), /<html/i, address);
    }
  });

  it("sends each file compressed if the client accepts it, cached forever", async () => {
    const files = filesOf(page);
    assert.deepEqual([named(".js"), named(".css")], [[], []], "script and stylesheet are in the page");
    for (const file of files) {
      const compressed = await get(file, { "accept-encoding": "gzip, br" });
      const plain = await get(file, { "accept-encoding": "gzip, br;q=0" });
      assert.equal(compressed.status, 200, file);
      assert.match(compressed.headers["cache-control"], /immutable/, file);
      assert.match(`${compressed.headers.vary}`, /accept-encoding/i, file);
      assert.equal(plain.headers["content-encoding"], undefined, file);
      if (compressed.headers["content-encoding"] === "br") {
        assert.deepEqual(brotliDecompressSync(compressed.body), plain.body, file);
      }
      const again = await get(file, { "accept-encoding": "br", "if-none-match": compressed.headers.etag });
      assert.equal(again.status, 304, file);
      assert.equal(again.body.length, 0, file);
    }
    const [wasm] = named(".wasm");
    const module = await get(wasm, { "accept-encoding": "br" });
    assert.equal(module.headers["content-type"], "application/wasm");
    assert.equal(module.headers["content-encoding"], "br");
  });

  it("names a module of the first page, and at most two for each part that is loaded later", async () => {
    const { modules, pages } = tablesOf(page);
    const later = new Set(Object.values(modules).flat());
    assert.equal(named(".wasm").filter((file) => !later.has(file)).length, 1);
    for (const [address, , part] of pages.filter(([, , part]) => part)) {
      assert.ok(modules[part]?.length >= 1, `${address} has no module`);
      assert.ok(modules[part].length <= 2, `${address} loads ${modules[part]}`);
    }
    for (const module of named(".wasm")) {
      const { status, headers } = await get(module, { "accept-encoding": "br" });
      assert.equal(status, 200, module);
      assert.equal(headers["content-type"], "application/wasm", module);
      assert.equal(headers["content-encoding"], "br", module);
    }
  });

  it("names every file by its bytes", async () => {
    for (const file of filesOf(page)) {
      const { body } = await get(file, { "accept-encoding": "br;q=0" });
      const digest = createHash("sha256").update(body).digest("hex").slice(0, 16);
      assert.match(file, new RegExp(`-${digest}\\.`), file);
    }
  });

  it("serves the first visit to each page within the limits that the build prints", async () => {
    const { modules, pages } = tablesOf(page);
    const size = async (path) => (await get(path, { "accept-encoding": "br" })).body.length;
    const sizes = new Map();
    for (const path of ["/", ...filesOf(page)]) sizes.set(path, await size(path));
    const later = new Set(Object.values(modules).flat());
    for (const [address, , part] of pages) {
      const loaded = [...sizes.keys()].filter((path) => !later.has(path) || modules[part]?.includes(path));
      const total = loaded.reduce((sum, path) => sum + sizes.get(path), 0);
      const limit = address === "/models/gateways" ? 260_000 : 480_000;
      assert.ok(total <= limit, `${address} loads ${total} bytes`);
    }
  });

  it("serves the page with a strict content security policy", async () => {
    const { headers } = await get("/");
    const policy = headers["content-security-policy"];
    assert.match(policy, /default-src 'none'|default-src 'self'/);
    assert.match(policy, /script-src [^;]*'sha256-/);
    assert.match(policy, /style-src [^;]*'sha256-/);
    assert.match(policy, /'wasm-unsafe-eval'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|\*|https?:/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.match(headers["referrer-policy"], /no-referrer|same-origin/);
  });

  it("accepts only GET and HEAD", async () => {
    for (const address of ["/", "/models/gateways", named(".wasm")[0], "/favicon.svg"]) {
      const head = await get(address, {}, "HEAD");
      assert.equal(head.status, 200, address);
      assert.equal(head.body.length, 0, address);
      for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
        assert.equal((await get(address, {}, method)).status, 405, `${method} ${address}`);
      }
    }
  });

  it("refuses requests for another host", async () => {
    for (const host of ["evil.example", `evil.example:${waypost.port}`, "127.0.0.1.evil.example", "localhost:1"]) {
      for (const address of ["/", "/api/v1/session", "/api/openapi.json"]) {
        const { status, body } = await get(address, { host });
        assert.ok(status === 400 || status === 403 || status === 421, `${host}${address}: ${status}`);
        assert.doesNotMatch(body.toString(), /waypost-dashboard/, `${host}${address}`);
      }
      // Probes call a pod by its address.
      for (const probe of ["/healthz", "/readyz"]) {
        assert.equal((await get(probe, { host })).status, 200, `${host}${probe}`);
      }
    }
  });

  it("refuses writes that come from another site", async () => {
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"]) {
      const { status, headers } = await send(`${waypost.url}/api/v1/session`, {
        method: "POST",
        headers: { origin, "content-type": "application/json" },
        body: JSON.stringify({ token: "any" }),
      });
      assert.equal(status, 403, origin);
      assert.equal(headers["content-type"], "application/problem+json", origin);
    }
  });
});
