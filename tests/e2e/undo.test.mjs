// Second thoughts: what was removed or deleted comes back within ten seconds, and what two people
// changed at once is shown to the slower one.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { assertAccessible } from "./lib/accessibility.mjs";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { sharedLiteLLM } from "./lib/litellm.mjs";
import { assertNowhere } from "./lib/secrecy.mjs";
import { announcement, dialog, fillSource, fromMenu, openTab, row, rowButton } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("conflicts and undo", () => {
  let litellm;
  let waypost;
  let browser;
  let page;
  let record;
  let context;

  before(async () => {
    litellm = await sharedLiteLLM();
    waypost = await startWaypost({ LITELLM_BASE_URL: litellm.url });
    browser = await startBrowser();
    ({ page, record, context } = await openPage(browser));
    await signIn(page, waypost.link);
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await litellm?.stop();
  });

  const notices = () => page.getByRole("region", { name: "Notices" });
  const undo = () => notices().getByRole("button", { name: "Undo" });
  const badge = (name, text) => row(page, name).getByText(text, { exact: true });
  /** Makes a change that the page does not know of, as another administrator would. */
  const meanwhile = (path, change) =>
    page.evaluate(
      ([path, change]) =>
        fetch(`/api/v1${path}`, {
          method: change.value === undefined ? "PATCH" : "PUT",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(change),
          // Reading the body ends the request, which the test waits for.
        }).then((answer) => answer.text()),
      [path, change],
    );
  const list = () => page.goto(`${waypost.url}/models/sources`);

  it("restores a removed key, which works again", async () => {
    await rowButton(page, "litellm", "Configure").click();
    await dialog(page).getByRole("textbox", { name: "API key" }).fill(litellm.key);
    await dialog(page).getByRole("button", { name: "Save" }).click();
    await badge("litellm", "Configured").waitFor();

    await rowButton(page, "litellm", "Configure").click();
    await dialog(page).getByRole("button", { name: "Remove key" }).click();
    await page.getByRole("dialog", { name: "Remove the key of litellm?" }).getByRole("button", { name: "Remove key" }).click();
    await notices().getByText("Removed the key of litellm.").waitFor();
    await announcement(page).filter({ hasText: "Press Control+Z within 10 seconds to undo" }).waitFor();
    await badge("litellm", "Not configured").waitFor();
    assert.equal(await notices().locator(":focus").count(), 0, "the focus is not stolen");
    await notices().getByText(/^[1-9]0? s$/).waitFor();

    await openTab(page, "Direct providers");
    await undo().click();
    await announcement(page).filter({ hasText: "Restored the key of litellm." }).waitFor();
    await openTab(page, "Gateways");
    await badge("litellm", "Configured").waitFor();
    await fromMenu(page, "litellm", "Test");
    await page.getByRole("region", { name: "Test of litellm" }).getByText("Models listed", { exact: true }).waitFor();
  });

  it("still offers the undo after a reload, for the rest of its time", async () => {
    await fromMenu(page, "litellm", "Remove key");
    await page.getByRole("dialog", { name: "Remove the key of litellm?" }).getByRole("button", { name: "Remove key" }).click();
    await undo().waitFor();
    await page.reload();
    await notices().getByText("Removed the key of litellm.").waitFor();
    await notices().getByText(/^[1-9] s$/).waitFor();
    const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
    assert.ok(!kept.includes(litellm.key), kept);
    await undo().click();
    await badge("litellm", "Configured").waitFor();
    await page.reload();
    await badge("litellm", "Configured").waitFor();
    assert.equal(await undo().count(), 0, "it is undone once");
  });

  it("offers the undo again if the control plane was not reached", async () => {
    await page.route("**/api/v1/undo/*", (route) => route.abort(), { times: 1 });
    await fromMenu(page, "litellm", "Remove key");
    await page.getByRole("dialog", { name: "Remove the key of litellm?" }).getByRole("button", { name: "Remove key" }).click();
    await badge("litellm", "Not configured").waitFor();
    await undo().click();
    const failure = notices().getByRole("listitem").filter({ hasText: "The control plane cannot be reached." });
    await failure.waitFor();
    await notices().getByText("Removed the key of litellm.").waitFor();
    await undo().click();
    await announcement(page).filter({ hasText: "Restored the key of litellm." }).waitFor();
    await badge("litellm", "Configured").waitFor();
    await undo().waitFor({ state: "detached" });
    await failure.getByRole("button", { name: "Dismiss this notice" }).click();
  });

  it("restores a deleted source by keyboard, with its models and their states", async () => {
    await openTab(page, "Custom sources");
    await page.getByRole("link", { name: "Add custom source" }).first().click();
    await fillSource(page, { name: "Mine", baseUrl: `${litellm.url}/v1`, authValue: litellm.key, allow: true, passthrough: true });
    await page.getByRole("button", { name: "Add source" }).click();
    await page.getByRole("region", { name: "Refresh of Mine" }).getByText("3 added", { exact: true }).waitFor();
    const models = () => page.evaluate(async () => (await (await fetch("/api/v1/models?owner=mine")).json()).items);
    await page.evaluate(() => fetch("/api/v1/models", {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refs: ["mine/customer-alias"], enabled: false }),
    }).then((answer) => answer.text()));
    const before = await models();
    assert.equal(before.filter((model) => !model.enabled).length, 1);

    await fromMenu(page, "Mine", "Delete");
    await page.getByRole("dialog", { name: "Delete Mine?" }).getByRole("button", { name: "Delete" }).click();
    await notices().getByText("Deleted Mine.").waitFor();
    await row(page, "Mine").waitFor({ state: "detached" });
    assert.deepEqual(await models(), []);
    await page.keyboard.press("Control+z");
    await announcement(page).filter({ hasText: "Restored mine." }).waitFor();
    await badge("Mine", "Configured").waitFor();
    assert.deepEqual(await models(), before);
    await undo().waitFor({ state: "detached" });
  });

  it("asks before it replaces a newer default model", async () => {
    const choose = (body) => page.evaluate((json) => fetch("/api/v1/default-model", {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: json,
    }).then((answer) => answer.json()), JSON.stringify(body));
    const stored = () => page.evaluate(async () => (await (await fetch("/api/v1/default-model")).json()).ref);
    const [mine, theirs] = ["mine/openai/gpt-4o", "mine/anthropic/claude-sonnet-4"];
    const question = page.getByRole("dialog", { name: "The default model changed in the meantime" });
    for (const [answer, kept] of [["Use saved version", theirs], ["Overwrite with mine", mine]]) {
      await choose({ ref: null });
      await page.goto(`${waypost.url}/models/catalog?owner=mine`);
      await page.getByRole("button", { name: `More actions for ${mine}` }).waitFor();
      await choose({ ref: theirs });
      await fromMenu(page, mine, "Make default");
      for (const text of [mine, theirs]) {
        await question.getByText(text, { exact: true }).waitFor();
      }
      await question.getByText(/^By Headless Chrome on Linux, /).waitFor();
      assert.equal(await stored(), theirs);
      await question.getByRole("button", { name: answer }).click();
      await page.getByRole("row", { name: new RegExp(kept) }).getByText("default model", { exact: true }).waitFor();
      assert.equal(await stored(), kept);
    }
    await fromMenu(page, mine, "Clear the default model");
    await notices().getByText("Cleared the default model.").waitFor();
    assert.equal(await stored(), null);
    await list();
  });

  it("shows both versions in the slower of two tabs, and keeps its input", async () => {
    const other = await context.newPage();
    for (const tab of [page, other]) {
      await tab.goto(`${waypost.url}/models/sources/mine`);
      await tab.getByRole("heading", { name: "Configure Mine" }).waitFor();
    }
    await fillSource(other, { name: "Mine, by the other" });
    await other.getByRole("button", { name: "Save" }).click();
    await row(other, "Mine, by the other").waitFor();
    await other.close();

    await fillSource(page, { name: "Mine, by me", authHeader: "x-api-key" });
    await page.getByRole("button", { name: "Save" }).click();
    const question = page.getByRole("dialog", { name: /changed in the meantime$/ });
    for (const text of ["Mine, by the other", "Mine, by me", "x-api-key"]) {
      await question.getByText(text, { exact: true }).waitFor();
    }
    await question.getByText(/^By Headless Chrome on Linux, /).waitFor();
    assert.ok(!(await question.textContent()).includes(litellm.key));
    await question.getByRole("button", { name: "Keep editing" }).click();
    await question.waitFor({ state: "detached" });
    assert.equal(await page.getByRole("textbox", { name: /^Name/ }).inputValue(), "Mine, by me");
    await page.getByRole("button", { name: "Save" }).click();
    await row(page, "Mine, by me").waitFor();
  });

  it("overwrites or keeps the saved version, as chosen", async () => {
    for (const [answer, name] of [["Overwrite with mine", "Third"], ["Use saved version", "Meanwhile"]]) {
      await list();
      await page.getByRole("link", { name: /^Configure / }).first().click();
      await page.getByRole("heading", { name: /^Configure / }).waitFor();
      await meanwhile("/sources/mine", { name: "Meanwhile" });
      await fillSource(page, { name: "Third" });
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("dialog", { name: /changed in the meantime$/ }).getByRole("button", { name: answer }).click();
      await row(page, name).waitFor();
    }
  });

  it("asks again before it deletes a source that changed meanwhile, and can keep it", async () => {
    await list();
    await row(page, "Meanwhile").waitFor();
    await meanwhile("/sources/mine", { name: "Wanted", auth_header: "x-other" });
    await page.getByRole("button", { name: /^More actions for / }).click();
    await page.getByRole("menuitem", { name: /^Delete/ }).click();
    const asked = page.getByRole("dialog", { name: /^Delete .+\?$/ });
    await asked.getByRole("button", { name: "Delete" }).click();
    const question = page.getByRole("dialog", { name: "Wanted changed in the meantime" });
    await question.getByText("Not deleted.").waitFor();
    for (const text of ["Wanted", "x-other", "Stored now", "You saw"]) {
      await question.getByText(text, { exact: true }).first().waitFor();
    }
    await question.getByText(/^By Headless Chrome on Linux, /).waitFor();
    await assertAccessible(page, "the question before something changed is deleted");
    const keep = question.getByRole("button", { name: "Keep" });
    assert.ok(await keep.evaluate((button) => button === document.activeElement), "what loses nothing has the focus");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await row(page, "Wanted").waitFor();
    const opener = page.getByRole("button", { name: "More actions for Wanted" });
    assert.ok(await opener.evaluate((button) => button === document.activeElement));
  });

  it("deletes a source that changed meanwhile once confirmed, and keeps the focus on the page", async () => {
    await meanwhile("/sources/mine", { passthrough: false });
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Test" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Delete Wanted?" }).getByRole("button", { name: "Delete" }).press("Enter");
    const question = page.getByRole("dialog", { name: "Wanted changed in the meantime" });
    // The button waits until the impact is checked, and so does a click.
    await question.getByRole("button", { name: "Delete anyway" }).click();
    await row(page, "Wanted").waitFor({ state: "detached" });
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement?.tagName === "H1");
    await page.keyboard.press("Control+z");
    await row(page, "Wanted").waitFor();
  });

  it("asks again before it removes a key or an entry that changed meanwhile", async () => {
    await page.goto(`${waypost.url}/models/gateways`);
    await rowButton(page, "litellm", "Configure").click();
    await dialog(page).getByRole("button", { name: "Remove key" }).click();
    await meanwhile("/providers/litellm/key", { value: "sk-another-key-0815" });
    await page.getByRole("dialog", { name: "Remove the key of litellm?" }).getByRole("button", { name: "Remove key" }).click();
    const question = page.getByRole("dialog", { name: "litellm changed in the meantime" });
    await question.getByText("The key was not removed.").waitFor();
    await question.getByText("ends in 0815", { exact: true }).waitFor();
    await question.getByRole("button", { name: "Keep" }).click();
    await page.getByRole("dialog", { name: "Remove the key of litellm?" }).waitFor({ state: "detached" });
    await dialog(page).getByText("••••0815").waitFor();
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: "Add gateway" }).click();
    await dialog(page).getByRole("textbox", { name: "Name" }).fill("edge");
    await dialog(page).getByRole("textbox", { name: "Base URL" }).fill("https://edge.example/v1");
    await dialog(page).getByRole("button", { name: "Add gateway" }).click();
    await fromMenu(page, "edge", "Delete");
    await meanwhile("/providers/edge", { base_url: "https://other.example/v1" });
    await page.getByRole("dialog", { name: "Delete edge?" }).getByRole("button", { name: "Delete" }).click();
    const changed = page.getByRole("dialog", { name: "edge changed in the meantime" });
    await changed.getByText("https://other.example/v1", { exact: true }).first().waitFor();
    await changed.getByRole("button", { name: "Delete anyway" }).click();
    await row(page, "edge").waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement?.tagName === "H1");
  });

  it("keeps the key out of the database, the log and every answer", async () => {
    await assertNowhere(litellm.key, { waypost, record });
  });

  it("has no errors in the browser", () => {
    assert.deepEqual(record.errors.filter((error) => !error.includes("412")), []);
  });
});
