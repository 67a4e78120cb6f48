// The palette: agents, models, pages and actions, and where a ref goes. By keyboard alone.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { startUpstream } from "./lib/sockets.mjs";
import { askPalette, noHorizontalScroll, palette, settled } from "./lib/ui.mjs";
import { until } from "./lib/wait.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("the palette", () => {
  let upstream;
  let waypost;
  let browser;
  let page;
  let context;
  let record;
  let client;
  before(async () => {
    upstream = await startUpstream({ models: ["moonshotai/kimi-echo", "openai/gpt-4o"] });
    waypost = await startWaypost({ LITELLM_BASE_URL: upstream.url, LITELLM_MASTER_KEY: "sk-any" });
    client = await Client.signIn(waypost);
    await client.call("POST", "/providers/litellm/refresh");
    for (const name of ["support-bot", "old-support-bot"]) {
      await client.call("POST", "/agents", {
        yaml: `name: ${name}\nmodel: { primary: litellm/openai/gpt-4o }\nsubagents:\n  writer: { model: { primary: litellm/moonshotai/kimi-echo } }\n`,
      });
    }
    browser = await startBrowser();
    ({ page, context, record } = await openPage(browser));
    await context.addCookies([{ ...client.cookie, url: waypost.url }]);
    await page.goto(`${waypost.url}/models/gateways`);
    await settled(page);
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await upstream?.stop();
  });

  const field = () => palette(page).getByRole("combobox");
  const option = (name) => palette(page).getByRole("option", { name, exact: true });
  /** What the active entry is called, without the note beside it. */
  const active = async () => page.locator(`[id="${await field().getAttribute("aria-activedescendant")}"] .palette-label`).innerText();
  const close = async () => {
    await page.keyboard.press("Escape");
    await palette(page).waitFor({ state: "detached" });
    // Keys belong to the page again once its dialog is closed.
    await page.waitForFunction(() => !document.querySelector("dialog[open]"));
  };

  it("opens by each of its keys and gives the focus back", async () => {
    const opener = page.getByRole("button", { name: /^Search, or enter a model ref/ });
    await opener.focus();
    for (const key of ["/", "Control+k", "Meta+k", "Enter"]) {
      await page.keyboard.press(key);
      await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
      await close();
      await page.waitForFunction(() => document.activeElement?.classList.contains("palette-opener"));
    }
  });

  it("finds a model by a part of its name, and shows its route", async () => {
    await askPalette(page, "kimi");
    await option("litellm/moonshotai/kimi-echo").waitFor();
    await until("the model to be active", async () => (await active()).includes("kimi-echo"));
    await palette(page).getByText(`${upstream.url}/chat/completions`, { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/preview\?ref=litellm%2Fmoonshotai%2Fkimi-echo$/);
    await page.waitForFunction(() => document.activeElement?.tagName === "H1");
  });

  it("takes an agent's name for the agent", async () => {
    await askPalette(page, "support-bot");
    await until("the agent to be active", async () => (await active()) === "support-bot");
    await palette(page).getByText("Subagents", { exact: true }).waitFor();
    await page.keyboard.press("ArrowDown");
    await until("the other agent to be active", async () => (await active()) === "old-support-bot");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/agents\/named\/support-bot$/);
    await page.getByRole("heading", { level: 1, name: "Edit support-bot" }).waitFor();
    await askPalette(page, "support-bot");
    await palette(page).getByRole("button", { name: "Preview its route" }).click();
    await page.waitForURL(/\/preview\?agent=support-bot$/);
  });

  it("offers a route for a ref or what an agent sends, and not for every word", async () => {
    await askPalette(page, "hello");
    await until("the search to end", async () => (await palette(page).getByRole("option").count()) === 0);
    await close();
    await client.call("POST", "/agents", { yaml: "name: customer\nmodel: { primary: customer-alias }\n" });
    await page.reload();
    await settled(page);
    await askPalette(page, "customer-alias");
    await option("customer-alias Show the route").waitFor();
    await close();
  });

  it("finds actions by the words people use", async () => {
    await askPalette(page, "rotate litellm key");
    await option("Configure litellm").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: /litellm/ }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    for (let round = 0; round < 2; round += 1) {
      await askPalette(page, "import agents");
      await option("Import agents").waitFor();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "Import agents" }).waitFor();
      await page.waitForURL(/\/agents$/);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
  });

  it("is quiet while a ref is being typed", async () => {
    await askPalette(page, "openrouter/");
    await palette(page).getByText(/The model is still missing/).waitFor();
    assert.equal(await palette(page).getByText("no route", { exact: true }).count(), 0);
    await page.keyboard.type("moonshotai/kimi-k2");
    await palette(page).getByText("https://openrouter.ai/api/v1/chat/completions", { exact: true }).waitFor();
    await close();
  });

  it("completes the name of a gateway and keeps the focus", async () => {
    await askPalette(page, "openr");
    await option("openrouter/ gateway").waitFor();
    await page.keyboard.press("Enter");
    assert.equal(await field().inputValue(), "openrouter/");
    await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
    await close();
  });

  it("opens pages and runs actions", async () => {
    await askPalette(page, "settings");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    await askPalette(page, "dark theme");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
    await askPalette(page, "system theme");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => !document.documentElement.dataset.theme);
  });

  it("asks before it leaves a form with unsaved changes", async () => {
    await page.goto(`${waypost.url}/agents/new`);
    await page.getByRole("textbox", { name: "Document" }).fill("name: half\n");
    await askPalette(page, "catalog", "Control+k");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Leave without saving?" }).getByRole("button", { name: "Leave" }).click();
    await page.waitForURL(/\/models\/catalog$/);
  });

  it("fits a narrow window", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await askPalette(page, "litellm/openai/gpt-4o");
    await palette(page).getByText(`${upstream.url}/chat/completions`, { exact: true }).waitFor();
    await noHorizontalScroll(page);
    await close();
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it("logs no error", () => assert.deepEqual(record.errors, []));
});
