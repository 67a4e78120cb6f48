// The main job: a gateway's key, its models and the request that a model ref becomes, against a
// real LiteLLM proxy.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { LITELLM_MODELS, startLiteLLM } from "./lib/litellm.mjs";
import { assertNowhere } from "./lib/secrecy.mjs";
import { announcement, askRefBox, dialog, openTab, previewedRequest, refBox, row, rowButton, sendPreviewed } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("a gateway, from no key to an answered request", () => {
  let litellm;
  let waypost;
  let browser;
  let page;
  let record;
  const wrong = "sk-wrong-0000000000000000";

  before(async () => {
    litellm = await startLiteLLM();
    waypost = await startWaypost({ LITELLM_BASE_URL: litellm.url });
    browser = await startBrowser();
    ({ page, record } = await openPage(browser));
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await litellm?.stop();
  });

  it("signs in by the printed link, which works once", async () => {
    await signIn(page, waypost.link);
    assert.equal(new URL(page.url()).hash, "", "the token leaves the address");
    await row(page, "litellm").getByText("gateway", { exact: true }).waitFor();
    await row(page, "litellm").getByText("Not configured").waitFor();

    const other = await openPage(browser);
    await other.page.goto(waypost.link);
    await other.page.getByRole("heading", { name: "This link does not work any more" }).waitFor();
    await other.context.close();
  });

  it("says unauthorized for a wrong key and keeps the state as it was", async () => {
    await rowButton(page, "litellm", "Configure").click();
    await dialog(page).getByLabel("API key", { exact: false }).first().fill(wrong);
    await dialog(page).getByRole("button", { name: "Test" }).click();
    await dialog(page).getByText("Unauthorized").first().waitFor();
    assert.equal(await dialog(page).getByLabel("API key", { exact: false }).first().inputValue(), wrong, "what was typed stays");
    await dialog(page).getByRole("button", { name: "Cancel" }).click();
    await dialog(page).waitFor({ state: "detached" });
    await row(page, "litellm").getByText("Not configured").waitFor();
    assert.match(await page.evaluate(() => document.activeElement.textContent), /Configure/, "the focus is back on its opener");
  });

  it("turns the badge green for the right key, without a reload, and announces it", async () => {
    await page.evaluate(() => (globalThis.notReloaded = true));
    await rowButton(page, "litellm", "Configure").click();
    await dialog(page).getByLabel("API key", { exact: false }).first().fill(`  ${litellm.key} `);
    await dialog(page).getByRole("button", { name: "Test" }).click();
    await dialog(page).getByText(/accepted|works|ok/i).first().waitFor();
    await dialog(page).getByRole("button", { name: "Save" }).click();
    await dialog(page).waitFor({ state: "detached" });
    const badge = row(page, "litellm").getByText("Configured", { exact: true });
    await badge.waitFor();
    await announcement(page).filter({ hasText: /litellm/ }).filter({ hasText: /configured|saved|stored/i }).waitFor();
    assert.equal(await page.evaluate(() => globalThis.notReloaded), true);
    const [red, green, blue] = await badge.evaluate((element) => {
      const canvas = document.createElement("canvas").getContext("2d");
      canvas.fillStyle = getComputedStyle(element).color;
      canvas.fillRect(0, 0, 1, 1);
      return canvas.getImageData(0, 0, 1, 1).data;
    });
    assert.ok(green > red && green > blue, `green, not rgb(${red} ${green} ${blue})`);
  });

  it("adds the proxy's models on Refresh", async () => {
    await rowButton(page, "litellm", "Refresh").click();
    await row(page, "litellm").getByText("3 added").waitFor();
    await openTab(page, "Catalog");
    for (const model of Object.keys(LITELLM_MODELS)) {
      await page.getByText(`litellm/${model}`, { exact: true }).waitFor();
    }
  });

  it("shows URL and wire model of a ref typed in the ref box, and the proxy answers that request", async () => {
    await askRefBox(page, "litellm/openai/gpt-4o");
    const box = refBox(page);
    await box.getByText(`${litellm.url}/chat/completions`).waitFor();
    await box.getByText("openai/gpt-4o", { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Route preview" }).waitFor();
    const request = await previewedRequest(page);
    assert.equal(request.method, "POST");
    assert.equal(request.url, `${litellm.url}/chat/completions`);
    assert.equal(request.model, "openai/gpt-4o");
    assert.match(request.headers.authorization, /^Bearer \{\{.*litellm\/api-key\}\}$/);
    const answer = await sendPreviewed(request, litellm.key);
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.text, new RegExp(LITELLM_MODELS["openai/gpt-4o"]));
  });

  it("records connect_failed for a stopped proxy and keeps every model", async () => {
    await litellm.stop();
    await page.goto(`${waypost.url}/models/gateways`);
    await rowButton(page, "litellm", "Refresh").click();
    await row(page, "litellm").getByText(/could not connect|connection failed/i).waitFor();
    const provider = (await record.all()).filter(({ url }) => url.endsWith("/litellm/refresh")).map(({ text }) => text);
    assert.ok(provider.some((text) => text.includes('"connect_failed"')), provider.join("\n"));
    await openTab(page, "Catalog");
    for (const model of Object.keys(LITELLM_MODELS)) {
      await page.getByText(`litellm/${model}`, { exact: true }).waitFor();
    }
  });

  it("keeps both keys out of the database, the log and every answer", async () => {
    await assertNowhere(litellm.key, { waypost, record });
    await assertNowhere(wrong, { waypost, record });
  });

  it("met no error in the browser", () => {
    assert.deepEqual(record.errors, []);
  });
});
