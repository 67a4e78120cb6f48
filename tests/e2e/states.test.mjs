// Every state that a page can be in: empty, loading, failed, stale and long. None is made up: the
// control plane really stands still, is really stopped, and an upstream really lists 10,000 models.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { startUpstream } from "./lib/sockets.mjs";
import { fromMenu, openTab, row, rowButton, settled } from "./lib/ui.mjs";
import { until } from "./lib/wait.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("states of pages", () => {
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

  it("empty: says what is missing and what to do about it", async () => {
    const { page, context } = await openPage(browser);
    await signIn(page, waypost.link);
    await page.getByRole("heading", { name: "Get started" }).waitFor();
    await openTab(page, "Custom sources");
    await page.getByText("No custom sources", { exact: true }).waitFor();
    await openTab(page, "Catalog");
    await settled(page);
    await page.getByRole("main").getByText(/no models/i).first().waitFor();
    await context.close();
  });

  describe("with a lasting session", () => {
    let client;
    let page;
    let context;
    before(async () => {
      await waypost.halt();
      await waypost.start();
      client = await Client.signIn(waypost);
    });
    after(() => context?.close());

    it("loading: says so while the control plane does not answer yet", async () => {
      ({ page, context } = await openPage(browser));
      await context.addCookies([{ ...client.cookie, url: waypost.url }]);
      await page.goto(`${waypost.url}/settings`);
      await settled(page);
      process.kill(waypost.pid, "SIGSTOP");
      try {
        await page.getByRole("link", { name: "Models" }).click();
        await openTab(page, "Catalog");
        await page.locator(".loading").first().waitFor();
        await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
      } finally {
        process.kill(waypost.pid, "SIGCONT");
      }
      await settled(page);
      await page.getByRole("main").getByText(/no models/i).first().waitFor();
    });

    it("failed: says what happened, and recovers once the control plane is back", async () => {
      await page.goto(`${waypost.url}/settings`);
      await settled(page);
      await waypost.halt();
      await page.getByRole("link", { name: "Models" }).click();
      await openTab(page, "Catalog");
      const again = page.getByRole("main").getByRole("button", { name: "Try again" }).first();
      await again.waitFor();
      await waypost.start();
      await page.getByRole("main").getByText(/no models/i).first().waitFor();
    });

    it("stale: keeps the loaded rows, says how old they are, and recovers", async () => {
      await page.goto(`${waypost.url}/models/gateways`);
      await row(page, "litellm").waitFor();
      await waypost.halt();
      await page.evaluate(() => {
        // Coming back to the tab reads the workspace again.
        globalThis.dispatchEvent(new Event("focus"));
      });
      await page.getByText("Showing data from").waitFor();
      await row(page, "litellm").waitFor();
      await waypost.start();
      await page.getByText("Showing data from").waitFor({ state: "detached" });
    });

    it("signed out: reports that the session ended, and keeps the page", async () => {
      await page.goto(`${waypost.url}/models/gateways`);
      await row(page, "litellm").waitFor();
      await client.call("DELETE", "/session");
      await fromMenu(page, "litellm", "Test");
      await page.getByText("Your session has ended", { exact: true }).first().waitFor();
      await row(page, "litellm").waitFor();
    });
  });
});

