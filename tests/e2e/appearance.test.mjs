// The dashboard in forced colours, on paper, on narrow and wide screens, and with names that are long
// or written from right to left.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { assertAccessible } from "./lib/accessibility.mjs";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { startUpstream } from "./lib/sockets.mjs";
import { noHorizontalScroll, row, settled } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const LONG = "A source whose name says everything about it and then some more ".repeat(4).slice(0, 200).trim();
const ARABIC = "بوابة العملاء";
const LONG_AGENT = "agent-with-a-very-long-name-".repeat(5).slice(0, 128);

/** Each page that has its own layout. */
const PAGES = ["/models/gateways", "/models/sources", "/models/sources/new", "/models/direct", "/models/catalog", "/agents", "/agents/new", "/agents/named/sample-support", "/preview?agent=sample-support", "/preview?mode=many", "/requests", "/activity", "/settings", "/nowhere"];

/** The colour of a property of an element or of what is drawn before or after it. */
const styleOf = (locator, property, pseudo) =>
  locator.first().evaluate((element, [property, pseudo]) => getComputedStyle(element, pseudo)[property], [property, pseudo]);

describe("appearance", () => {
  let upstream;
  let waypost;
  let browser;
  let client;

  before(async () => {
    const models = Array.from({ length: 1_200 }, (_, at) => `vendor/model-${String(at).padStart(4, "0")}`);
    upstream = await startUpstream({ models: ["model-a", `vendor/${"long-".repeat(24)}model`, ...models] });
    waypost = await startWaypost({});
    client = await Client.signIn(waypost);
    await client.call("POST", "/sample", {});
    await client.call("POST", "/providers", { name: "up", kind: "gateway", base_url: upstream.url, allow_private: true });
    await client.call("PUT", "/providers/up/key", { value: "key-for-this-test" });
    await client.call("POST", "/providers/up/refresh", {});
    await client.call("POST", "/sources", { name: LONG, base_url: "https://a-host-with-a-rather-long-name.customers.gateway.example/v1" });
    await client.call("POST", "/sources", { name: ARABIC, slug: "arabic", base_url: "https://gw.example/v1" });
    await client.call("POST", "/agents", { yaml: `name: ${LONG_AGENT}\nmodel: { primary: up/model-a }\n` });
    await client.call("POST", "/agents", { yaml: `name: "${ARABIC}"\nmodel: { primary: up/model-a }\n` });
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await upstream?.stop();
  });

  /** Runs on a separate page. */
  async function onPage(look, run) {
    const { page, context } = await openPage(browser, look);
    try {
      await context.addCookies([{ ...client.cookie, url: waypost.url }]);
      const open = async (address) => {
        await page.goto(waypost.url + address);
        await settled(page);
      };
      await run(page, open);
    } finally {
      await context.close();
    }
  }

  it("forced colours show the current tab and place, the state of switches, dots and the route line", () =>
    onPage({}, async (page, open) => {
      await page.emulateMedia({ forcedColors: "active" });
      await open("/models/gateways");
      for (const name of ["Models", "Places"]) {
        const links = page.getByRole("navigation", { name });
        const current = await styleOf(links.locator("[aria-current]"), "borderBottomColor");
        const other = await styleOf(links.locator("a:not([aria-current])"), "borderBottomColor");
        assert.notEqual(current, other, name);
        assert.equal(other, await styleOf(page.locator("body"), "backgroundColor"), `${name} draws a border around what is not current`);
      }
      const badge = page.locator(".badge[data-tone=ok]");
      assert.notEqual(await styleOf(badge, "backgroundColor", "::before"), await styleOf(badge, "backgroundColor"), "the dot of a badge");

      await open("/models/sources/new");
      const passthrough = page.getByRole("switch", { name: "Passthrough" });
      const faces = [];
      for (const on of [false, true]) {
        await passthrough.setChecked(on);
        faces.push(await styleOf(passthrough, "backgroundColor"));
        assert.notEqual(await styleOf(passthrough, "backgroundColor", "::after"), faces.at(-1), "the knob of a switch");
      }
      assert.notEqual(faces[0], faces[1], "a switch that is on looks as one that is off");

      await open("/preview?ref=up/model-a");
      const station = page.locator(".station");
      const paper = await styleOf(page.locator("body"), "backgroundColor");
      assert.notEqual(await styleOf(station, "backgroundColor", "::before"), paper, "the route line");
      const chosen = page.locator(".segment:has(:checked)");
      assert.notEqual(await styleOf(chosen, "backgroundColor"), paper, "the chosen mode");
    }));

  it("paper has neither rail nor forms nor buttons, and a long list says which rows are printed", () =>
    onPage({}, async (page, open) => {
      await page.emulateMedia({ media: "print" });
      for (const address of ["/models/gateways", "/agents", "/activity", "/settings"]) {
        await open(address);
        assert.equal(await page.getByRole("navigation").filter({ visible: true }).count(), 0, address);
        assert.equal(await page.getByRole("searchbox").filter({ visible: true }).count(), 0, address);
        // Settings show their values in selects.
        if (address !== "/settings") assert.equal(await page.getByRole("combobox").filter({ visible: true }).count(), 0, address);
        // A count or a term may be a button as well; those say something.
        assert.equal(await page.locator(".button, .menu-button").filter({ visible: true }).count(), 0, address);
      }
      await open("/models/catalog");
      await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
      await page.getByText(/^Printed: the first 1,000 of 1,\d{3} rows\.$/).waitFor();
      assert.equal(await page.getByRole("row").filter({ visible: true }).count(), 1_001);
      const [clip, height] = await page.getByRole("grid").evaluate((grid) => [getComputedStyle(grid).overflowY, grid.clientHeight]);
      assert.equal(clip, "visible");
      assert.ok(height > 20_000, `the rows are ${height} px high`);
      await page.evaluate(() => dispatchEvent(new Event("afterprint")));
      await page.getByText(/^Printed: the first/).waitFor({ state: "detached" });
      await page.emulateMedia({ media: "screen" });
      await page.waitForFunction(() => document.querySelectorAll("[role=row]").length < 100);
    }));

  /** Texts that are cut off without an ellipsis. */
  const clipped = (page) =>
    page.evaluate(() =>
      [...document.querySelectorAll("main *, .rail *")]
        .filter((element) => {
          const style = getComputedStyle(element);
          const hides = ["hidden", "clip"].includes(style.overflowX) && style.clipPath === "none";
          const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
          const isCut = element.scrollWidth > element.clientWidth + 1;
          return hides && hasText && isCut && style.textOverflow !== "ellipsis" && style.webkitLineClamp === "none";
        })
        .map((element) => `${element.className}: ${element.textContent.trim().slice(0, 40)}`),
    );

  for (const width of [360, 768, 1024, 1280, 1920]) {
    it(`${width} px: nothing is wider than the window, and what is cut off ends in an ellipsis`, () =>
      onPage({ width }, async (page, open) => {
        for (const address of PAGES) {
          await open(address);
          await noHorizontalScroll(page);
          assert.deepEqual(await clipped(page), [], `${address} at ${width} px`);
        }
      }));
  }

  it("the box above each page ends where the page ends, and a wide screen is used", () =>
    onPage({ width: 1920 }, async (page, open) => {
      await open("/models/gateways");
      const edges = await page.evaluate(() => {
        const box = document.querySelector(".top > *").getBoundingClientRect();
        const table = document.querySelector("main table").getBoundingClientRect();
        return { left: box.left - table.left, right: box.right - table.right, unused: document.documentElement.clientWidth - table.right };
      });
      assert.ok(Math.abs(edges.left) <= 1 && Math.abs(edges.right) <= 1, JSON.stringify(edges));
      assert.ok(edges.unused < 100, JSON.stringify(edges));
    }));

  it("a name of 200 characters takes two lines, and all of them where the focus is in its row", () =>
    onPage({}, async (page, open) => {
      await open("/models/sources");
      const name = page.locator(".user-text", { hasText: LONG });
      const line = await name.evaluate((element) => Number.parseFloat(getComputedStyle(element).lineHeight));
      const height = () => name.evaluate((element) => element.getBoundingClientRect().height);
      assert.ok((await height()) <= 2 * line + 1, `${await height()} px`);
      assert.equal(await name.getAttribute("title"), LONG);
      await page.getByRole("heading", { level: 1 }).focus();
      const inRow = () => page.evaluate((name) => document.activeElement?.closest("tr")?.textContent.includes(name), LONG);
      for (let presses = 0; presses < 60 && !(await inRow()); presses += 1) await page.keyboard.press("Tab");
      assert.ok(await inRow(), "Tab never reaches the row");
      assert.ok((await height()) > 2 * line + 1, `${await height()} px with the focus in the row`);
    }));

  it("names that users chose keep their own direction", () =>
    onPage({}, async (page, open) => {
      for (const address of ["/models/sources", "/agents", `/agents/named/${encodeURIComponent(ARABIC)}`, `/preview?agent=${encodeURIComponent(ARABIC)}`, "/activity"]) {
        await open(address);
        await page.getByRole("main").getByText(ARABIC).filter({ visible: true }).first().waitFor();
        const loose = await page.evaluate((text) => {
          const isPlain = (element) => element && (getComputedStyle(element).unicodeBidi === "plaintext" || isPlain(element.parentElement));
          return [...document.querySelectorAll("main *")]
            .filter((element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.includes(text)))
            .filter((element) => !element.closest("bdi, option, pre, .visually-hidden, textarea") && !isPlain(element))
            .map((element) => element.outerHTML);
        }, ARABIC);
        assert.deepEqual(loose, [], address);
      }
    }));

  it("the skip link moves the focus into the page, and the next Tab goes on from there", () =>
    onPage({}, async (page, open) => {
      await open("/models/gateways");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate(() => document.activeElement?.id), "main");
      assert.equal(new URL(page.url()).pathname, "/models/gateways");
      await page.keyboard.press("Tab");
      assert.ok(await page.evaluate(() => document.querySelector("main").contains(document.activeElement)));
    }));

  it("an address that does not exist says so inside of the frame, with ways on", () =>
    onPage({}, async (page) => {
      const answer = await page.goto(`${waypost.url}/agents/bot/history`);
      assert.equal(answer.status(), 404);
      await page.getByRole("heading", { level: 1, name: "Page not found" }).waitFor();
      await page.getByText("/agents/bot/history").waitFor();
      await assertAccessible(page, "an unknown address");
      await page.getByRole("main").getByRole("link", { name: "Agents" }).click();
      await page.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
    }));

  it("the rail counts models and agents, and what needs attention", () =>
    onPage({}, async (page, open) => {
      await open("/settings");
      const places = page.getByRole("navigation", { name: "Places" });
      await places.getByRole("link", { name: /^Models 1,207$/ }).waitFor();
      const { items } = await client.call("GET", "/agents");
      await places.getByRole("link", { name: `Agents ${items.length}` }).waitFor();
      await client.call("PATCH", "/providers/up", { base_url: "https://elsewhere.example/v1" });
      await page.reload();
      await places.getByRole("link", { name: /^Models 1 needs attention 1,207$/ }).waitFor();
      await open("/models/gateways");
      await row(page, "up").getByText("Needs re-entry").waitFor();
      await client.call("PATCH", "/providers/up", { base_url: upstream.url });
    }));
});
