// Where things are: what belongs together is in line, nothing covers anything else, nothing breaks in
// the middle of a word, and what was just answered is in view.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { startUpstream } from "./lib/sockets.mjs";
import { askPalette, dialog, fillSource, fromMenu, palette, row, rowButton, settled } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("layout", () => {
  let upstream;
  let refusing;
  let waypost;
  let browser;
  let client;

  before(async () => {
    const models = Array.from({ length: 200 }, (_, at) => `vendor/a-model-with-a-rather-long-name-that-ends-in-${at}`);
    upstream = await startUpstream({ models });
    refusing = await startUpstream({ status: 401 });
    waypost = await startWaypost({});
    client = await Client.signIn(waypost);
    for (const [name, { url }] of Object.entries({ up: upstream, refusing })) {
      await client.call("POST", "/providers", { name, kind: "gateway", base_url: url, allow_private: true });
    }
    await client.call("PUT", "/providers/up/key", { value: "key-for-this-test" });
    await client.call("POST", "/providers/up/refresh", {});
    await client.call("POST", "/agents", { yaml: `name: routed\nmodel: { primary: "up/${models[0]}" }\n` });
    await client.call("POST", "/agents", { yaml: "name: unroutable\nmodel: { primary: groq/llama }\n" });
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await upstream?.stop();
    await refusing?.stop();
  });

  /** Runs on a separate page. */
  async function onPage(look, address, run) {
    const { page, context } = await openPage(browser, look);
    try {
      await context.addCookies([{ ...client.cookie, url: waypost.url }]);
      await page.goto(waypost.url + address);
      await settled(page);
      await run(page);
    } finally {
      await context.close();
    }
  }

  const box = (locator) => locator.evaluate((element) => element.getBoundingClientRect().toJSON());

  const overlaps = (one, other) =>
    one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

  for (const width of [360, 390]) {
    it(`${width} px: every place is in view, with its name`, () =>
      onPage({ width }, "/settings", async (page) => {
        const places = page.getByRole("navigation", { name: "Places" }).getByRole("link");
        const boxes = await places.evaluateAll((links) => links.map((link) => link.querySelector(".place-label").getBoundingClientRect().toJSON()));
        assert.ok(boxes.length >= 5, `${boxes.length} places`);
        for (const { left, right, height } of boxes) {
          assert.ok(left >= 0 && right <= width && height > 0, JSON.stringify(boxes));
        }
      }));
  }

  it("agents by destination are in line with the titles of their columns", () =>
    onPage({}, "/agents", async (page) => {
      const titles = await page.locator(".agent-columns > span").evaluateAll((spans) => spans.map((span) => [span.textContent, span.getBoundingClientRect().left]));
      assert.deepEqual(titles.map(([title]) => title), ["", "Agent", "Primary", "Fallback"]);
      for (const name of ["routed", "unroutable"]) {
        const cells = await row(page, name).evaluate((row) => [...row.children].slice(0, 4).map((cell) => cell.getBoundingClientRect().left));
        assert.deepEqual(cells, titles.map(([, left]) => left), name);
      }
    }));

  it("checkboxes are of one size and in one column", async () => {
    for (const address of ["/agents", "/agents?view=list", "/models/catalog"]) {
      await onPage({}, address, async (page) => {
        const boxes = await page.getByRole("main").getByRole("checkbox").evaluateAll((boxes) => boxes.map((box) => box.getBoundingClientRect().toJSON()));
        const places = new Set(boxes.map(({ left, width, height }) => `${left} ${width} ${height}`));
        assert.ok(boxes.length > 2, address);
        assert.deepEqual([...places], [`${boxes[0].left} 16 16`], address);
      });
    }
  });

  it("the rows of the catalog end where the page ends, with a scroll bar beside them", () =>
    onPage({}, "/models/catalog", async (page) => {
      const tabs = await box(page.getByRole("navigation", { name: "Models" }));
      const { left, right } = await box(page.getByRole("row").nth(1));
      assert.deepEqual([left, right], [tabs.left, tabs.right]);
    }));

  it("390 px: refs that differ at their end look different", () =>
    onPage({ width: 390 }, "/models/catalog", async (page) => {
      const ref = page.getByRole("row").getByRole("link", { name: /^up.*that-ends-in-1$/ });
      const [shown, needed] = await ref.evaluate((link) => [link.clientHeight, link.scrollHeight]);
      assert.ok(needed <= shown, `${needed} px of text in ${shown} px`);
    }));

  it("390 px: the catalog scrolls with its page, and the keyboard reaches its end", () =>
    onPage({ width: 390, height: 800 }, "/models/catalog", async (page) => {
      const grid = page.getByRole("grid");
      const rows = () => page.getByRole("row").count();
      const few = await rows();
      assert.ok(few < 40, `${few} rows in the page`);
      const [shown, whole] = await grid.evaluate((grid) => [grid.clientHeight, grid.scrollHeight]);
      assert.equal(shown, whole);
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      await grid.getByRole("rowheader").last().getByText(/that-ends-in-99$/).waitFor();
      assert.ok((await rows()) < few + 10, `${await rows()} rows at the end`);
      await page.evaluate(() => scrollTo(0, 0));
      await page.getByRole("row").nth(1).getByRole("checkbox").focus();
      await page.keyboard.press("Control+End");
      await page.waitForFunction(() => document.activeElement?.closest("[aria-rowindex]")?.ariaRowIndex === "201");
      const last = await box(page.locator(":focus"));
      assert.ok(last.top > 60 && last.bottom <= 800, JSON.stringify(last));
      await page.keyboard.press("Control+Home");
      await page.waitForFunction(() => document.activeElement?.closest("[aria-rowindex]")?.ariaRowIndex === "2");
      const first = await box(page.locator(":focus"));
      const bar = await box(page.locator(".top"));
      assert.ok(first.top >= bar.bottom && first.bottom <= 800, JSON.stringify([first, bar]));
    }));

  /** The texts at which a line begins without a separator before or at its first letter. */
  const broken = (locator) =>
    locator.evaluate((element) => {
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      const found = [];
      let before = { top: 0, letter: "/" };
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        for (let at = 0; at < node.length; at += 1) {
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + 1);
          const [rect] = range.getClientRects();
          if (!rect || rect.width < 2) continue;
          const letter = node.data[at];
          const isNewLine = rect.top > before.top + 4;
          if (isNewLine && !/[/.:_\s]/.test(letter) && !/[/:_\s-]/.test(before.letter)) found.push(node.data.slice(at));
          before = { top: rect.top, letter };
        }
      }
      return found;
    });

  it("URLs break between their parts", async () => {
    for (const width of [1280, 390]) {
      await onPage({ width }, "/models/sources/new", async (page) => {
        await fillSource(page, { baseUrl: "https://gateway.example/v1/chat/completions", passthrough: true });
        const sent = page.locator(".sent-url > :last-child");
        await sent.nth(2).waitFor();
        for (const url of await sent.all()) assert.deepEqual(await broken(url), [], `${width} px`);
        await page.getByRole("heading", { level: 1 }).focus();
        await askPalette(page, "openrouter/moonshotai/kimi-k2");
        const url = palette(page).locator(".facts .address").first();
        await url.waitFor();
        assert.deepEqual(await broken(url), [], `the palette at ${width} px`);
      });
    }
  });

  it("390 px: the URL that a form names in a sentence breaks between its parts, too", () =>
    onPage({ width: 390 }, "/models/gateways", async (page) => {
      await rowButton(page, "openrouter", "Configure").click();
      const sentence = dialog(page).getByText(/^Requests go to/);
      await sentence.waitFor();
      assert.deepEqual(await broken(sentence.locator("code")), []);
    }));

  it("390 px: the palette speaks of no keys", () =>
    onPage({ width: 390 }, "/models/gateways", async (page) => {
      await askPalette(page, "kimi");
      await palette(page).getByText("Nothing is sent.").waitFor();
      assert.equal(await palette(page).getByText("to move").filter({ visible: true }).count(), 0);
    }));

  it("390 px: what an imported document does is not covered by its actions", () =>
    onPage({ width: 390 }, "/agents", async (page) => {
      await page.getByRole("button", { name: "Import", exact: true }).click();
      const file = { name: "routed.yaml", mimeType: "text/yaml", buffer: Buffer.from("name: routed\nmodel: { primary: up/other }\n") };
      await dialog(page).getByLabel("Files").setInputFiles([file]);
      const badge = await box(dialog(page).getByText("Replaces routed"));
      for (const button of await dialog(page).locator(".candidate").getByRole("button").all()) {
        assert.ok(!overlaps(badge, await box(button)), await button.textContent());
      }
    }));

  it("390 px: why a key is not saved is in view, above the buttons", () =>
    onPage({ width: 390 }, "/models/gateways", async (page) => {
      await rowButton(page, "refusing", "Configure").click();
      await dialog(page).getByLabel(/^API key/).fill("another-key-for-this-test");
      await dialog(page).getByRole("button", { name: "Save key", exact: true }).click();
      const anyway = dialog(page).getByRole("button", { name: "Save anyway" });
      await anyway.waitFor();
      const foot = dialog(page).locator(".dialog-foot");
      const isAbove = async () => (await box(anyway)).bottom <= (await box(foot)).top;
      await page.waitForFunction(
        ([button, foot]) => button.getBoundingClientRect().bottom <= foot.getBoundingClientRect().top,
        [await anyway.elementHandle(), await foot.elementHandle()],
      );
      assert.ok(await isAbove());
    }));

  it("on paper of A4 refs get the room of what can only be pressed, and no name breaks inside of a word", () =>
    onPage({ width: 718 }, "/models/catalog", async (page) => {
      await page.emulateMedia({ media: "print" });
      await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
      await page.getByRole("row").nth(150).waitFor();
      const ref = await box(page.getByRole("rowheader").first());
      assert.ok(ref.width > 718 * 0.45, `${ref.width} px for refs`);
      await page.goto(`${waypost.url}/models/gateways`);
      await row(page, "openrouter").waitFor();
      const name = row(page, "openrouter").locator(".name");
      const [height, line] = await name.evaluate((name) => [name.getBoundingClientRect().height, Number.parseFloat(getComputedStyle(name).lineHeight)]);
      assert.ok(height < 1.5 * line, `${height} px for a name of one line`);
    }));

  it("closing a report with the keyboard leaves the focus in its row", () =>
    onPage({}, "/models/gateways", async (page) => {
      await fromMenu(page, "up", "Test");
      const close = page.getByRole("button", { name: "Close the report of up" });
      await close.focus();
      await page.keyboard.press("Enter");
      await close.waitFor({ state: "detached" });
      assert.ok(await row(page, "up").evaluate((row) => row.contains(document.activeElement)));
    }));

  it("forced colours tell a verified key from one that is not, and show all of a chosen entry", () =>
    onPage({}, "/models/gateways", async (page) => {
      await page.emulateMedia({ forcedColors: "active" });
      const face = (name) => row(page, name).locator(".verification").evaluate((line) => getComputedStyle(line, "::before").backgroundColor);
      const paper = await page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
      assert.notEqual(await face("up"), paper);
      await askPalette(page, "openrouter/moonshotai/kimi-k2");
      const colours = await palette(page).getByRole("option", { selected: true }).evaluate((option) => [option, ...option.children].map((part) => getComputedStyle(part).color));
      assert.equal(new Set(colours).size, 1, colours.join());
    }));
});
