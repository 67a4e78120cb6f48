// Waypost that serves https itself: in the browser over HTTP/2, and with a certificate that is replaced while
// it runs.

import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import tls from "node:tls";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { makeCertificate } from "./lib/edge.mjs";
import { settled } from "./lib/ui.mjs";
import { until } from "./lib/wait.mjs";
import { startWaypost } from "./lib/waypost.mjs";

/** The common name of the certificate that a new connection sees, and the version of HTTP it agrees on. */
function handshake(port) {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, rejectUnauthorized: false, ALPNProtocols: ["h2", "http/1.1"] };
    const socket = tls.connect(options, () => {
      resolve({ name: socket.getPeerCertificate().subject.CN, protocol: socket.alpnProtocol });
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

describe("own TLS", () => {
  let folder;
  let pair;
  let waypost;
  let browser;
  let page;
  let context;
  let record;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "waypost-tls-"));
    pair = await makeCertificate(folder, "first");
    const options = ["--tls-cert", pair.certificate, "--tls-key", pair.key];
    waypost = await startWaypost({}, { options });
    browser = await startBrowser();
    ({ page, context, record } = await openPage(browser, { ignoreHTTPSErrors: true }));
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("is opened by the link that it prints, over HTTP/2", async () => {
    assert.ok(waypost.link.startsWith(`${waypost.url}/#token=`), waypost.link);
    await signIn(page, waypost.link);
    const protocols = await page.evaluate(() => {
      const kinds = ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind));
      return [...new Set(kinds.filter(({ name }) => name.startsWith("https:")).map(({ nextHopProtocol }) => nextHopProtocol))];
    });
    assert.deepEqual(protocols, ["h2"]);
    const [cookie] = await context.cookies();
    assert.match(cookie.name, /^__Host-waypost-/);
    assert.deepEqual([cookie.secure, cookie.sameSite], [true, "Strict"]);
  });

  it("shows every page, and follows the live list", async () => {
    for (const [address, heading] of [["/agents", "Agents"], ["/preview", "Route preview"], ["/settings", "Settings"], ["/requests", "Requests"]]) {
      await page.goto(waypost.url + address);
      await page.getByRole("heading", { level: 1, name: heading }).waitFor();
      await settled(page);
    }
    await page.locator(".live-state").getByText("Live", { exact: true }).waitFor();
    // The live list ends with its page.
    await page.goto(`${waypost.url}/settings`);
    await settled(page);
    await record.all();
    assert.deepEqual(record.errors, []);
  });

  it("uses a certificate that is replaced, and keeps it where the next one is no good", async () => {
    assert.deepEqual(await handshake(waypost.port), { name: "first", protocol: "h2" });
    const next = await makeCertificate(folder, "second");
    await rename(next.key, pair.key);
    await rename(next.certificate, pair.certificate);
    await until("the new certificate", async () => (await handshake(waypost.port)).name === "second");
    await writeFile(`${pair.key}.new`, "no key");
    await rename(`${pair.key}.new`, pair.key);
    await until("the log to say why", () => waypost.output.includes("keeping the TLS certificate in use"));
    assert.equal((await handshake(waypost.port)).name, "second");
    // Who is signed in stays so, on the connection that was open.
    await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Activity" }).click();
    await page.getByRole("heading", { level: 1, name: "Activity" }).waitFor();
  });
});
