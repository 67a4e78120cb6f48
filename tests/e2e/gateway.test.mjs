// The main job: a gateway's key, its models and the request that a model ref becomes, against a
// real LiteLLM proxy.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { LITELLM_MODELS, startLiteLLM } from "./lib/litellm.mjs";
import { assertNowhere } from "./lib/secrecy.mjs";
import { announcement, askPalette, colour, dialog, fromMenu, openTab, previewedRequest, palette, row, rowButton, runCopiedCommand, sendPreviewed } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("a gateway, from no key to an answered request", () => {
  let litellm;
  let waypost;
  let browser;
  let page;
  let record;
  const wrong = `sk-wrong-${crypto.randomUUID()}`;
  const key = () => dialog(page).getByRole("textbox", { name: "API key" });

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

  it("signs in with the printed link, which works once", async () => {
    await signIn(page, waypost.link);
    assert.equal(new URL(page.url()).hash, "", "the token leaves the address");
    await row(page, "litellm").getByText("gateway", { exact: true }).waitFor();
    await row(page, "litellm").getByText("Not configured", { exact: true }).waitFor();

    const other = await openPage(browser);
    await other.page.goto(waypost.link);
    await other.page.getByRole("heading", { name: "This link has expired or was already used" }).waitFor();
    await other.context.close();
  });

  it("does not save a wrong key, says why, and keeps the state as it was", async () => {
    await rowButton(page, "litellm", "Configure").click();
    await key().fill(wrong);
    await dialog(page).getByRole("button", { name: "Test" }).click();
    await dialog(page).getByText(/^Key refused/).waitFor();
    assert.equal(await dialog(page).getByRole("button", { name: "Save anyway" }).count(), 0, "a test saves nothing");
    await dialog(page).getByRole("button", { name: "Save key", exact: true }).click();
    await dialog(page).getByText("Nothing was saved.", { exact: true }).waitFor();
    await dialog(page).getByRole("button", { name: "Save anyway" }).waitFor();
    assert.equal(await key().inputValue(), wrong, "what was typed stays");
    await dialog(page).getByRole("button", { name: "Cancel" }).click();
    await dialog(page).waitFor({ state: "detached" });
    await row(page, "litellm").getByText("Not configured", { exact: true }).waitFor();
    const focused = page.locator(":focus");
    assert.equal(await focused.getAttribute("aria-label"), "Configure litellm", "the focus is back on its opener");
  });

  it("names the field for a key that cannot be sent, and loses nothing", async () => {
    await rowButton(page, "litellm", "Configure").click();
    await dialog(page).getByRole("button", { name: "Save" }).click();
    await dialog(page).getByRole("paragraph").filter({ hasText: "Enter a key first." }).waitFor();
    assert.equal(await key().getAttribute("aria-invalid"), "true");
    await key().fill("sk-with\ttab");
    await dialog(page).getByRole("button", { name: "Save" }).click();
    await page.locator("[aria-invalid=true]").waitFor();
    assert.equal(await key().inputValue(), "sk-with\ttab");
  });

  it("asks before Escape discards what is typed, and keeps it", async () => {
    const question = page.getByRole("alertdialog", { name: "Discard what you entered?" });
    await key().focus();
    for (const leave of ["Escape", "Enter"]) {
      await page.keyboard.press("Escape");
      await question.waitFor();
      await page.waitForFunction(() => document.activeElement?.closest("[role=alertdialog]"));
      await page.keyboard.press(leave);
      await question.waitFor({ state: "detached" });
      assert.equal(await key().inputValue(), "sk-with\ttab");
      assert.ok(await key().evaluate((field) => field === document.activeElement), "the focus is back in the field");
    }
    await page.keyboard.press("Escape");
    await question.getByRole("button", { name: "Discard changes" }).click();
    await dialog(page).waitFor({ state: "detached" });
    await row(page, "litellm").getByText("Not configured", { exact: true }).waitFor();
  });

  it("turns the badge green for the right key, without a reload, and announces it", async () => {
    await page.evaluate(() => (globalThis.notReloaded = true));
    await rowButton(page, "litellm", "Configure").click();
    await key().fill(`  ${litellm.key} `);
    await dialog(page).getByRole("button", { name: "Test" }).click();
    await dialog(page).getByText("Models listed", { exact: true }).waitFor();
    await dialog(page).getByRole("button", { name: "Save" }).click();
    await dialog(page).waitFor({ state: "detached" });
    await row(page, "litellm").getByText(/^Verified /).waitFor();
    const badge = row(page, "litellm").getByText("Configured", { exact: true });
    await badge.waitFor();
    await page.getByRole("region", { name: "Notices" }).getByText("litellm: Configured.").waitFor();
    assert.equal(await page.evaluate(() => globalThis.notReloaded), true);
    const [red, green, blue] = await colour(badge);
    assert.ok(green > red && green > blue, `green, not rgb(${red} ${green} ${blue})`);
  });

  it("adds the proxy's models after saving", async () => {
    const report = page.getByRole("region", { name: "Refresh of litellm" });
    await report.getByText("3 added", { exact: true }).waitFor();
    for (const model of Object.keys(LITELLM_MODELS)) {
      await report.getByText(model, { exact: true }).waitFor();
    }
    await openTab(page, "Catalog");
    for (const model of Object.keys(LITELLM_MODELS)) {
      await page.getByText(`litellm/${model}`, { exact: true }).waitFor();
    }
  });

  it("shows URL and wire model of a ref typed in the ref box, and the proxy answers that very request", async () => {
    await askPalette(page, "litellm/openai/gpt-4o");
    await palette(page).getByText(`${litellm.url}/chat/completions`, { exact: true }).waitFor();
    await palette(page).locator("dd").getByText("openai/gpt-4o", { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Route preview" }).waitFor();
    const request = await previewedRequest(page);
    assert.equal(request.method, "POST");
    assert.equal(request.url, `${litellm.url}/chat/completions`);
    assert.equal(request.model, "openai/gpt-4o");
    assert.equal(request.headers.authorization, "Bearer {{litellm/api-key}}");
    const answer = await sendPreviewed(request, litellm.key);
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.text.includes(LITELLM_MODELS["openai/gpt-4o"]), answer.text);
  });

  it("copies that request as a command that the proxy answers, too", async () => {
    await page.getByRole("button", { name: "Copy as curl" }).click();
    await announcement(page).filter({ hasText: "Copied as curl." }).waitFor();
    const answer = await runCopiedCommand(page, litellm.key);
    assert.ok(answer.includes(LITELLM_MODELS["openai/gpt-4o"]), answer);
  });

  it("previews Anthropic Messages, and the proxy answers that request as well", async () => {
    await page.goto(`${waypost.url}/preview?ref=litellm/anthropic/claude-sonnet-4&operation=messages`);
    const request = await previewedRequest(page);
    assert.equal(request.url, `${litellm.url}/v1/messages`);
    assert.equal(request.model, "anthropic/claude-sonnet-4");
    const answer = await sendPreviewed(request, litellm.key);
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.text.includes(LITELLM_MODELS["anthropic/claude-sonnet-4"]), answer.text);
  });

  it("sends what no rule takes to the managed gateway, which answers", async () => {
    await page.goto(`${waypost.url}/preview?ref=customer-alias`);
    const request = await previewedRequest(page);
    assert.equal(request.url, `${litellm.url}/chat/completions`);
    assert.equal(request.model, "customer-alias");
    const answer = await sendPreviewed(request, litellm.key);
    assert.ok(answer.text.includes(LITELLM_MODELS["customer-alias"]), answer.text);
  });

  it("records connect_failed for a stopped proxy and keeps every model", async () => {
    await litellm.stop();
    await page.goto(`${waypost.url}/models/gateways`);
    await rowButton(page, "litellm", "Refresh").click();
    await row(page, "litellm").getByText("Connection failed", { exact: true }).waitFor();
    await page.reload();
    await row(page, "litellm").getByText("Connection failed", { exact: true }).waitFor();
    const codes = (await record.all()).filter(({ url }) => url.endsWith("/api/v1/providers"));
    assert.ok(codes.some(({ text }) => text.includes('"connect_failed"')));
    const why = row(page, "litellm").getByText(/Nothing listens at/);
    await why.waitFor({ state: "hidden" });
    await row(page, "litellm").getByText("Connection failed", { exact: true }).press("Enter");
    await why.waitFor();
    await fromMenu(page, "litellm", "Test");
    await row(page, "litellm").getByText("test: Connection failed", { exact: true }).waitFor();
    await openTab(page, "Catalog");
    for (const model of Object.keys(LITELLM_MODELS)) {
      await page.getByText(`litellm/${model}`, { exact: true }).waitFor();
    }
  });

  it("forgets the key when it is removed, and says so", async () => {
    await page.goto(`${waypost.url}/models/gateways`);
    await fromMenu(page, "litellm", "Remove key");
    await page.getByRole("dialog", { name: "Remove the key of litellm?" }).getByRole("button", { name: "Remove key" }).click();
    await row(page, "litellm").getByText("Not configured", { exact: true }).waitFor();
    await announcement(page).filter({ hasText: "Removed the key of litellm." }).waitFor();
  });

  it("keeps every key out of the database, the log and every answer", async () => {
    await assertNowhere(litellm.key, { waypost, record });
    await assertNowhere(wrong, { waypost, record });
  });

  it("has no errors in the browser", () => {
    assert.deepEqual(record.errors, []);
  });
});