describe("a long list", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `family-${index % 10}/model-${String(index).padStart(5, "0")}`);
  let upstream;
  let waypost;
  let browser;
  let page;
  let client;

  before(async () => {
    upstream = await startUpstream({ models: many });
    waypost = await startWaypost({ LITELLM_BASE_URL: upstream.url, LITELLM_MASTER_KEY: "sk-any" });
    client = await Client.signIn(waypost);
    browser = await startBrowser();
    let context;
    ({ page, context } = await openPage(browser));
    await context.addCookies([{ ...client.cookie, url: waypost.url }]);
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await upstream?.stop();
  });

  it("shows that a refresh runs while it runs, then what it did", async () => {
    await page.goto(`${waypost.url}/models/gateways`);
    upstream.hold();
    await rowButton(page, "litellm", "Refresh").click();
    await row(page, "litellm").getByRole("button", { name: /^Refreshing…/ }).waitFor();
    upstream.release();
    await page.getByRole("region", { name: "Refresh of litellm" }).getByText("10,000 added", { exact: true }).waitFor();
  });

  it("keeps a refresh going when its tab is closed", async () => {
    upstream.models = many.slice(0, 9_999);
    upstream.hold();
    const other = await openPage(browser);
    await other.context.addCookies([{ ...client.cookie, url: waypost.url }]);
    await other.page.goto(`${waypost.url}/models/gateways`);
    await rowButton(other.page, "litellm", "Refresh").click();
    await row(other.page, "litellm").getByRole("button", { name: /^Refreshing…/ }).waitFor();
    await other.context.close();
    upstream.release();
    await until("the refresh to end", async () => {
      const answer = await client.call("GET", "/providers/litellm/refresh");
      return JSON.stringify(answer).includes("done");
    });
    await page.goto(`${waypost.url}/models/gateways`);
    await row(page, "litellm").getByText(/1 no longer listed/).first().waitFor();
  });

  it("renders only the visible rows of 10,000 models", async () => {
    await page.goto(`${waypost.url}/models/catalog`);
    const grid = page.getByRole("grid");
    await grid.getByText("litellm/family-0/model-00000", { exact: true }).waitFor();
    await until("all models to be listed", async () => Number(await grid.getAttribute("aria-rowcount")) > 10_000);
    const before = await page.locator("*").count();
    await grid.getByRole("row").nth(3).getByRole("button").first().focus();
    await page.keyboard.press("Control+End");
    await grid.getByText("litellm/family-9/model-09999", { exact: true }).waitFor();
    const after = await page.locator("*").count();
    assert.ok(before < 2_500 && after < 2_500, `${before} and ${after} elements`);
    assert.ok(Math.abs(after - before) < 400, `${before} and ${after} elements`);
  });

  it("loads the pages that are looked at, and no others", async () => {
    const asked = () =>
      page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.includes("/api/v1/models?")).length);
    await page.goto(`${waypost.url}/models/catalog`);
    const grid = page.getByRole("grid");
    await grid.getByText("litellm/family-0/model-00000", { exact: true }).waitFor();
    await grid.getByRole("row").nth(3).getByRole("button").first().focus();
    await page.keyboard.press("Control+End");
    await grid.getByText("litellm/family-9/model-09999", { exact: true }).waitFor();
    assert.ok((await asked()) <= 4, `${await asked()} requests`);
  });

  it("sorts, counts what each filter would match, and keeps both in the address", async () => {
    await client.call("POST", "/agents", { yaml: "name: user\nmodel: { primary: litellm/family-3/model-00003 }\n" });
    await client.call("PATCH", "/models", { refs: ["litellm/family-1/model-00001"], enabled: false });
    await page.goto(`${waypost.url}/models/catalog`);
    const chooser = (name) => page.getByRole("combobox", { name, exact: true });
    await chooser("State").selectOption("Disabled · 1");
    await page.getByText("1 model matches", { exact: true }).waitFor();
    await page.getByRole("grid").getByText("litellm/family-1/model-00001", { exact: true }).waitFor();
    await chooser("State").selectOption("");
    await chooser("Use").selectOption("Used by agents · 1");
    await page.getByRole("grid").getByText("litellm/family-3/model-00003", { exact: true }).waitFor();
    await page.getByRole("link", { name: "1 agent with litellm/family-3/model-00003" }).waitFor();
    await chooser("Order").selectOption("Newest first");
    await page.waitForURL(/\/models\/catalog\?in_use=true&sort=newest$/);
    await page.reload();
    await page.getByText("1 model matches", { exact: true }).waitFor();
    await page.getByRole("link", { name: "1 agent with litellm/family-3/model-00003" }).click();
    await page.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
    await row(page, "user").waitFor();
  });

  it("says who uses a model before it is disabled, from the row's menu", async () => {
    await page.goto(`${waypost.url}/models/catalog?in_use=true`);
    await fromMenu(page, "litellm/family-3/model-00003", "Disable");
    const question = page.getByRole("dialog", { name: "Disable litellm/family-3/model-00003?" });
    await question.getByText("user").first().waitFor();
    await page.keyboard.press("Escape");
    await client.call("DELETE", "/agents/user");
  });

  it("selects all that match, loaded or not", async () => {
    await page.goto(`${waypost.url}/models/catalog?q=family-7`);
    await page.getByRole("checkbox", { name: "Select all 1,000 that match" }).check();
    await page.getByText("1,000 selected", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Disable", exact: true }).click();
    await page.getByText("Disabled 1,000 models.").first().waitFor();
    const disabled = await client.call("GET", "/models?q=family-7&state=disabled&limit=1");
    assert.equal(disabled.total, 1_000);
  });

  it("finds one among them by search", async () => {
    await page.goto(`${waypost.url}/models/catalog`);
    await page.getByRole("searchbox").fill("model-04242");
    await page.getByRole("grid").getByText("litellm/family-2/model-04242", { exact: true }).waitFor();
    await page.waitForFunction(() => document.querySelectorAll("[role=grid] [role=row]").length < 5);
  });
});
