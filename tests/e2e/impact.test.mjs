// What a change would do, before it is made: on the sample workspace, without a key or a network.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { assertAccessible } from "./lib/accessibility.mjs";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { fromMenu } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("the impact of a change", () => {
  let waypost;
  let browser;
  let page;
  let record;
  let client;

  before(async () => {
    waypost = await startWaypost();
    client = await Client.signIn(waypost);
    await client.call("POST", "/sample");
    browser = await startBrowser();
    ({ page, record } = await openPage(browser));
    await page.context().addCookies([{ ...client.cookie, url: waypost.url }]);
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
  });

  const draft = () => page.getByRole("region", { name: "Scenario", exact: true });
  const effect = (name) => page.getByRole("region", { name, exact: true });
  /** The effect's rows as `agent member: word`. */
  const rows = async (region) => {
    const all = await region.getByRole("row").all();
    const texts = await Promise.all(
      all.slice(1).map(async (row) => {
        const who = await row.getByRole("rowheader").innerText();
        return `${who}: ${await row.locator(".badge").first().innerText()}`;
      }),
    );
    return texts.map((text) => text.replace(/\s+/g, " "));
  };

  it("applies a scenario with a source down, and lists the agents that lose their route", async () => {
    await page.goto(`${waypost.url}/preview?agent=sample-support`);
    await draft().getByRole("button", { name: "Add change" }).click();
    const form = page.getByRole("dialog", { name: "Try a change" });
    await form.getByRole("combobox", { name: "Which one" }).selectOption("sample-gateway");
    await form.getByRole("button", { name: "Apply to preview" }).click();
    await draft().getByText("sample-gateway is down", { exact: true }).waitFor();
    await page.getByRole("region", { name: "Route", exact: true }).getByText("cannot be reached").first().waitFor();
    const region = effect("Impact of the scenario");
    await region.getByText("Affects 3 of 4 agents", { exact: true }).waitFor();
    assert.deepEqual(await rows(region), [
      "sample-support main agent: no route",
      "sample-support writer: no route",
      "sample-writer main agent: no route",
      "sample-researcher main agent: other fallback",
    ]);
    await region.getByText("breaks its expectation").waitFor();
    await assertAccessible(page, "Route preview with a draft");
  });

  it("shows the same scenario from its address", async () => {
    await page.waitForURL(/draft=down%3Asample-gateway/);
    await page.reload();
    await draft().getByText("sample-gateway is down", { exact: true }).waitFor();
    await effect("Impact of the scenario").getByText("Affects 3 of 4 agents", { exact: true }).waitFor();
  });

  it("keeps the scenario while other pages are looked at, and has its link without a ref", async () => {
    await page.getByRole("link", { name: "Agents", exact: false }).first().click();
    await page.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
    await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Route preview" }).click();
    await draft().getByText("sample-gateway is down", { exact: true }).waitFor();
    await page.waitForURL(/\/preview\?draft=down%3Asample-gateway$/);
    await draft().getByRole("button", { name: "Copy scenario link" }).click();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(link, page.url());
    await page.goto(link);
    await draft().getByText("sample-gateway is down", { exact: true }).waitFor();
    await effect("Impact of the scenario").getByText("Affects 3 of 4 agents", { exact: true }).waitFor();
  });

  it("reports an invalid change, in the form and in the address", async () => {
    await draft().getByRole("button", { name: "Add change" }).click();
    const form = page.getByRole("dialog", { name: "Try a change" });
    await form.getByRole("combobox", { name: "What changes" }).selectOption("base-url");
    await form.getByRole("textbox", { name: "Base URL" }).fill("gateway.example");
    await form.getByRole("button", { name: "Apply to preview" }).click();
    await form.locator(".field-error").getByText(/must begin with http/).waitFor();
    await page.keyboard.press("Escape");
    await page.goto(`${waypost.url}/preview?ref=alias&draft=nonsense&draft=down:missing`);
    await draft().getByText(/It must begin with one of/).waitFor();
    await draft().getByText(/Unknown name: missing/).waitFor();
  });

  it("removes one change, and then the whole scenario", async () => {
    await draft().getByRole("button", { name: "Remove: nonsense" }).click();
    await draft().getByText("nonsense").waitFor({ state: "detached" });
    await draft().getByRole("button", { name: "Discard scenario" }).click();
    await effect("Impact of the scenario").waitFor({ state: "detached" });
    await page.waitForURL((url) => !url.search.includes("draft"));
  });

  it("lists the agents that a deletion affects, and waits until lost routes are confirmed", async () => {
    await page.goto(`${waypost.url}/models/sources`);
    await fromMenu(page, "Sample gateway", "Delete");
    const question = page.getByRole("dialog", { name: "Delete Sample gateway?" });
    const button = question.getByRole("button", { name: "Delete source · 3 agents" });
    await button.waitFor();
    assert.ok((await rows(effect("Impact"))).includes("sample-writer main agent: no route"));
    assert.equal(await button.getAttribute("aria-disabled"), "true");
    await button.press("Enter");
    await question.getByRole("checkbox", { name: "I understand that 3 routes will stop working and 1 expectation will fail" }).waitFor();
    await assertAccessible(page, "the question before a deletion");
    assert.equal((await client.call("GET", "/sources")).items.length, 2, "nothing is deleted yet");
    await question.getByRole("checkbox").check();
    assert.equal(await button.getAttribute("aria-disabled"), null);
    await page.keyboard.press("Escape");
  });

  it("shows the impact beside Save, and waits there, too", async () => {
    await page.goto(`${waypost.url}/models/sources/sample-gateway`);
    await page.getByRole("textbox", { name: "Base URL" }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Save changes", exact: true }).count(), 1, "nothing differs yet");
    await page.getByRole("switch", { name: /Passthrough/ }).click();
    await effect("Impact of saving").getByText(/of 4 agents/).waitFor();
    const button = page.getByRole("button", { name: /^Save changes · \d agents?$/ });
    assert.equal(await button.getAttribute("aria-disabled"), "true");
    await button.press("Enter");
    await page.getByRole("checkbox", { name: /^I understand that / }).check();
    await button.click();
    await page.getByText("Saved Sample gateway.").first().waitFor();
  });

  it("reports no error", async () => {
    await record.all();
    assert.deepEqual(record.errors, []);
  });
});
