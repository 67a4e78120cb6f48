// What the first visit to a page asks for, and the static shell until the page is there.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { tablesOf } from "./lib/document.mjs";
import { Client, send } from "./lib/http.mjs";
import { agentToken, completeAndRecord } from "./lib/inference.mjs";
import { settled } from "./lib/ui.mjs";
import { until } from "./lib/wait.mjs";
import { startWaypost } from "./lib/waypost.mjs";

/** Every kind of page. The sample workspace is in place. */
const PAGES = ["/", "/models/gateways", "/models/direct", "/models/sources", "/models/sources/new", "/models/catalog", "/agents", "/agents/new", "/agents/named/sample-support", "/preview", "/preview?agent=sample-support", "/requests", "/activity", "/settings"];

/** How a person gets from one page to the next by its links. */
const PLACES = ["Agents", "Requests", "Route preview", "Activity", "Settings", "Models"];

describe("loading the dashboard", () => {
  let waypost;
  let browser;
  let client;

  before(async () => {
    waypost = await startWaypost();
    client = await Client.signIn(waypost);
    await client.call("POST", "/sample", {});
    await completeAndRecord(waypost, client, await agentToken(client, "sample-writer"), "sample-gateway/echo-small");
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
  });

  /** A browser that has been here before: it has a session and an empty cache. */
  async function visitor({ signedIn = true, ...options } = {}) {
    const { page, context, record } = await openPage(browser, options);
    if (signedIn) {
      await context.addCookies([{ ...client.cookie, url: waypost.url }]);
      await page.addInitScript(() => localStorage.setItem("waypost.signed-in", "1"));
    }
    // With an open stream the network is never idle, and one that fails is opened again.
    await page.addInitScript(() => {
      window.EventSource = class extends EventTarget {
        static CLOSED = 2;
        readyState = 0;
        constructor(url) {
          super();
          window.streamOpened(String(url));
        }
        close() {
          this.readyState = 2;
        }
      };
    });
    const requests = [];
    await page.exposeFunction("streamOpened", (url) => requests.push(url));
    page.on("request", (request) => {
      const { pathname, search, protocol } = new URL(request.url());
      if (protocol === "http:") requests.push(pathname + search);
    });
    return { page, context, record, requests };
  }

  /** The requests of a page that has everything it asks for. */
  async function everything(page, requests) {
    await settled(page);
    await page.waitForLoadState("networkidle");
    const api = requests.filter((path) => path.startsWith("/api/"));
    return { api, files: requests.filter((path) => !path.startsWith("/api/")) };
  }

  for (const address of PAGES) {
    it(`the first visit to ${address} makes few requests, and none twice`, async () => {
      const { page, context, requests, record } = await visitor();
      await page.goto(waypost.url + address);
      const { api, files } = await everything(page, requests);
      assert.ok(files.length <= 6, `${files.length} files: ${files}`);
      assert.ok(api.length <= 4, `${api.length} API requests: ${api}`);
      assert.equal(new Set(requests).size, requests.length, `${requests}`);
      assert.deepEqual(await page.evaluate(() => Object.keys(window.waypostStart.early ?? {})), [], "asked for in vain");
      assert.deepEqual(record.errors, []);
      await context.close();
    });
  }

  it("a later page asks for three more things at most", async () => {
    for (const first of PLACES) {
      const { page, context, requests } = await visitor();
      const has = (path) => requests.some((request) => request.startsWith(`/api/v1/${path}`));
      await page.goto(`${waypost.url}/models/gateways`);
      await everything(page, requests);
      // They come once the page is at rest.
      await until("the first page's traffic and the snapshot", () => has("traffic") && has("snapshot"));
      const counted = new Set(["Models"]);
      for (const place of [first, ...PLACES]) {
        requests.length = 0;
        await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: place }).click();
        await everything(page, requests);
        if (place === "Agents" && !counted.has(place)) {
          counted.add(place);
          await until("the traffic of the agents", () => has("traffic"));
        }
        assert.ok(requests.length <= 3, `${place}: ${requests}`);
        assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), place);
      }
      await context.close();
    }
  });

  it("an agent that was added elsewhere has its route on a later page", async () => {
    const { page, context, requests } = await visitor();
    await page.goto(`${waypost.url}/models/gateways`);
    const read = () => requests.filter((path) => path === "/api/v1/snapshot").length;
    await until("the snapshot", () => read() > 0);
    await everything(page, requests);
    await client.call("POST", "/agents", { yaml: "name: late\nmodel: { primary: sample-gateway/echo-small }\n" });
    try {
      const before = read();
      await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Agents" }).click();
      await page.getByRole("link", { name: "late", exact: true }).waitFor();
      await until("the snapshot with the agent", () => read() > before);
      await page.getByRole("link", { name: "late", exact: true }).click();
      await page.getByRole("link", { name: "Preview", exact: true }).click();
      await page.getByRole("heading", { name: "Why" }).waitFor();
    } finally {
      await client.call("DELETE", "/agents/late");
      await context.close();
    }
  });

  it("the modules of a page and its first answers are asked for beside the main module", async () => {
    const document = (await send(`${waypost.url}/agents`)).body.toString();
    const { modules } = tablesOf(document);
    const { page, context, requests } = await visitor();
    // Nothing runs that the main module would start.
    await page.route(/\/waypost-[0-9a-f]+\.wasm$/, (route) => route.abort());
    await page.goto(`${waypost.url}/agents`);
    const wanted = [...modules.agents, "/api/v1/workspace", "/api/v1/snapshot"];
    await until(`requests for ${wanted}`, () => wanted.every((path) => requests.includes(path)));
    await context.close();
  });

  /** Where the parts of the frame are that stay. */
  const frame = (page) =>
    page.evaluate(() => {
      const box = (selector) => {
        const { x, y, height } = document.querySelector(selector).getBoundingClientRect();
        // On a narrow screen the places share the width, and what needs attention is not known yet.
        const across = selector.startsWith(".places") && innerWidth < 700 ? 0 : x;
        return [across, y, height].map((number) => Math.round(number));
      };
      const places = [...document.querySelectorAll(".place-label")].map((place) => place.textContent.trim());
      const selectors = [".brand", ".places a", ".places li:last-child a", ".top", ".stage > main h1"];
      return { places, boxes: Object.fromEntries(selectors.map((selector) => [selector, box(selector)])) };
    });

  for (const width of [1280, 390]) {
    for (const colorScheme of ["light", "dark"]) {
      it(`the static shell looks like the page, ${width} px wide, ${colorScheme}`, async () => {
        for (const address of ["/models/gateways", "/preview", "/agents/new", "/settings"]) {
          const { page, context } = await visitor({ width, colorScheme });
          const colours = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
          let release;
          const held = new Promise((resolve) => (release = resolve));
          await page.route(/\/waypost-[0-9a-f]+\.wasm$/, (route) => held.then(() => route.continue()));
          await page.goto(waypost.url + address, { waitUntil: "commit" });
          await page.locator("#boot h1").waitFor();
          await page.waitForFunction(() => document.styleSheets.length > 0);
          const [before, colour] = [await frame(page), await colours()];
          release();
          await page.locator("#boot").waitFor({ state: "detached" });
          await settled(page);
          assert.deepEqual(before, await frame(page), address);
          assert.equal(colour, await colours());
          await context.close();
        }
      });
    }
  }

  it("a chosen theme is there before the dashboard is", async () => {
    const { page, context } = await visitor({ colorScheme: "light" });
    await page.addInitScript(() => localStorage.setItem("waypost.theme", "dark"));
    await page.route(/\/waypost-[0-9a-f]+\.wasm$/, (route) => route.abort());
    await page.goto(`${waypost.url}/models/gateways`);
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "dark");
    await context.close();
  });

  it("without a session the sign-in page comes, on every address, with few requests", async () => {
    for (const address of ["/", "/agents"]) {
      const { page, context, requests, record } = await visitor({ signedIn: false });
      await page.goto(waypost.url + address);
      await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
      const { api, files } = await everything(page, requests);
      assert.deepEqual(api, ["/api/v1/workspace", "/api/v1/sign-in-options"]);
      assert.ok(files.length <= 6, `${files}`);
      assert.equal(await page.locator(".shell").count(), 0);
      assert.deepEqual(record.errors, []);
      await context.close();
    }
  });

  it("a sign-in link signs in, although an earlier session ended", async () => {
    const other = await startWaypost();
    try {
      const { page, context, requests } = await visitor({ signedIn: false });
      await page.addInitScript(() => localStorage.setItem("waypost.signed-in", "1"));
      await page.goto(other.link);
      await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
      const { api } = await everything(page, requests);
      assert.deepEqual(api, ["/api/v1/session", "/api/v1/workspace"]);
      await context.close();
    } finally {
      await other.stop();
    }
  });
});
