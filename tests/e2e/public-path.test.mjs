// Waypost behind nginx and HAProxy that terminate TLS, at the root of a host and below a path, which the
// proxy removes or passes on.

import assert from "node:assert/strict";
import https from "node:https";
import { after, before, describe, it } from "node:test";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { reserveEdge, startEdge } from "./lib/edge.mjs";
import { Client, send } from "./lib/http.mjs";
import { agentToken } from "./lib/inference.mjs";
import { announcement, settled } from "./lib/ui.mjs";
import { until } from "./lib/wait.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const CASES = [
  { kind: "nginx", below: "", strips: false },
  { kind: "nginx", below: "/a/b", strips: true },
  { kind: "nginx", below: "/a/b", strips: false },
  { kind: "haproxy", below: "", strips: false },
  { kind: "haproxy", below: "/a/b", strips: true },
  { kind: "haproxy", below: "/a/b", strips: false },
];

/** Sends one request through the proxy as a runtime would. */
function through(edge, path, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = https.request(edge.url + path, { method, headers, ca: edge.ca }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

for (const { kind, below, strips } of CASES) {
  const path = below ? `${below}, which it ${strips ? "removes" : "passes on"}` : "/";
  describe(`behind ${kind} at ${path}`, () => {
    let waypost;
    let edge;
    let browser;
    let page;
    let context;
    let record;

    before(async () => {
      const reserved = await reserveEdge(below);
      waypost = await startWaypost({}, { options: ["--public-url", `${reserved.url}/`] });
      edge = await startEdge(kind, reserved, `127.0.0.1:${waypost.port}`, { strips });
      await until("the proxy to answer", async () => (await through(edge, "/healthz")).status === 200);
      browser = await startBrowser();
      ({ page, context, record } = await openPage(browser, { ignoreHTTPSErrors: true }));
    });
    after(async () => {
      await browser?.close();
      await edge?.stop();
      await waypost?.stop();
    });

    it("signs in by the link that it prints, with a cookie of this path alone", async () => {
      assert.ok(waypost.link.startsWith(`${edge.url}/#token=`), waypost.link);
      await signIn(page, waypost.link);
      assert.equal(page.url(), `${edge.url}/models/gateways`);
      const [cookie, ...others] = await context.cookies(`${edge.url}/`);
      assert.deepEqual(others, []);
      assert.match(cookie.name, below ? /^__Secure-waypost-/ : /^__Host-waypost-/);
      assert.deepEqual(
        [cookie.path, cookie.httpOnly, cookie.secure, cookie.sameSite],
        [below || "/", true, true, "Strict"],
      );
    });

    it("opens every page by its link and by its address", async () => {
      const places = page.getByRole("navigation", { name: "Places" });
      for (const [name, address] of [
        ["Agents", "/agents"],
        ["Requests", "/requests"],
        ["Route preview", "/preview"],
        ["Activity", "/activity"],
        ["Settings", "/settings"],
      ]) {
        await places.getByRole("link", { name }).click();
        await page.getByRole("heading", { level: 1, name }).waitFor();
        assert.equal(page.url(), edge.url + address);
        assert.equal(await places.getByRole("link", { name }).getAttribute("aria-current"), "page");
        await page.reload();
        await page.getByRole("heading", { level: 1, name }).waitFor();
        await settled(page);
      }
      const unknown = await page.goto(`${edge.url}/nowhere`);
      assert.equal(unknown.status(), 404);
      await page.getByRole("heading", { level: 1, name: "Page not found" }).waitFor();
    });

    it("writes, follows the live list, and shows addresses that work from outside", async () => {
      const token = new URL(await waypost.signInLink("admin")).hash.replace("#token=", "");
      const signedIn = await through(edge, "/api/v1/session", {
        method: "POST",
        headers: { "content-type": "application/json", origin: new URL(edge.url).origin },
        body: JSON.stringify({ token }),
      });
      assert.equal(signedIn.status, 200, signedIn.text);
      const client = new Client(waypost.url, signedIn.headers["set-cookie"][0].split(";")[0]);
      await client.call("POST", "/sample", {});
      const agent = await agentToken(client, "sample-writer");
      await page.goto(`${edge.url}/requests`);
      await page.locator(".live-state").getByText("Live", { exact: true }).waitFor();
      await page.getByText(`export OPENAI_BASE_URL=${edge.url}/v1`).waitFor();
      await page.getByRole("combobox", { name: "Agent" }).last().selectOption("sample-support");
      await page.getByRole("button", { name: "Create token" }).click();
      await page.getByText("Copy it now").waitFor();
      await page.getByRole("button", { name: "Copy the command" }).click();
      await announcement(page).getByText("Copied.").waitFor();
      const command = await page.evaluate(() => navigator.clipboard.readText());
      assert.ok(command.includes(`${edge.url}/v1/chat/completions`), command);
      const answer = await through(edge, "/v1/chat/completions", {
        method: "POST",
        headers: { authorization: `Bearer ${agent}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "sample-gateway/echo-small", messages: [{ role: "user", content: "Hello" }] }),
      });
      assert.equal(answer.status, 200, answer.text);
      await page.locator("[data-request]").first().getByText("sample-writer").waitFor();
      // The guard compares hosts: another site stays another site, whatever the path.
      const foreign = await through(edge, "/api/v1/providers/litellm/key", {
        method: "DELETE",
        headers: { cookie: signedIn.headers["set-cookie"][0].split(";")[0], origin: "https://elsewhere.example" },
      });
      assert.equal(foreign.status, 403, foreign.text);
    });

    it("asks for nothing outside of the path, within the page's policy", async () => {
      // The live list ends with its page.
      await page.goto(`${edge.url}/settings`);
      await settled(page);
      for (const { url } of await record.all()) {
        assert.ok(url.startsWith(`${edge.url}/`) || /^(data|blob):/.test(url), url);
      }
      assert.deepEqual(record.errors, []);
      const { headers, text } = await through(edge, "/", { headers: { accept: "text/html" } });
      assert.match(headers["content-security-policy"], /; base-uri 'none';/);
      assert.doesNotMatch(text, /<base/i);
      // A path is no secret: without the proxy the page is the same.
      const direct = await send(waypost.url + below + "/");
      assert.equal(direct.body.toString(), text);
    });
  });
}
