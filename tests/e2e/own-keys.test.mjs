// An agent's own gateway key: entered on its page, shown in Route preview, used instead of the shared
// one, removed and restored. And what else an agent's page says about where its requests go.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { announcement, dialog, row } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const AGENT = "name: support-bot\nmodel: { primary: litellm/openai/gpt-4o, fallback: openrouter/a/b }\n";
const KEY = "sk-virtual-0123456789";

describe("an agent's own gateway keys", () => {
  let waypost;
  let client;
  let browser;
  let page;
  let record;

  before(async () => {
    waypost = await startWaypost({ LITELLM_MASTER_KEY: "sk-shared-0123456789", OPENROUTER_API_KEY: "sk-or-0123456789" });
    browser = await startBrowser();
    let context;
    ({ page, context, record } = await openPage(browser));
    await signIn(page, waypost.link);
    const [cookie] = await context.cookies(waypost.url);
    client = new Client(waypost.url, `${cookie.name}=${cookie.value}`);
    await client.call("POST", "/agents", { yaml: AGENT });
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
  });

  const keys = () => page.getByRole("region", { name: "Own gateway keys" });
  const open = () => page.goto(`${waypost.url}/agents/named/support-bot`);
  const ladder = () => page.getByRole("list", { name: "Where Waypost looks for the credential" }).first();

  it("is entered on the agent's page, with the impact, and never shown", async () => {
    await open();
    await keys().getByText("No own keys").waitFor();
    await keys().getByRole("button", { name: "Add key" }).click();
    await dialog(page).getByLabel("Gateway").selectOption("litellm");
    await dialog(page).getByLabel("API key", { exact: true }).fill(KEY);
    await dialog(page).getByText("http://localhost:4000").first().waitFor();
    await dialog(page).getByText("support-bot", { exact: true }).waitFor();
    await dialog(page).getByRole("button", { name: /^Save key/ }).click();
    await dialog(page).waitFor({ state: "detached" });
    await row(page, "litellm").getByText("Configured").waitFor();
    await row(page, "litellm").getByText("••••6789").waitFor();
    assert.ok(!(await page.content()).includes(KEY));
    assert.ok(!JSON.stringify(await client.call("GET", "/snapshot")).includes(KEY));
  });

  it("comes first in the credential ladder of Route preview", async () => {
    await page.goto(`${waypost.url}/preview?agent=support-bot`);
    const first = ladder().getByRole("listitem").first();
    await first.getByText(/the agent's own key: used for http:\/\/localhost:4000/).waitFor();
    const route = await client.call("POST", "/route", { agent: "support-bot" });
    const chosen = route.route.credential.candidates.find((place) => place.chosen);
    assert.match(chosen.from, /^secret:agents\/[a-z0-9]{16}\/litellm\/api-key$/);
    const other = await client.call("POST", "/route", { ref: "litellm/openai/gpt-4o" });
    assert.equal(other.route.credential.from, "env:LITELLM_MASTER_KEY");
  });

  it("shows which headers of the caller pass, and when the fallback is used", async () => {
    await page.getByRole("list", { name: "Headers passed on" }).first().getByText("anthropic-version").waitFor();
    const fallback = page.getByRole("region", { name: "Fallback" });
    await fallback.getByText(/answers with status 429, 500, 502, 503, 504 or 529\./).waitFor();
  });

  it("is removed after a confirmation, and restored", async () => {
    await open();
    await row(page, "litellm").getByRole("button", { name: "Remove the key for litellm" }).click();
    await dialog(page).getByText("then use the shared key").waitFor();
    await dialog(page).getByRole("button", { name: /^Remove key/ }).click();
    await keys().getByText("No own keys").waitFor();
    await page.getByRole("button", { name: /Undo/ }).first().click();
    await row(page, "litellm").getByText("Configured").waitFor();
    await announcement(page).filter({ hasText: "Restored the key of the agent support-bot." }).waitFor();
  });

  it("leaves the document to be saved on the same page", async () => {
    const text = page.getByRole("textbox", { name: "Document" });
    await row(page, "litellm").getByRole("button", { name: "Replace the key for litellm" }).click();
    await dialog(page).getByLabel("API key", { exact: true }).fill("sk-virtual-9876543210");
    await dialog(page).getByRole("button", { name: /^Save key/ }).click();
    await row(page, "litellm").getByText("••••3210").waitFor();
    await text.fill(`${AGENT}# saved after the key\n`);
    await page.getByRole("button", { name: "Save changes", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
    const stored = await client.call("GET", "/agents/support-bot");
    assert.ok(stored.yaml.includes("# saved after the key"));
    assert.equal(stored.keys.length, 1);
  });

  it("asks before an address of the agent's own in a private network is called", async () => {
    await open();
    const text = page.getByRole("textbox", { name: "Document" });
    await text.fill("name: support-bot\nmodel: { primary: m, passthrough: true, base_url: 'http://10.0.0.8:4000/v1' }\n");
    await page.getByText("Waypost does not forward to it until an administrator allows it").first().waitFor();
    await page.getByRole("switch", { name: "Allow calls to http://10.0.0.8:4000" }).click();
    await page.getByText("Waypost does not forward to it").first().waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Save changes", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
    const stored = await client.call("GET", "/agents/support-bot");
    assert.deepEqual(stored.allow_private, ["http://10.0.0.8:4000"]);
  });

  it("made no error on the way", () => assert.deepEqual(record.errors, []));
});
