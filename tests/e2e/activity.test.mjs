// Activity: who changed what, found by filters that are in the address, and exported.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { announcement, fromMenu, row, settled } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("activity", () => {
  let waypost;
  let browser;
  let client;
  let page;
  let context;

  before(async () => {
    waypost = await startWaypost();
    client = await Client.signIn(waypost);
    await client.call("PUT", "/providers/groq/key", { value: "canary-of-activity-0123456789" });
    for (const name of ["first", "second"]) await client.call("POST", "/agents", { yaml: `name: ${name}\n` });
    await client.call("DELETE", "/agents/second");
    browser = await startBrowser();
    ({ page, context } = await openPage(browser));
    await context.addCookies([{ ...client.cookie, url: waypost.url }]);
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
  });

  const open = async (address) => {
    await page.goto(waypost.url + address);
    await settled(page);
  };
  const events = () => page.getByRole("main").locator("section").getByRole("listitem");
  const texts = async () => (await events().allTextContents()).map((text) => text.replace(/\s+/g, " "));

  it("says who did what under a heading for the day, with links to what is still there", async () => {
    await page.goto(waypost.url);
    await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Activity" }).click();
    await page.getByRole("heading", { level: 2, name: "Today" }).waitFor();
    const [latest] = await texts();
    assert.match(latest, /(Unknown browser \w{6}|Headless Chrome on Linux) deleted agent second/);
    await page.getByText("set the key of").waitFor();
    assert.doesNotMatch(await page.getByRole("main").textContent(), /canary/);
    await page.getByRole("link", { name: "groq", exact: true }).click();
    await page.getByRole("heading", { level: 2, name: "Direct providers" }).waitFor();
  });

  it("keeps its filters in the address", async () => {
    await open("/activity");
    await page.getByRole("combobox", { name: "Kind" }).selectOption("Agents");
    await page.waitForURL((url) => url.searchParams.get("action") === "agent");
    await page.waitForFunction(() => document.querySelectorAll("main section li").length === 3);
    await page.getByRole("searchbox", { name: "Search activity" }).fill("second");
    await page.waitForURL((url) => url.searchParams.get("q") === "second");
    await announcement(page).getByText("2 events.").waitFor();
    await page.reload();
    await settled(page);
    assert.equal(await page.getByRole("searchbox", { name: "Search activity" }).inputValue(), "second");
    assert.equal(await events().count(), 2);
    await page.getByRole("searchbox", { name: "Search activity" }).fill("nothing like it");
    await page.getByText("No events match").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).last().click();
    await page.waitForURL((url) => url.search === "");
    await page.waitForFunction(() => document.querySelectorAll("main section li").length > 3);
  });

  it("finds an event by the words that it is shown in", async () => {
    await open("/activity?q=deleted%20agent");
    assert.equal(await events().count(), 1);
    assert.match((await texts())[0], /deleted agent second/);
    await open("/activity?q=set%20the%20key%20of%20groq");
    assert.equal(await events().count(), 1);
    // A word of an action's id finds what it is called.
    await open("/activity?q=session%20added");
    assert.equal(await events().count(), 2);
  });

  it("shows an agent's model and fallback before and after", async () => {
    await client.call("POST", "/agents", { yaml: "name: moved\nmodel: { primary: groq/a, fallback: groq/b }\n" });
    await client.call("PUT", "/agents/moved", { yaml: "name: moved\nmodel: { primary: groq/c }\n" });
    await open("/activity?target=agent%3Amoved");
    const latest = (await texts())[0];
    assert.match(latest, /primary: ?before: groq\/a ?after: groq\/c/);
    assert.match(latest, /fallback: ?before: groq\/b ?removed/);
  });

  it("restores what was deleted, while that is possible", async () => {
    await open("/agents");
    await fromMenu(page, "moved", "Delete");
    await page.getByRole("dialog", { name: "Delete moved?" }).getByRole("button", { name: "Delete agent" }).click();
    await row(page, "moved").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Dismiss this notice" }).click();
    await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Activity" }).click();
    const restore = page.getByRole("button", { name: "Restore moved" });
    assert.match(await restore.textContent(), /^Restore moved · \d+ s$/, "how long it can be restored");
    await restore.click();
    await events().first().getByText("restored agent").waitFor();
    assert.equal((await client.call("GET", "/agents/moved")).agent.model.primary, "groq/c");
    assert.equal(await restore.count(), 0);
  });

  it("switches back to the key that was replaced", async () => {
    await client.call("PUT", "/providers/groq/key", { value: "canary-of-activity-9876543210" });
    await open("/activity?target=provider%3Agroq");
    await page.getByRole("button", { name: "Switch back to the previous key of groq" }).click();
    await events().first().getByText("switched back to the previous key of").waitFor();
    assert.equal((await client.call("GET", "/providers/groq")).key.hint, "6789");
    assert.equal(await page.getByRole("button", { name: /^Switch back/ }).count(), 0);
  });

  it("leads from a row to its history", async () => {
    await open("/models/direct");
    await fromMenu(page, "groq", "Show history");
    await page.waitForURL((url) => url.searchParams.get("target") === "provider:groq");
    await open("/agents");
    await fromMenu(page, "first", "Show history");
    await page.waitForURL((url) => url.searchParams.get("target") === "agent:first");
    await page.waitForFunction(() => document.querySelectorAll("main section li").length === 1);
  });

  it("shows the history of one target, and of days that the reader chose", async () => {
    await open("/activity");
    await page.getByRole("link", { name: "History of first" }).click();
    await page.waitForURL((url) => url.searchParams.get("target") === "agent:first");
    await page.waitForFunction(() => document.querySelectorAll("main section li").length === 1);
    await page.getByRole("button", { name: "Show events of every target" }).click();
    await page.waitForFunction(() => document.querySelectorAll("main section li").length > 3);
    await page.getByLabel("To", { exact: true }).fill("2001-02-03");
    await page.getByText("No events match").waitFor();
    const today = await page.evaluate(() => {
      const now = new Date();
      return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
    });
    await page.getByLabel("To", { exact: true }).fill(today);
    await page.waitForURL((url) => url.searchParams.get("until") === today);
    await page.waitForFunction(() => document.querySelectorAll("main section li").length > 3);
  });

  it("shows a value before and after, and nothing of a key", async () => {
    await client.call("POST", "/providers", { name: "edge", kind: "gateway", base_url: "https://one.example/v1" });
    await client.call("PATCH", "/providers/edge", { base_url: "https://two.example/v1" });
    await open("/activity?target=provider%3Aedge");
    const latest = events().first();
    assert.match(await latest.locator("del").textContent(), /https:\/\/one\.example\/v1/);
    assert.match(await latest.locator("ins").textContent(), /https:\/\/two\.example\/v1/);
    await open("/activity?action=provider.key");
    assert.equal(await events().locator("del, ins").count(), 0);
  });

  it("exports what the filters let through", async () => {
    await open("/activity?action=agent.add");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export CSV" }).click()]);
    assert.equal(download.suggestedFilename(), "waypost-activity.csv");
    const lines = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
    assert.equal(lines[0], "id,at,actor,action,target,fields,outcome,changes");
    assert.equal(lines.length, 4, "three agents were added");
    assert.match(lines[2], /^\d+,\d{4}-\d\d-\d\dT\S+Z,session:\w+,agent\.add,agent:second,yaml,ok,/);
  });

  it("loads older events, and keeps those shown if that fails", async () => {
    for (let at = 0; at < 110; at += 1) await client.call("PATCH", "/settings", { new_models_start_disabled: at % 2 === 0 });
    await open("/activity");
    assert.equal(await events().count(), 100);
    await page.route("**/api/v1/audit?*", (route) => route.abort());
    await page.getByRole("button", { name: "Show older events" }).click();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    assert.equal(await events().count(), 100);
    await page.unroute("**/api/v1/audit?*");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.waitForFunction(() => document.querySelectorAll("main section li").length > 110);
    assert.equal(await page.getByRole("heading", { level: 2, name: "Today" }).count(), 1);
  });
});
