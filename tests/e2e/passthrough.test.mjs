// An agent whose root and subagent pass the same model string through to two LiteLLM proxies: what
// is previewed of each is exactly what its own proxy answers, with its own key.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { LITELLM_MODELS, sharedLiteLLM, startLiteLLM } from "./lib/litellm.mjs";
import { assertNowhere } from "./lib/secrecy.mjs";
import { fromMenu, previewedRequest, row, sendPreviewed } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const DOCUMENT = `name: customer-bot
model: { primary: customer-alias, passthrough: true, source: root-proxy }
subagents:
  # The same string as the root's: only its scope keeps the two apart.
  analyst:
    model: { primary: customer-alias, passthrough: true, source: analyst-proxy }
  writer:
    model: { primary: anthropic/claude-sonnet-4, passthrough: true, source: analyst-proxy }
`;

describe("passthrough agents on two real upstreams", () => {
  let proxies;
  let waypost;
  let browser;
  let client;
  let page;
  let record;

  before(async () => {
    const [root, analyst] = await Promise.all([sharedLiteLLM(), startLiteLLM()]);
    proxies = { root, analyst };
    waypost = await startWaypost();
    browser = await startBrowser();
    const opened = await openPage(browser);
    ({ page, record } = opened);
    await signIn(page, waypost.link);
    const [cookie] = await opened.context.cookies(waypost.url);
    client = new Client(waypost.url, `${cookie.name}=${cookie.value}`);
    const source = (slug, { url, key }) =>
      client.call("POST", "/sources", { name: slug, slug, base_url: `${url}/v1`, auth_value: key, allow_private: true, passthrough: true });
    await source("root-proxy", root);
    await source("analyst-proxy", analyst);
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await proxies?.analyst.stop();
    await proxies?.root.stop();
  });

  /** What the control plane says, written as the page shows it. */
  async function askedOfTheApi(subagent) {
    const { route } = await client.call("POST", "/route", { agent: "customer-bot", ...(subagent && { subagent }) });
    const headers = Object.fromEntries(route.headers.map(({ name, value }) => [name, value.replace("{{secret:", "{{")]));
    return { method: route.method, url: route.url, headers, model: route.wire_model };
  }

  /** The request of the page is that of the API, goes to the proxy and is answered by it alone. */
  async function assertAnswered(subagent, proxy, other, slug, model) {
    const request = await previewedRequest(page);
    const { "content-type": type, ...headers } = request.headers;
    assert.deepEqual(headers, { authorization: `Bearer {{sources/${slug}/auth-value}}` });
    assert.deepEqual(request, await askedOfTheApi(subagent));
    assert.equal(type, "application/json");
    assert.equal(request.url, `${proxy.url}/v1/chat/completions`);
    assert.equal(request.model, model);
    const answer = await sendPreviewed(request, proxy.key);
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.text.includes(LITELLM_MODELS[model]), answer.text);
    const refused = await sendPreviewed(request, other.key);
    assert.notEqual(refused.status, 200, "the other proxy's key opens nothing here");
  }

  it("is written in the editor, and the list shows both places", async () => {
    await page.goto(`${waypost.url}/agents/new`);
    await page.getByRole("textbox", { name: "Document" }).fill(DOCUMENT);
    await page.getByRole("button", { name: "Add agent" }).click();
    const group = page.getByRole("region", { name: "Agents to root-proxy, passthrough" });
    await group.getByRole("button", { name: "2 subagents of customer-bot" }).click();
    await row(page, "analyst").getByText("analyst-proxy", { exact: true }).waitFor();
  });

  it("previews the root's request, which its own proxy answers", async () => {
    await fromMenu(page, "customer-bot", "Preview");
    await page.getByRole("heading", { level: 1, name: "Route preview" }).waitFor();
    await assertAnswered(undefined, proxies.root, proxies.analyst, "root-proxy", "customer-alias");
  });

  for (const [alias, model] of [["analyst", "customer-alias"], ["writer", "anthropic/claude-sonnet-4"]]) {
    it(`previews the request of the subagent ${alias}, which the other proxy answers`, async () => {
      await page.goto(`${waypost.url}/agents`);
      await page.getByRole("button", { name: "2 subagents of customer-bot" }).click();
      await page.getByRole("link", { name: `Preview ${alias} of customer-bot` }).click();
      await page.getByRole("heading", { level: 1, name: "Route preview" }).waitFor();
      await assertAnswered(alias, proxies.analyst, proxies.root, "analyst-proxy", model);
    });
  }

  it("keeps both keys out of the database, the log and every answer", async () => {
    await assertNowhere(proxies.root.key, { waypost, record });
    await assertNowhere(proxies.analyst.key, { waypost, record });
  });

  it("has no errors in the browser", () => {
    assert.deepEqual(record.errors, []);
  });
});
