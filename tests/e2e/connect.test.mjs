// From an empty workspace to a connected one: base URL and key in one dialog, keys that are checked
// before they are saved, and who uses what.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { assertAccessible } from "./lib/accessibility.mjs";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { assertNowhere } from "./lib/secrecy.mjs";
import { startUpstream } from "./lib/sockets.mjs";
import { announcement, dialog, fillSource, fromMenu, openTab, row, rowButton } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("connecting an empty workspace", () => {
  const right = `sk-right-${crypto.randomUUID()}`;
  const wrong = `sk-wrong-${crypto.randomUUID()}`;
  let upstream;
  let waypost;
  let browser;
  let page;
  let record;
  let client;

  before(async () => {
    upstream = await startUpstream({ models: ["model-a", "model-b"] });
    waypost = await startWaypost();
    browser = await startBrowser();
    const opened = await openPage(browser);
    ({ page, record } = opened);
    await signIn(page, waypost.link);
    const [cookie] = await opened.context.cookies(waypost.url);
    client = new Client(waypost.url, `${cookie.name}=${cookie.value}`);
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await upstream?.stop();
  });

  const steps = () => page.getByRole("region", { name: "Get started" });
  const field = (name) => dialog(page).getByRole("textbox", { name });
  const button = (name) => dialog(page).getByRole("button", { name, exact: true });
  /** What the row says of the key; the dialog, which is inside the row, may say it as well. */
  const known = (text) => row(page, "litellm").locator("[data-label=Key]").getByText(text).waitFor();
  const gateways = () => page.goto(`${waypost.url}/models/gateways`);

  it("lists the first steps, each with what starts it", async () => {
    await steps().getByText("0 of 4 done", { exact: true }).waitFor();
    for (const name of ["Add custom source", "Add agent", "Open Route preview"]) {
      await steps().getByRole("link", { name }).waitFor();
    }
    await steps().getByRole("button", { name: "Add the sample workspace" }).waitFor();
    await assertAccessible(page, "the first steps");
  });

  it("saves another base URL for a built-in gateway together with its key, after asking about the address", async () => {
    await steps().getByRole("button", { name: "Connect litellm" }).click();
    assert.equal(await field("Base URL").inputValue(), "http://localhost:4000");
    await field("Base URL").fill(upstream.url);
    await dialog(page).getByText(/^Saves a workspace entry in place of the built-in entry/).waitFor();
    await field("API key").fill(right);
    await button("Save changes and key").click();
    await dialog(page).getByText("Nothing was saved.", { exact: true }).waitFor();
    const report = dialog(page).getByRole("region", { name: "Test" });
    await report.getByText("Nothing was sent, so this says nothing about the key you entered.").waitFor();
    assert.doesNotMatch(await report.textContent(), /\d ms/, "what was not sent took no time");
    await assertAccessible(page, "a key that was not saved");
    assert.deepEqual(upstream.requests, [], "the address was not allowed");
    await button("Allow this private address").click();
    await button("Save changes and key").click();
    await dialog(page).waitFor({ state: "detached" });
    const litellm = row(page, "litellm");
    await litellm.getByText(upstream.url).first().waitFor();
    await litellm.getByText("workspace", { exact: true }).waitFor();
    await litellm.getByText("Configured", { exact: true }).waitFor();
    await known(/^Verified /);
    await page.getByRole("region", { name: "Refresh of litellm" }).getByText("2 added", { exact: true }).waitFor();
    await steps().getByText("2 of 4 done", { exact: true }).waitFor();
    assert.ok(upstream.requests.every(({ headers }) => headers.authorization === `Bearer ${right}`));
  });

  it("keeps a working key until another one is known to work, or saved anyway", async () => {
    upstream.status = 401;
    await rowButton(page, "litellm", "Configure").click();
    await field("API key").fill(wrong);
    await button("Save and use now").click();
    await dialog(page).getByText("Nothing was saved.", { exact: true }).waitFor();
    await dialog(page).getByText(/^Skips the test\. Requests then use this key/).waitFor();
    await known(/^Verified /);
    await button("Save anyway").click();
    await dialog(page).waitFor({ state: "detached" });
    await known("Not verified");
    await fromMenu(page, "litellm", "Test");
    await known(/^Refused /);
    await row(page, "litellm").getByText("Configured", { exact: true }).waitFor();
  });

  it("does not show the refusal of an earlier key under a new one", async () => {
    await rowButton(page, "litellm", "Refresh").click();
    await row(page, "litellm").getByText("Key refused (401)", { exact: true }).first().waitFor();
    upstream.status = 200;
    // A new key a second later at least, since outcomes are dated in seconds.
    const second = Math.floor(Date.now() / 1000);
    await page.waitForFunction((second) => Math.floor(Date.now() / 1000) > second, second);
    await rowButton(page, "litellm", "Configure").click();
    await field("API key").fill(right);
    await button("Save and use now").click();
    await dialog(page).waitFor({ state: "detached" });
    await known(/^Verified /);
    assert.equal(await row(page, "litellm").getByText("Key refused (401)").count(), 0);
  });

  it("keeps the actions of a row where they are while it is refreshed", async () => {
    const boxes = () =>
      row(page, "litellm").locator(".owner-actions > button").evaluateAll((buttons) =>
        buttons.map((button) => {
          const { x, y, width } = button.getBoundingClientRect();
          return [x, y, width];
        }),
      );
    const before = await boxes();
    assert.equal(before.length, 3);
    assert.equal(new Set(before.map(([, y]) => y)).size, 1, "in one line");
    upstream.hold();
    await rowButton(page, "litellm", "Refresh").click();
    await row(page, "litellm").getByText("Refreshing…", { exact: true }).waitFor();
    assert.deepEqual(await boxes(), before);
    upstream.release();
    await page.getByRole("region", { name: "Refresh of litellm" }).getByText("2 unchanged", { exact: true }).waitFor();
  });

  it("says who uses a gateway, and leads to the agents", async () => {
    await client.call("POST", "/agents", { yaml: "name: bot-one\nmodel: { primary: litellm/model-a }\n" });
    await client.call("POST", "/agents", {
      yaml: "name: bot-two\nmodel: { primary: groq/llama }\nsubagents: { writer: { model: { primary: litellm/model-b } } }\n",
    });
    await page.reload();
    await steps().getByText("3 of 4 done", { exact: true }).waitFor();
    await rowButton(page, "litellm", "Configure").click();
    await dialog(page).getByText("Used by 2 agents", { exact: true }).waitFor();
    await button("Cancel").click();
    await row(page, "litellm").getByRole("button", { name: "2 agents use litellm" }).click();
    await dialog(page).getByText("subagent writer", { exact: true }).waitFor();
    await assertAccessible(page, "the agents that use a gateway");
    await dialog(page).getByRole("link", { name: "bot-one" }).click();
    await page.waitForURL(/\/agents\/named\/bot-one$/);
  });

  /** Answers the question before a key is removed. */
  const confirmed = (action) =>
    page.getByRole("dialog", { name: /^Remove the (next|previous) key/ }).getByRole("button", { name: action, exact: true }).click();

  it("stages a next key, switches to it once it works, and switches back", async () => {
    const second = `sk-second-${crypto.randomUUID()}`;
    const sent = () => upstream.requests.at(-1).headers.authorization;
    const keepsFocus = () => page.waitForFunction(() => document.activeElement?.closest("dialog[open]"));
    await gateways();
    await fromMenu(page, "litellm", "Rotate key");
    await dialog(page).getByRole("heading", { name: "Rotate key of litellm" }).waitFor();
    assert.ok(await field("API key").evaluate((key) => key === document.activeElement), "it opens in the key");
    assert.equal(await field("Base URL").count(), 0);
    await field("API key").fill(second);
    await button("Save as next key").press("Enter");
    const next = dialog(page).getByRole("region", { name: "Next key" });
    await next.getByText(/^Verified /).waitFor();
    await button("Done").waitFor();
    assert.equal(sent(), `Bearer ${second}`, "it is checked before it is staged");
    assert.equal(await field("API key").inputValue(), "");
    await keepsFocus();
    await next.getByRole("button", { name: `Test next key ••••${second.slice(-4)}` }).click();
    await dialog(page).getByText(`Tested with the next key ••••${second.slice(-4)}.`).waitFor();
    await dialog(page).getByRole("region", { name: "Test of the next key" }).getByText("Models listed", { exact: true }).waitFor();
    await assertAccessible(page, "a staged key");
    await next.getByRole("button", { name: "Switch to next key" }).press("Enter");
    const previous = dialog(page).getByRole("region", { name: "Previous key" });
    await previous.waitFor();
    await next.waitFor({ state: "detached" });
    await keepsFocus();
    const test = async () => {
      await button("Test").click();
      await dialog(page).getByText(/^Tested with the current key ••••.{4}\.$/).waitFor();
    };
    await test();
    assert.equal(sent(), `Bearer ${second}`);
    await previous.getByRole("button", { name: /^Switch back · (59|60) min left$|^Switch back · 1 h left$/ }).press("Enter");
    await next.waitFor();
    await keepsFocus();
    await button("Done").click();
    await rowButton(page, "litellm", "Configure").click();
    await test();
    assert.equal(sent(), `Bearer ${right}`);
    await next.getByRole("button", { name: "Remove next key" }).click();
    await confirmed("Remove next key");
    await next.waitFor({ state: "detached" });
    await button("Done").click();
    await assertNowhere(second, { waypost, record });
  });

  it("stages a refused key only as the next one, and removes a previous key on request", async () => {
    const third = `sk-third-${crypto.randomUUID()}`;
    const end = third.slice(-4);
    await fromMenu(page, "litellm", "Rotate key");
    await field("API key").fill(third);
    upstream.status = 401;
    await button("Save as next key").click();
    await button("Save as next key anyway").click();
    const next = dialog(page).getByRole("region", { name: "Next key" });
    await next.getByText(`••••${end}`).first().waitFor();
    await next.getByText("Not verified", { exact: true }).waitFor();
    const { key } = await client.call("GET", "/providers/litellm");
    assert.deepEqual([key.hint, key.next.hint], [right.slice(-4), end], "the current key stays");
    upstream.status = 200;
    await next.getByRole("button", { name: "Switch to next key" }).click();
    const previous = dialog(page).getByRole("region", { name: "Previous key" });
    await previous.getByText(`Previous key ••••${right.slice(-4)}`).waitFor();
    await previous.getByRole("button", { name: "Remove previous key now" }).click();
    await confirmed("Remove previous key");
    await previous.waitFor({ state: "detached" });
    assert.equal((await client.call("GET", "/providers/litellm")).key.previous, null);
    // A masked key is asked about, and staged anyway.
    const masked = `sk-***${crypto.randomUUID()}`;
    await field("API key").fill(masked);
    await button("Use it anyway").click();
    await button("Save as next key").click();
    await next.getByText(`••••${masked.slice(-4)}`).first().waitFor();
    await next.getByRole("button", { name: "Remove next key" }).click();
    await confirmed("Remove next key");
    await next.waitFor({ state: "detached" });
    await field("API key").fill(right);
    await button("Save and use now").click();
    await dialog(page).waitFor({ state: "detached" });
    await assertNowhere(third, { waypost, record });
  });

  it("shows a field that the Rotate key dialog hid once it changes", async () => {
    const rotate = async () => {
      await fromMenu(page, "litellm", "Rotate key");
      await dialog(page).getByRole("heading", { name: "Rotate key of litellm" }).waitFor();
      assert.equal(await field("Base URL").count(), 0);
    };
    const cancel = async () => {
      await button("Cancel").click();
      await dialog(page).waitFor({ state: "detached" });
    };
    upstream.status = 400;
    upstream.error = { message: "The header x-team is required" };
    await rotate();
    await button("Test").click();
    await button("Add header x-team").click();
    await page.waitForFunction(() => document.activeElement?.matches("dialog[open] .headers-text"));
    assert.equal(await dialog(page).getByRole("textbox", { name: "Headers", exact: true }).inputValue(), "x-team: ");
    await field("Base URL").waitFor();
    await cancel();
    upstream.status = 200;
    delete upstream.error;

    await client.call("PATCH", "/providers/litellm", { allow_private: false });
    await page.reload();
    await rotate();
    await button("Test").click();
    await button("Allow this private address").click();
    assert.ok(await dialog(page).getByRole("switch", { name: /^Allow calls to/ }).isChecked());
    await cancel();
    await client.call("PATCH", "/providers/litellm", { allow_private: true });
    await page.reload();
  });

  it("asks about each setting that saving a key would write over", async () => {
    const docs = "https://docs.example/keys";
    await fromMenu(page, "litellm", "Rotate key");
    await field("API key").fill(right);
    await client.call("PATCH", "/providers/litellm", { docs });
    await button("Save and use now").click();
    const question = page.getByRole("dialog", { name: "litellm changed in the meantime" });
    await question.getByText(docs, { exact: true }).waitFor();
    await question.getByRole("button", { name: "Keep editing" }).click();
    await question.waitFor({ state: "detached" });
    await field("Base URL").waitFor();
    await button("Cancel").click();
    await dialog(page).waitFor({ state: "detached" });
    assert.equal((await client.call("GET", "/providers/litellm")).docs, docs);
  });

  it("offers the header that an endpoint says is missing, from the row to the form", async () => {
    upstream.status = 400;
    upstream.error = { message: "The header x-team is required" };
    await fromMenu(page, "litellm", "Test");
    const report = page.getByRole("region", { name: "Test of litellm" });
    await report.getByRole("link", { name: "Add header x-team" }).click();
    await dialog(page).getByRole("heading", { name: "Configure litellm" }).waitFor();
    assert.equal(await dialog(page).getByRole("textbox", { name: "Headers", exact: true }).inputValue(), "x-team: ");
    await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
    await dialog(page).getByRole("textbox", { name: "Headers", exact: true }).fill("");
    await button("Cancel").click();
    await dialog(page).waitFor({ state: "detached" });
    upstream.status = 200;
    delete upstream.error;
  });

  it("replaces a vanished model in the agents that name it, and undoes that", async () => {
    const primary = async () => (await client.call("GET", "/agents/bot-one")).agent.model.primary;
    upstream.models = ["model-b", "model-c"];
    await rowButton(page, "litellm", "Refresh").click();
    const report = page.getByRole("region", { name: "Refresh of litellm" });
    await report.getByText(/is used by 1 agent/).waitFor();
    await report.getByRole("button", { name: "Replace model litellm/model-a" }).click();
    await dialog(page).getByRole("heading", { name: "Replace litellm/model-a" }).waitFor();
    await dialog(page).getByRole("checkbox", { name: /^bot-one/ }).waitFor();
    await assertAccessible(page, "the question before a model is replaced");
    await dialog(page).getByRole("button", { name: "Replace model" }).click();
    await dialog(page).getByText("Enter another model first.").first().waitFor();
    await dialog(page).getByLabel("New model").fill("litellm/model-c");
    await dialog(page).getByRole("button", { name: "Replace model · 1 agent" }).click();
    await dialog(page).waitFor({ state: "detached" });
    assert.equal(await primary(), "litellm/model-c");
    await page.getByRole("button", { name: "Undo" }).last().click();
    await page.getByText("Restored litellm/model-a in its agents.").first().waitFor();
    assert.equal(await primary(), "litellm/model-a");
  });

  it("hides the first steps for good", async () => {
    await gateways();
    await steps().getByRole("link", { name: "Open Route preview" }).click();
    await page.getByRole("heading", { level: 1, name: "Route preview" }).waitFor();
    await gateways();
    await row(page, "litellm").waitFor();
    assert.equal(await steps().count(), 0, "every step is done");
  });

  it("starts a source with passthrough where its host is in a private network", async () => {
    await openTab(page, "Custom sources");
    await page.getByRole("link", { name: "Add custom source" }).first().click();
    const passthrough = page.getByRole("switch", { name: "Passthrough" });
    await page.waitForFunction(() => document.activeElement?.closest(".field")?.textContent.startsWith("Name"));
    await announcement(page).filter({ hasText: "Add a custom source" }).waitFor();
    for (const [baseUrl, on] of [
      ["http://litellm:4000", true],
      ["https://gateway.example/v1", false],
      ["http://10.0.0.8/v1", true],
      ["localhost:4000/v1", true],
    ]) {
      await fillSource(page, { baseUrl });
      assert.equal(await passthrough.isChecked(), on, baseUrl);
    }
    await passthrough.uncheck();
    await fillSource(page, { baseUrl: `${upstream.url}/v1` });
    assert.equal(await passthrough.isChecked(), false, "what was chosen stays");
    await passthrough.check();
    const allow = page.getByRole("switch", { name: /^Allow calls to/ });
    assert.ok((await allow.isChecked()) && (await allow.isDisabled()), "litellm has this origin already");
    await page.getByText("Allowed already, for litellm.").waitFor();
  });

  it("asks for the name in refs where the label has no letters for one", async () => {
    await fillSource(page, { name: "网关" });
    await page.getByRole("button", { name: "Add source" }).click();
    const slug = page.getByRole("textbox", { name: "Name in refs" });
    assert.equal(await slug.getAttribute("aria-invalid"), "true");
    await slug.fill("gateway-cn");
    await page.getByRole("button", { name: "Add source" }).click();
    await page.getByRole("region", { name: "Refresh of 网关" }).getByText("2 added", { exact: true }).waitFor();
    await row(page, "网关").getByText("gateway-cn/…", { exact: true }).waitFor();
  });

  it("tells two sources of one name apart", async () => {
    await page.getByRole("link", { name: "Add custom source" }).first().click();
    await fillSource(page, { name: "网关", baseUrl: "https://gateway.example/v1" });
    await page.getByText(/^Another source has this name/).waitFor();
    await page.getByRole("textbox", { name: "Name in refs" }).fill("second-cn");
    await page.getByRole("button", { name: "Add source" }).click();
    for (const slug of ["gateway-cn", "second-cn"]) {
      await page.getByRole("button", { name: `More actions for 网关 (${slug})` }).waitFor();
    }
  });

  it("leads from the sample workspace to something to look at", async () => {
    await page.goto(`${waypost.url}/settings`);
    await page.getByRole("button", { name: "Add the sample workspace" }).click();
    await page.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
    await row(page, "sample-support").waitFor();
  });

  it("keeps every key out of the database, the log and every answer", async () => {
    await assertNowhere(right, { waypost, record });
    await assertNowhere(wrong, { waypost, record });
  });

  it("has no errors in the browser", () => {
    assert.deepEqual(record.errors, []);
  });
});
