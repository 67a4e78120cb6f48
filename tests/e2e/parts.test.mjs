// The parts of the dashboard that are loaded when they are first needed.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { askPalette, dialog, openTab, palette, row, rowButton, settled } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

/** Each page that is loaded later: where it is, how one gets there, and what only it shows. */
const PAGES = [
  { address: "/models/sources", open: (page) => openTab(page, "Custom sources"), shows: (page) => page.getByRole("main").getByText("No custom sources", { exact: true }) },
  { address: "/models/catalog", open: (page) => openTab(page, "Catalog"), shows: (page) => page.getByRole("main").getByText(/no models/i).first() },
  { address: "/agents", open: (page) => place(page, "Agents"), shows: (page) => page.getByText("No agents yet", { exact: true }) },
  { address: "/preview", open: (page) => place(page, "Route preview"), shows: (page) => page.getByRole("main").getByRole("textbox", { name: /model ref/i }) },
  { address: "/settings", open: (page) => place(page, "Settings"), shows: (page) => page.getByRole("main").getByRole("heading", { name: "Installation" }) },
  { address: "/requests", open: (page) => place(page, "Requests"), shows: (page) => page.getByRole("main").getByText("No requests yet", { exact: true }) },
  { address: "/activity", open: (page) => place(page, "Activity"), shows: (page) => page.getByRole("main").getByRole("heading", { name: "Today" }) },
];

/** Goes to a place by the links beside every page. */
const place = (page, name) => page.getByRole("navigation", { name: "Places" }).getByRole("link", { name }).click();

/** The modules that a page has asked for since this was called. */
function modulesOf(page) {
  const modules = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.endsWith(".wasm")) modules.push(pathname);
  });
  return modules;
}

describe("parts that are loaded later", () => {
  let waypost;
  let browser;
  let client;
  let page;
  let context;

  before(async () => {
    waypost = await startWaypost();
    client = await Client.signIn(waypost);
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
  });

  /** A page of a browser that has loaded nothing yet. */
  async function fresh() {
    await context?.close();
    ({ page, context } = await openPage(browser));
    await context.addCookies([{ ...client.cookie, url: waypost.url }]);
  }

  it("the Gateways tab loads the first steps, and ahead only what many pages need", async () => {
    await fresh();
    const modules = modulesOf(page);
    await page.goto(`${waypost.url}/models/gateways`);
    await row(page, "litellm").waitFor();
    await page.waitForLoadState("networkidle");
    const names = modules.map((module) => module.match(/^\/(\w+)-/)[1]);
    // The workspace is empty, so that the first steps are shown.
    assert.deepEqual(names.sort(), ["first_run", "shared", "tokens", "waypost"]);
  });

  for (const { address, open, shows } of PAGES) {
    it(`${address} comes by its address and by a click`, async () => {
      await fresh();
      await page.goto(waypost.url + address);
      await shows(page).waitFor();

      await fresh();
      await page.goto(`${waypost.url}/models/gateways`);
      await row(page, "litellm").waitFor();
      const modules = modulesOf(page);
      await open(page);
      await shows(page).waitFor();
      assert.ok(modules.length > 0, "nothing was loaded");
      assert.equal(new URL(page.url()).pathname, address);
      // A part is fetched once.
      const before = modules.length;
      await place(page, "Models");
      await row(page, "litellm").waitFor();
      await open(page);
      await shows(page).waitFor();
      assert.equal(modules.length, before);
    });
  }

  it("the forms that lie in the module of their list come by their addresses", async () => {
    await fresh();
    await page.goto(`${waypost.url}/models/sources/new`);
    await page.getByRole("button", { name: "Add source" }).waitFor();
    await page.goto(`${waypost.url}/agents/new`);
    await page.getByRole("textbox", { name: "Document" }).waitFor();
  });

  it("a page that cannot be loaded says so, and comes on Try again, with the focus in its heading", async () => {
    await fresh();
    await page.goto(`${waypost.url}/models/gateways`);
    await row(page, "litellm").waitFor();
    await page.route("**/*.wasm", (route) => route.abort());
    await place(page, "Settings");
    await page.getByText("This page could not be loaded.").waitFor();
    assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), "Settings");
    await page.unroute("**/*.wasm");
    await page.getByRole("main").getByRole("button", { name: "Try again" }).click();
    await page.getByRole("main").getByRole("heading", { name: "Installation" }).waitFor();
    await page.waitForFunction(() => document.activeElement?.matches("main h1"));
  });

  it("a dialog that cannot be loaded says so, and opens the next time", async () => {
    await fresh();
    await page.goto(`${waypost.url}/models/gateways`);
    await row(page, "litellm").waitFor();
    await page.route("**/*.wasm", (route) => route.abort());
    await rowButton(page, "litellm", "Configure").click();
    await page.getByText("The dialog could not be loaded.").first().waitFor();
    assert.equal(await dialog(page).count(), 0);
    await page.unroute("**/*.wasm");
    await rowButton(page, "litellm", "Configure").click();
    await dialog(page).getByRole("heading", { name: "Configure litellm" }).waitFor();
  });

  it("a report that cannot be loaded says so, and comes on Try again", async () => {
    await fresh();
    await page.goto(`${waypost.url}/models/gateways`);
    await row(page, "litellm").waitFor();
    await page.route("**/*.wasm", (route) => route.abort());
    await rowButton(page, "litellm", "Refresh").click();
    await page.getByText("This part of the page could not be loaded.").waitFor();
    await page.unroute("**/*.wasm");
    await page.getByRole("main").getByRole("button", { name: "Try again" }).click();
    await page.getByRole("region", { name: "Refresh of litellm" }).waitFor();
  });

  it("the resolver that cannot be loaded says so, keeps what is typed, and answers on Try again", async () => {
    await fresh();
    await page.goto(`${waypost.url}/models/gateways`);
    await row(page, "litellm").waitFor();
    await page.route("**/*.wasm", (route) => route.abort());
    await askPalette(page, "openrouter/moonshotai/kimi-k2");
    await palette(page).getByText("The resolver could not be loaded.").waitFor();
    await page.unroute("**/*.wasm");
    await palette(page).getByRole("button", { name: "Try again" }).click();
    await palette(page).getByText("https://openrouter.ai/api/v1/chat/completions").waitFor();
    assert.equal(await palette(page).getByRole("combobox").inputValue(), "openrouter/moonshotai/kimi-k2");
  });

  it("nothing is reported as an error while parts come and go", async () => {
    const opened = await openPage(browser);
    await opened.context.addCookies([{ ...client.cookie, url: waypost.url }]);
    await opened.page.goto(`${waypost.url}/models/gateways`);
    for (const { open, shows } of PAGES) {
      await place(opened.page, "Models");
      await open(opened.page);
      await shows(opened.page).waitFor();
    }
    assert.deepEqual(opened.record.errors, []);
    await opened.context.close();
  });
});
