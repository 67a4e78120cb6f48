// With the keyboard alone: Tab reaches the controls of every page in order and leaves them again, and
// what has the focus is seen.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { settled } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const PAGES = ["/models/gateways", "/models/sources", "/models/sources/new", "/models/direct", "/models/catalog", "/agents", "/agents/new", "/agents/named/sample-support", "/preview?agent=sample-support", "/preview?mode=many", "/requests", "/activity", "/settings", "/nowhere"];

/** More than the controls of any of these pages. */
const MOST = 250;

/** A date field has a stop for the day, the month, the year and the calendar. */
const STOPS = 4;

/** What has the focus: a name for messages, whether it shows that, and whether something covers it. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const ringed = (candidate) => {
      const style = getComputedStyle(candidate);
      return style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) > 0;
    };
    // A ring may be around the label that holds the control.
    const rings = [element, element.parentElement, element.parentElement?.parentElement].filter(Boolean);
    const box = element.getBoundingClientRect();
    const bar = document.querySelector(".top").getBoundingClientRect();
    const isCovered = document.querySelector("main").contains(element) && box.bottom <= bar.bottom && box.height > 0;
    const seen = document.documentElement.dataset;
    element.dataset.visit ??= String((seen.visits = String(Number(seen.visits ?? 0) + 1)));
    return {
      name: `${element.tagName.toLowerCase()} ${element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 30)}`,
      visit: Number(element.dataset.visit),
      hasRing: rings.some(ringed),
      isCovered,
    };
  });

describe("keyboard", () => {
  let waypost;
  let browser;
  let client;

  before(async () => {
    waypost = await startWaypost();
    client = await Client.signIn(waypost);
    await client.call("POST", "/sample", {});
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
  });

  for (const width of [1280, 390]) {
    for (const address of PAGES) {
      it(`${address} at ${width} px`, async () => {
        const { page, context } = await openPage(browser, { width });
        try {
          await context.addCookies([{ ...client.cookie, url: waypost.url }]);
          await page.goto(waypost.url + address);
          await settled(page);
          // A form has put the focus into its first field.
          await page.evaluate(() => {
            document.body.tabIndex = -1;
            document.body.focus();
          });
          const visited = [];
          let stops = 1;
          for (let presses = 0; presses < MOST; presses += 1) {
            await page.keyboard.press("Tab");
            const now = await focused(page);
            // Past the last control the browser's own ones come, and then the first again.
            if (now === null || (visited.length > 0 && now.visit === visited[0].visit)) break;
            stops = now.visit === visited.at(-1)?.visit ? stops + 1 : 1;
            assert.ok(stops <= STOPS, `Tab does not leave ${now.name}`);
            assert.ok(now.hasRing, `the focus is not seen on ${now.name}`);
            assert.ok(!now.isCovered, `the bar covers ${now.name}`);
            visited.push(now);
          }
          assert.ok(visited.length > 8, `Tab reaches ${visited.map(({ name }) => name)}`);
          assert.ok(visited.length < MOST, "Tab never comes to an end");
          assert.match(visited[0].name, /Skip to main content/);
        } finally {
          await context.close();
        }
      });
    }
  }
});
