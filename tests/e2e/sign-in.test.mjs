// Signing in, coming back to the page that was wanted, and to a control plane that was away.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { assertAccessible } from "./lib/accessibility.mjs";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { row, settled } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("signing in", () => {
  let waypost;
  let browser;
  before(async () => {
    waypost = await startWaypost();
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
  });
  /** Each start prints another link. */
  const newLink = async () => {
    await waypost.halt();
    return waypost.start();
  };

  it("takes a link that is pasted into the open sign-in tab", async () => {
    const link = await newLink();
    const { page, context, record } = await openPage(browser);
    await page.goto(waypost.url);
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    // The same document with another fragment: the browser loads nothing.
    await page.evaluate((hash) => {
      globalThis.location.hash = hash;
    }, new URL(link).hash);
    await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
    assert.ok(!page.url().includes("token"), page.url());
    await record.all();
    await context.close();
  });

  it("returns to the page that was wanted, its scenario included", async () => {
    const link = await newLink();
    const { page, context, record } = await openPage(browser);
    const wanted = "/preview?ref=litellm%2Fgpt-4o&draft=down%3Alitellm";
    await page.goto(waypost.url + wanted);
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await page.goto(link);
    await page.getByRole("heading", { level: 1, name: "Route preview" }).waitFor();
    assert.equal(page.url(), waypost.url + wanted);
    await page.getByRole("list", { name: "Changes in the scenario" }).getByRole("listitem").waitFor();
    await record.all();
    await context.close();
  });

  it("continues in the old tab after signing in in another one", async () => {
    const link = await newLink();
    const { page, context, record } = await openPage(browser);
    await page.goto(`${waypost.url}/settings`);
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    const other = await context.newPage();
    await other.goto(link);
    await other.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    await page.evaluate(() => globalThis.dispatchEvent(new Event("focus")));
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    await record.all();
    await context.close();
  });

  it("lists the browsers that are signed in by name, and ends the others", async () => {
    const first = await openPage(browser);
    await signIn(first.page, await newLink());
    const second = await openPage(browser);
    await signIn(second.page, await newLink());
    const { page } = second;
    await page.goto(`${waypost.url}/settings`);
    await page.getByRole("button", { name: "Show sessions" }).click();
    await page.waitForFunction(() => document.activeElement?.id === "sessions");
    const sessions = page.getByRole("table", { name: "Sessions" });
    const own = sessions.getByRole("row", { name: /This browser/ });
    await own.getByText("Headless Chrome on Linux", { exact: true }).waitFor();
    await own.getByText("from 127.0.0.1").waitFor();
    const others = sessions.getByRole("button", { name: "End session of Headless Chrome on Linux" });
    await others.first().waitFor();
    await assertAccessible(page, "the sessions");
    for (let left = await others.count(); left > 0; left -= 1) {
      await others.first().click();
      await page.getByRole("dialog").getByRole("button", { name: "End session" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      assert.equal(await others.count(), left - 1);
    }
    await first.page.goto(`${waypost.url}/settings`);
    await first.page.getByRole("heading", { level: 1, name: /Sign in|Your session has ended/ }).waitFor();
    await page.goto(`${waypost.url}/activity`);
    await page.getByText(/Headless Chrome on Linux ended the session of Headless Chrome on Linux/).first().waitFor();
    for (const { record, context } of [first, second]) {
      await record.all();
      await context.close();
    }
  });

  it("skips to the content", async () => {
    const { page, context, record } = await openPage(browser);
    await signIn(page, await newLink());
    for (const place of ["/models/gateways", "/agents", "/preview", "/settings"]) {
      await page.goto(waypost.url + place);
      await settled(page);
      await page.keyboard.press("Tab");
      await page.getByRole("link", { name: "Skip to main content" }).press("Enter");
      await page.waitForFunction(() => document.activeElement?.id === "main");
      assert.equal(page.url(), waypost.url + place);
    }
    await record.all();
    await context.close();
  });
});

describe("a control plane that is away for a while", () => {
  let waypost;
  let browser;
  let page;
  let context;
  before(async () => {
    waypost = await startWaypost();
    browser = await startBrowser();
    const client = await Client.signIn(waypost);
    ({ page, context } = await openPage(browser));
    await context.addCookies([{ ...client.cookie, url: waypost.url }]);
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
  });
  const lost = () => page.getByText("Reconnecting…", { exact: true });
  const comeBackToTheTab = () => page.evaluate(() => globalThis.dispatchEvent(new Event("focus")));

  it("is said, and connected to again without a press", async () => {
    await page.goto(`${waypost.url}/models/gateways`);
    await row(page, "litellm").waitFor();
    const place = () => page.getByRole("heading", { level: 1 }).boundingBox();
    const before = await place();
    await waypost.halt();
    await comeBackToTheTab();
    await lost().waitFor();
    assert.equal((await place()).y, before.y, "the page stays where it is");
    await waypost.start();
    await lost().waitFor({ state: "detached" });
    await page.getByText("Showing data from").waitFor({ state: "detached" });
    await row(page, "litellm").waitFor();
  });

  it("is connected to at once when someone comes back to the tab", async () => {
    await waypost.halt();
    await comeBackToTheTab();
    await lost().waitFor();
    // Long enough for the pauses to be long ones: each failed attempt is a request.
    await page.waitForFunction(
      () => performance.getEntriesByType("resource").filter((entry) => entry.name.endsWith("/api/v1/session")).length > 4,
    );
    await waypost.start();
    const before = Date.now();
    await comeBackToTheTab();
    await lost().waitFor({ state: "detached" });
    assert.ok(Date.now() - before < 5_000, "the next attempt was not waited for");
  });

  it("opens the page once it answers, when it was away at the start", async () => {
    await page.goto(`${waypost.url}/settings`);
    await settled(page);
    const start = /\/api\/v1\/(session|workspace)$/;
    await page.route(start, (route) => route.abort());
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Control plane unreachable" }).waitFor();
    await page.unroute(start);
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
  });
});
