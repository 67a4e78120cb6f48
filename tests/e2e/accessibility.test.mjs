// axe-core finds nothing to object to: every page and dialog, light and dark, wide and narrow, with
// the sample workspace, a providers file with errors, and models of every kind in it.

import { mkdir, writeFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { assertAccessible } from "./lib/accessibility.mjs";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { agentToken, complete, completeAndRecord } from "./lib/inference.mjs";
import { startUpstream } from "./lib/sockets.mjs";
import { askPalette, dialog, fromMenu, noHorizontalScroll, settled } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const PROVIDERS_FILE = `version: 1
providers:
  edge:
    type: gateway
    base_url: nowhere
    api_key_env: EDGE_KEY
  proxy:
    type: gateway
    base_url: https://gw.internal.example/v1
    api_key_env: PROXY_KEY
`;

const FAULTY = `name: bot
model:
  primary: 7
  colour: green
gateways:
  litelm: { url: https://gateway.example/v1 }
`;

/** Opens the import with a document that adds, one that replaces and one that is wrong. */
async function importDocuments(page) {
  await page.getByRole("button", { name: "Import", exact: true }).click();
  const file = (name, text) => ({ name, mimeType: "text/yaml", buffer: Buffer.from(text) });
  await dialog(page).getByLabel("Files").setInputFiles([
    file("fresh.yaml", "name: fresh\n"),
    file("sample.yaml", "name: sample-writer\n"),
    file("faulty.yaml", FAULTY),
  ]);
  await dialog(page).getByText("faulty.yaml").waitFor();
}

/** An agent whose root and fallback are routed, and a subagent whose source does not exist. */
const AGENT = `name: bot
model: { primary: up/model-a, fallback: gpt-4o }
expect: { wire_model: other }
subagents:
  lost: { model: { primary: x, passthrough: true, source: gone } }
`;

/** Pastes refs of which one is malformed and one is probably mistyped. */
async function pasteMany(page) {
  await page.getByRole("textbox", { name: "Model refs" }).fill("up/model-a\nup//b\nlitelm/x\n");
  await page.getByText(/^\d routed, \d without a route$/).first().waitFor();
}

/** Each page, with what is done on it before it is looked at. */
const PAGES = [
  ["/models/gateways", "Gateways"],
  ["/models/gateways", "Gateways, Configure open", (page) => page.getByRole("button", { name: "Configure litellm" }).click()],
  ["/models/gateways", "Gateways, Add gateway open", (page) => page.getByRole("button", { name: "Add gateway" }).click()],
  ["/models/gateways", "Gateways, a report open", (page) => fromMenu(page, "up", "Test")],
  ["/models/gateways", "Gateways, a menu open", (page) => page.getByRole("button", { name: "More actions for up" }).click()],
  ["/models/gateways", "Gateways, a definition open", (page) => page.getByRole("button", { name: "managed", exact: true }).click()],
  ["/models/gateways", "Gateways, the palette with a route", (page) => askPalette(page, "up/model-b")],
  ["/models/gateways", "Gateways, the palette with an error", (page) => askPalette(page, "up//b")],
  ["/models/sources", "Custom sources"],
  ["/models/sources/new", "Add a custom source"],
  ["/models/sources/new", "Add a custom source, errors shown", (page) => page.getByRole("button", { name: "Add source" }).click()],
  ["/models/direct", "Direct providers"],
  ["/models/catalog", "Catalog"],
  ["/models/catalog?q=nothing-like-it", "Catalog, nothing found"],
  ["/agents", "Agents"],
  ["/agents", "Agents, subagents open", (page) => page.getByRole("button", { name: "2 subagents of sample-support" }).click()],
  ["/agents", "Agents, nothing found", (page) => page.getByRole("searchbox", { name: "Search agents" }).fill("nothing like it")],
  ["/agents", "Agents, Delete open", (page) => fromMenu(page, "sample-support", "Delete…")],
  ["/agents", "Agents, Import open with documents of every kind", importDocuments],
  ["/agents/new", "Add agent"],
  ["/agents/new", "Add agent, errors and warnings beside their lines", (page) => page.getByRole("textbox", { name: "Document" }).fill(FAULTY)],
  ["/agents/named/sample-support", "An agent with its routes"],
  ["/agents/named/missing", "No such agent"],
  ["/preview", "Route preview, empty"],
  ["/preview?ref=up/model-a", "Route preview, a gateway"],
  ["/preview?ref=groq/llama", "Route preview, no key"],
  ["/preview?ref=edge/x", "Route preview, a blocked name"],
  ["/preview?ref=openrouter/a//b", "Route preview, no ref"],
  ["/preview?ref=gpt-4o&operation=messages", "Route preview, managed"],
  ["/preview?mode=agent", "Route preview, no agent chosen"],
  ["/preview?agent=bot", "Route preview, an agent"],
  ["/preview?agent=bot&subagent=lost", "Route preview, a subagent without a route"],
  ["/preview?agent=missing", "Route preview, no such agent"],
  ["/preview?mode=many", "Route preview, nothing pasted"],
  ["/preview?mode=many", "Route preview, many refs", pasteMany],
  ["/settings", "Settings"],
  ["/settings", "Settings, Create token open", (page) => page.getByRole("button", { name: "Create token" }).click()],
  ["/requests", "Requests"],
  ["/requests", "Requests, one of them open", (page) => page.locator("[data-request]").first().getByRole("link").click()],
  ["/requests?q=nothing-like-it", "Requests, nothing found"],
  ["/requests", "Requests, Delete records open", (page) => page.getByRole("button", { name: "Delete records…" }).click()],
  ["/requests/none", "No such request"],
  ["/activity", "Activity"],
  ["/nowhere/at/all", "Page not found", (page) => page.getByRole("heading", { level: 1, name: "Page not found" }).waitFor()],
];

const LOOKS = ["light", "dark"].flatMap((colorScheme) => [1280, 390].map((width) => ({ colorScheme, width })));

describe("accessibility", () => {
  let upstream;
  let waypost;
  let browser;
  let client;

  before(async () => {
    upstream = await startUpstream({ models: ["model-a", "model-b", "model-c"] });
    waypost = await startWaypost({ UP_BASE_URL: upstream.url, GROQ_API_KEY: "from-the-environment" });
    await mkdir(`${waypost.home}/.waypost`, { recursive: true });
    await writeFile(`${waypost.home}/.waypost/providers.local.yaml`, PROVIDERS_FILE);
    await waypost.halt();
    await waypost.start();
    client = await Client.signIn(waypost);
    await client.call("POST", "/sample", {});
    await client.call("POST", "/providers", { name: "up", kind: "gateway", base_url: upstream.url, allow_private: true });
    await client.call("POST", "/providers/up/refresh", {});
    await client.call("PATCH", "/models", { refs: ["up/model-b"], enabled: false });
    await client.call("POST", "/agents", { yaml: AGENT });
    upstream.models = ["model-a", "model-b"];
    await client.call("POST", "/providers/up/refresh", {});
    const token = await agentToken(client, "sample-researcher");
    await complete(waypost, token, "gone/model");
    await completeAndRecord(waypost, client, token, "openrouter/moonshotai/kimi-k2");
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await upstream?.stop();
  });

  for (const look of LOOKS) {
    describe(`${look.colorScheme}, ${look.width} px`, () => {
      let page;
      let context;
      before(async () => {
        ({ page, context } = await openPage(browser, look));
        await context.addCookies([{ ...client.cookie, url: waypost.url }]);
      });
      after(() => context?.close());

      for (const [address, name, act] of PAGES) {
        it(name, async () => {
          await page.goto(waypost.url + address);
          // A key pressed before the dashboard runs does nothing.
          await settled(page);
          await act?.(page);
          await settled(page);
          await assertAccessible(page, `${name}, ${look.colorScheme}, ${look.width} px`);
          if ((await dialog(page).count()) === 0) await noHorizontalScroll(page);
        });
      }

      it("Sign-in", async () => {
        const { page, context } = await openPage(browser, look);
        await page.goto(`${waypost.url}/sign-in`);
        await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
        await assertAccessible(page, `Sign-in, ${look.colorScheme}, ${look.width} px`);
        await context.close();
      });
    });
  }
});
