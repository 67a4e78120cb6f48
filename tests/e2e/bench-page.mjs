// How soon pages show something, on a slow machine behind a slow line: `cargo xtask bench page`.
//
// Each visit has an empty cache and a session. Chromium slows its main thread down and delays what
// comes over the line. The median of the visits is reported, in nanoseconds as times are everywhere
// on the page of figures.

import { DevTools } from "./lib/devtools.mjs";
import { Client } from "./lib/http.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const VISITS = Number(process.env.WAYPOST_BENCH_VISITS ?? 9);
const CPU = 4;
const MEGABIT = 1e6 / 8;
const LINE = { offline: false, latency: 60, downloadThroughput: 9 * MEGABIT, uploadThroughput: 9 * MEGABIT };

/** The name of a page, its address, and its first row of real data. */
const PAGES = [
  ["gateways", "/models/gateways", "main tbody tr"],
  ["custom_sources", "/models/sources", "main tbody tr"],
  ["catalog", "/models/catalog", "main [role=row] [role=gridcell], main tbody tr"],
  ["agents", "/agents", "main tbody tr"],
  ["route_preview", "/preview?agent=sample-support", "main .station"],
  ["activity", "/activity", "main li, main tbody tr"],
  ["settings", "/settings", "main dd"],
];

const median = (numbers) => numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)];

/** Runs in the page before its own code: a promise of when its first row is painted, and what blocks. */
function watch(selector) {
  localStorage.setItem("waypost.signed-in", "1");
  window.blocked = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.blocked += Math.max(0, duration - 50);
  }).observe({ type: "longtask", buffered: true });
  window.firstRow = new Promise((resolve) => {
    const look = () => {
      const row = [...document.querySelectorAll(selector)].find((row) => !row.closest("#boot"));
      if (!row) return requestAnimationFrame(look);
      // The frame after the one that paints it.
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
    };
    requestAnimationFrame(look);
  });
}

async function visit(browser, waypost, client, address, selector) {
  const page = await browser.openPage();
  await page.send("Page.enable");
  await page.send("Network.enable");
  await page.send("Network.setCookie", { ...client.cookie, url: waypost.url });
  await page.send("Page.addScriptToEvaluateOnNewDocument", { source: `(${watch})(${JSON.stringify(selector)})` });
  await page.send("Network.emulateNetworkConditions", LINE);
  await page.send("Emulation.setCPUThrottlingRate", { rate: CPU });
  let bytes = 0;
  page.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  const idle = new Promise((resolve) => {
    page.on("Page.lifecycleEvent", ({ name }) => name === "networkIdle" && resolve());
  });
  await page.send("Page.navigate", { url: waypost.url + address });
  const row = await page.evaluate("firstRow");
  // Without what is fetched ahead for later pages.
  const loaded = bytes;
  await page.send("Page.setLifecycleEventsEnabled", { enabled: true });
  await idle;
  const { paint, blocked } = await page.evaluate(
    '({ paint: performance.getEntriesByName("first-contentful-paint")[0].startTime, blocked })',
  );
  await page.close();
  return { paint, row, blocked, bytes: loaded };
}

const waypost = await startWaypost({ RUST_LOG: "warn" });
const browser = await DevTools.start();
try {
  const client = await Client.signIn(waypost);
  await client.call("POST", "/sample", {});
  await visit(browser, waypost, client, ...PAGES[0].slice(1));
  const visits = new Map(PAGES.map(([name]) => [name, []]));
  // In turns, so that whatever else the machine does slows all pages down.
  for (let round = 0; round < VISITS; round += 1) {
    for (const [name, ...page] of PAGES) visits.get(name).push(await visit(browser, waypost, client, ...page));
  }
  for (const [name, results] of visits) {
    const figure = (what, read, unit) => {
      const values = results.map(read);
      console.log(`figure: ${name}/${what} ${Math.min(...values) * unit} ${median(values) * unit}`);
    };
    figure("first_contentful_paint", ({ paint }) => paint, 1e6);
    figure("first_row", ({ row }) => row, 1e6);
    figure("blocking_time", ({ blocked }) => blocked, 1e6);
    figure("bytes", ({ bytes }) => bytes, 1);
  }
} finally {
  await browser.close();
  await waypost.stop();
}
