// Before a change is made, its button shows how many agents it affects, and lost routes must be
// confirmed. The same rule applies in every form and dialog.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { assertAccessible } from "./lib/accessibility.mjs";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { announcement, fromMenu, row } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const AGENTS = [
  "name: plain\nmodel: { primary: customer-alias }\n",
  "name: picky\nmodel: { primary: litellm/gpt }\nexpect: { host: localhost }\n",
  "name: undecided\nmodel: {}\n",
];

describe("changes that need confirmation", () => {
  let waypost;
  let browser;
  let page;
  let record;
  let client;

  before(async () => {
    // A workspace entry may take another entry's variable only where the operator says so.
    waypost = await startWaypost(
      { LITELLM_MASTER_KEY: "sk-of-the-gateway", GROQ_API_KEY: "sk-of-groq" },
      { options: ["--env-keys", "GROQ_API_KEY@http://localhost:4000"] },
    );
    client = await Client.signIn(waypost);
    for (const yaml of AGENTS) await client.call("POST", "/agents", { yaml });
    browser = await startBrowser();
    ({ page, record } = await openPage(browser));
    await page.context().addCookies([{ ...client.cookie, url: waypost.url }]);
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
  });

  const question = (name) => page.getByRole("dialog", { name });
  const held = (button) => button.getAttribute("aria-disabled").then((disabled) => disabled === "true");
  const managed = async () => (await client.call("GET", "/settings")).managed_gateway;
  const gateway = () => page.getByRole("combobox", { name: "Managed gateway" });

  it("asks before the managed gateway changes, and waits until a lost route is confirmed", async () => {
    await page.goto(`${waypost.url}/settings`);
    await gateway().focus();
    await gateway().selectOption("openrouter");
    const asked = question("Make openrouter the managed gateway?");
    const button = asked.getByRole("button", { name: "Change managed gateway · 1 agent" });
    await button.waitFor();
    await asked.getByRole("rowheader", { name: "plain main agent" }).waitFor();
    await asked.getByText("Affects 1 of 3 agents", { exact: true }).waitFor();
    assert.ok(await held(button));
    await assertAccessible(page, "the question before another managed gateway");

    await button.press("Enter");
    const box = asked.getByRole("checkbox", { name: "I understand that 1 route will stop working" });
    await announcement(page).filter({ hasText: 'Confirm first: tick "I understand that 1 route will stop working."' }).waitFor();
    assert.ok(await box.evaluate((box) => box === document.activeElement), "the press leads to the question");

    await page.keyboard.press("Escape");
    await asked.waitFor({ state: "detached" });
    assert.equal(await gateway().inputValue(), "litellm");
    assert.ok(await gateway().evaluate((field) => field === document.activeElement));
    assert.equal(await managed(), "litellm");
  });

  it("makes the confirmed change, and asks nothing if no agent is affected", async () => {
    await gateway().selectOption("openrouter");
    const asked = question("Make openrouter the managed gateway?");
    await asked.getByRole("checkbox").check();
    await asked.getByRole("button", { name: "Change managed gateway · 1 agent" }).press("Enter");
    await announcement(page).filter({ hasText: "openrouter is the managed gateway." }).waitFor();
    await asked.waitFor({ state: "detached" });
    assert.equal(await gateway().inputValue(), "openrouter");
    assert.equal(await managed(), "openrouter");

    await gateway().selectOption("litellm");
    const back = question("Make litellm the managed gateway?");
    // A restored route is shown and needs no confirmation.
    await back.getByText("route again").waitFor();
    assert.equal(await back.getByRole("checkbox").count(), 0);
    await back.getByRole("button", { name: "Change managed gateway · 1 agent" }).click();
    await announcement(page).filter({ hasText: "litellm is the managed gateway." }).waitFor();
    await back.waitFor({ state: "detached" });

    await client.call("DELETE", "/agents/plain");
    await page.reload();
    await page.waitForLoadState("networkidle");
    await gateway().selectOption("openrouter");
    await announcement(page).filter({ hasText: "openrouter is the managed gateway." }).waitFor();
    assert.equal(await page.getByRole("dialog").count(), 0);
    await client.call("PATCH", "/settings", { managed_gateway: "litellm" });
    await client.call("POST", "/agents", { yaml: AGENTS[0] });
  });

  it("waits in a form, too, until a lost route is confirmed", async () => {
    await page.goto(`${waypost.url}/models/gateways`);
    await page.getByRole("button", { name: "Add gateway" }).click();
    const form = question("Add gateway");
    await form.getByRole("textbox", { name: "Name" }).fill("litellm");
    await form.getByRole("textbox", { name: "Base URL" }).fill("http://localhost:4000");
    await form.getByText(/^Key variable, headers/).click();
    await form.getByRole("textbox", { name: "Key variable" }).fill("LITELLM_MASTER_KEY");
    assert.equal(await form.getByRole("checkbox", { name: /^I understand that/ }).count(), 0, "no route is lost");
    await form.getByRole("textbox", { name: "Key variable" }).fill("NO_SUCH_VARIABLE");
    const save = form.getByRole("button", { name: "Add gateway · 2 agents" });
    await save.waitFor();
    assert.ok(await held(save));
    await page.keyboard.press("Enter");
    const box = form.getByRole("checkbox", { name: "I understand that 2 routes will stop working and 1 expectation will fail" });
    assert.ok(await box.evaluate((box) => box === document.activeElement));
    await page.keyboard.press("Space");
    assert.ok(!(await held(save)));
    // Another loss is another question.
    await form.getByRole("textbox", { name: "Key variable" }).fill("GROQ_API_KEY");
    await box.waitFor({ state: "detached" });
    await form.getByRole("textbox", { name: "Key variable" }).fill("NO_SUCH_VARIABLE");
    assert.ok(await held(save));
    await box.check();
    await save.click();
    await announcement(page).filter({ hasText: "litellm saved." }).waitFor();
    await form.waitFor({ state: "detached" });
  });

  it("shows beside the key which agents it gives a route", async () => {
    await client.call("POST", "/agents", { yaml: "name: keyless\nmodel: { primary: openrouter/moonshotai/kimi-k2 }\n" });
    await page.reload();
    await page.getByRole("button", { name: "Configure openrouter" }).click();
    const form = question("Configure openrouter");
    await form.getByRole("textbox", { name: "API key" }).fill("sk-or-0815");
    await form.getByRole("region", { name: "Impact of saving" }).getByText("Affects 1 of 4 agents", { exact: true }).waitFor();
    await form.getByRole("rowheader", { name: "keyless main agent" }).waitFor();
    await assertAccessible(page, "a key with the agents that it gives a route");
    await form.getByRole("button", { name: "Save key · 1 agent" }).click();
    // No network: the check cannot say whether the key works.
    await form.getByRole("button", { name: "Save anyway" }).click();
    await announcement(page).filter({ hasText: "openrouter: Configured." }).waitFor();
    await row(page, "openrouter").getByText("Not verified", { exact: true }).waitFor();
    await client.call("DELETE", "/agents/keyless");
    await client.call("DELETE", "/providers/openrouter/key");
  });

  it("asks before it deletes an entry that routes depend on", async () => {
    await client.call("PATCH", "/providers/litellm", { api_key_env: "GROQ_API_KEY" });
    await page.reload();
    await fromMenu(page, "litellm", "Delete");
    const asked = question("Delete litellm?");
    const button = asked.getByRole("button", { name: "Delete gateway · 2 agents" });
    await button.waitFor();
    await asked.getByText("other key").first().waitFor();
    await page.keyboard.press("Escape");
  });

  it("asks before agents without a primary get another default model, or none", async () => {
    await client.call("POST", "/sample");
    await page.goto(`${waypost.url}/models/catalog`);
    await fromMenu(page, "sample-gateway/echo-small", "Make default");
    const asked = question("Make sample-gateway/echo-small the default model?");
    await asked.getByRole("rowheader", { name: "undecided main agent" }).waitFor();
    await asked.getByText("Affects 1 of 7 agents", { exact: true }).waitFor();
    await asked.getByRole("button", { name: "Set default model · 1 agent" }).click();
    await announcement(page).filter({ hasText: "sample-gateway/echo-small is the default model." }).waitFor();

    await fromMenu(page, "sample-gateway/echo-small", "Clear the default model");
    const without = question("Clear the default model?");
    const button = without.getByRole("button", { name: "Clear default model · 1 agent" });
    assert.ok(await held(button));
    await without.getByRole("checkbox", { name: "I understand that 1 route will stop working" }).check();
    await button.click();
    await announcement(page).filter({ hasText: "Cleared the default model." }).waitFor();
    await client.call("DELETE", "/sample");
  });

  it("says that it is still checking the affected agents, and waits", async () => {
    let answer;
    const answered = new Promise((resolve) => (answer = resolve));
    await page.route("**/api/v1/snapshot", async (route) => {
      await answered;
      await route.continue();
    });
    await page.goto(`${waypost.url}/settings`);
    await gateway().selectOption("openrouter");
    const asked = question("Make openrouter the managed gateway?");
    const reading = asked.getByRole("contentinfo").or(asked.locator("footer")).getByText("Checking which agents are affected…");
    await reading.waitFor();
    const button = asked.getByRole("button", { name: /^Change/ });
    assert.ok(await held(button));
    await assertAccessible(page, "a question whose impact is being checked");
    await button.press("Enter");
    await announcement(page).filter({ hasText: "Still checking which agents are affected." }).waitFor();
    answer();
    await asked.getByRole("button", { name: "Change managed gateway · 1 agent" }).waitFor();
    await announcement(page).filter({ hasText: "Affects 1 of 3 agents" }).waitFor();
    await reading.waitFor({ state: "detached" });
    await page.unroute("**/api/v1/snapshot");
    assert.equal(await managed(), "litellm");
  });

  it("says that the check failed, and retries it", async () => {
    // An answer, so that the connection is not taken for lost, which would be retried without a press.
    const failure = { status: 500, contentType: "application/problem+json", body: '{"status":500,"code":"internal","title":"Internal Server Error","detail":"The database failed."}' };
    await page.route("**/api/v1/snapshot", (route) => route.fulfill(failure));
    await page.goto(`${waypost.url}/settings`);
    await gateway().selectOption("openrouter");
    const asked = question("Make openrouter the managed gateway?");
    await asked.getByText(/^Waypost could not check which agents are affected: /).waitFor();
    const button = asked.getByRole("button", { name: "Change managed gateway", exact: true });
    assert.ok(!(await held(button)), "the change can still be made");
    await assertAccessible(page, "a question whose effect could not be read");
    await page.unroute("**/api/v1/snapshot");
    await asked.getByRole("button", { name: "Try again" }).click();
    await asked.getByRole("button", { name: "Change managed gateway · 1 agent" }).waitFor();
    assert.ok(await held(asked.getByRole("button", { name: "Change managed gateway · 1 agent" })));
    await page.keyboard.press("Escape");
  });

  it("names the agents that use the sample before it is removed", async () => {
    await client.call("POST", "/sample");
    await client.call("POST", "/agents", {
      yaml: "name: borrower\nmodel: { primary: echo-large, source: sample-gateway }\n",
    });
    await page.goto(`${waypost.url}/settings`);
    await page.getByRole("button", { name: "Remove the sample workspace" }).click();
    const asked = question("Remove the sample workspace?");
    const button = asked.getByRole("button", { name: "Remove sample workspace · 1 agent" });
    await button.waitFor();
    await asked.getByRole("rowheader", { name: "borrower main agent" }).waitFor();
    await asked.getByText(/Deletes its agents sample-support, .* even if you changed them/).waitFor();
    assert.equal(await asked.getByRole("rowheader").count(), 1, "the sample's own agents go anyway");
    await asked.getByRole("checkbox", { name: "I understand that 1 route will stop working" }).check();
    await button.press("Enter");
    await asked.waitFor({ state: "detached" });
    assert.equal((await client.call("GET", "/settings")).sample, false);
    await client.call("DELETE", "/agents/borrower");
  });

  it("has no errors in the browser", () => {
    assert.deepEqual(record.errors, []);
  });
});
