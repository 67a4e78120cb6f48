// Custom sources against a real LiteLLM proxy, and against sockets that only listen.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { LITELLM_MODELS, sharedLiteLLM } from "./lib/litellm.mjs";
import { assertNowhere } from "./lib/secrecy.mjs";
import { startRecorder } from "./lib/sockets.mjs";
import { askPalette, fillSource, fromMenu, openTab, previewedRequest, palette, row, rowButton, sendPreviewed } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("custom sources", () => {
  let litellm;
  let waypost;
  let browser;
  let page;
  let record;

  before(async () => {
    litellm = await sharedLiteLLM();
    waypost = await startWaypost();
    browser = await startBrowser();
    ({ page, record } = await openPage(browser));
    await signIn(page, waypost.link);
    await openTab(page, "Custom sources");
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await litellm?.stop();
  });

  const add = () => page.getByRole("link", { name: "Add custom source" }).first().click();
  const invalid = (label) => page.locator("[aria-invalid=true]").and(page.getByRole("textbox", { name: new RegExp(`^${label}`) }));
  const list = () => page.goto(`${waypost.url}/models/sources`);

  /** The previewed request of a ref to the source is answered by the proxy. */
  async function assertAnswered(slug, header) {
    await askPalette(page, `${slug}/customer-alias`);
    await palette(page).getByText(`${litellm.url}/v1/chat/completions`, { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Route preview" }).waitFor();
    const request = await previewedRequest(page);
    assert.equal(request.model, "customer-alias");
    assert.ok(header in request.headers, JSON.stringify(request));
    const answer = await sendPreviewed(request, litellm.key);
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.text.includes(LITELLM_MODELS["customer-alias"]), answer.text);
  }

  it("shows the URLs and the header while you type, and never a key", async () => {
    await add();
    await fillSource(page, { name: "By header", baseUrl: `${litellm.url}/v1`, authHeader: "x-api-key", authValue: litellm.key });
    const sent = page.getByRole("complementary", { name: "Requests and last refresh" });
    for (const address of ["/models", "/chat/completions", "/messages"]) {
      await sent.getByText(`${litellm.url}/v1${address}`).first().waitFor();
    }
    await sent.getByText("x-api-key").first().waitFor();
    assert.ok(!(await sent.textContent()).includes(litellm.key));
  });

  it("asks before it calls a loopback address, and tests before saving", async () => {
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByText("Address not allowed", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Allow this private address" }).click();
    assert.ok(await page.getByRole("switch", { name: /^Allow calls to/ }).isChecked());
    assert.ok(await page.getByRole("switch", { name: "Passthrough" }).isChecked(), "on for an address in a private network");
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByText("Models listed", { exact: true }).waitFor();
    assert.equal(await page.getByRole("textbox", { name: "Auth value" }).inputValue(), litellm.key, "nothing typed is lost");
  });

  it("works with the key in x-api-key", async () => {
    await fillSource(page, { passthrough: true });
    await page.getByRole("button", { name: "Add source" }).click();
    await row(page, "By header").getByText("Configured", { exact: true }).waitFor();
    await page.getByRole("region", { name: "Refresh of By header" }).getByText("3 added", { exact: true }).waitFor();
    await assertAnswered("by-header", "x-api-key");
  });

  it("works with Bearer", async () => {
    await list();
    await add();
    await fillSource(page, { name: "By bearer", baseUrl: `${litellm.url}/v1/`, authValue: litellm.key, allow: true, passthrough: true });
    await page.getByRole("button", { name: "Add source" }).click();
    await page.getByRole("region", { name: "Refresh of By bearer" }).getByText("3 added", { exact: true }).waitFor();
    await assertAnswered("by-bearer", "authorization");
  });

  it("names the invalid field and keeps the input", async () => {
    await list();
    await add();
    await fillSource(page, { name: "By bearer", baseUrl: "gateway.example/v1", authValue: "sk-typed" });
    await page.getByRole("button", { name: "Add source" }).click();
    const url = page.getByRole("textbox", { name: "Base URL" });
    await invalid("Base URL").waitFor();
    assert.equal(await page.getByRole("textbox", { name: "Auth value" }).inputValue(), "sk-typed");
    await url.fill("https://gateway.example/v1/chat/completions");
    await page.getByRole("button", { name: "Use https://gateway.example/v1", exact: true }).click();
    assert.equal(await url.inputValue(), "https://gateway.example/v1");
    await fillSource(page, { name: "  " });
    await page.getByRole("button", { name: "Add source" }).click();
    await invalid("Name").waitFor();
    assert.equal(await url.inputValue(), "https://gateway.example/v1");
    await page.getByRole("link", { name: "Cancel" }).click();
    await page.getByRole("dialog", { name: "Leave without saving?" }).getByRole("button", { name: "Leave" }).click();
  });

  it("sends nothing to a new host before the key is entered again", async () => {
    const recorder = await startRecorder();
    try {
      await list();
      await page.getByRole("link", { name: "Configure By header" }).click();
      await fillSource(page, { baseUrl: `${recorder.url}/v1` });
      await page.getByText("the stored key is not sent there").waitFor();
      await page.getByRole("button", { name: "Save" }).click();
      await row(page, "By header").getByText(recorder.url).first().waitFor();
      assert.equal(await row(page, "By header").getByText("Configured", { exact: true }).count(), 0, "the key is not kept");
      await page.getByRole("region", { name: "Refresh of By header" }).getByText("Address not allowed", { exact: true }).waitFor();
      assert.deepEqual(recorder.connections, [], "the new origin is not granted, so that the refresh after saving sends nothing");
    } finally {
      await recorder.stop();
    }
  });

  it("keeps the models of a source that cannot be refreshed", async () => {
    await openTab(page, "Catalog");
    await page.getByText("by-header/customer-alias", { exact: true }).waitFor();
  });

  it("deletes a source after asking, and its models with it", async () => {
    await list();
    await fromMenu(page, "By header", "Delete");
    const question = page.getByRole("dialog", { name: "Delete By header?" });
    await question.getByText(/its 3 models/).waitFor();
    await question.getByRole("button", { name: "Delete" }).click();
    await row(page, "By header").waitFor({ state: "detached" });
    await row(page, "By bearer").waitFor();
  });

  it("keeps the key out of the database, the log and every answer", async () => {
    await assertNowhere(litellm.key, { waypost, record });
  });

  it("has no errors in the browser", () => {
    assert.deepEqual(record.errors, []);
  });
});
