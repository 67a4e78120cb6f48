// Keys in a real OpenBao: what Settings says about it, and a row while it does not answer.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { assertAccessible } from "./lib/accessibility.mjs";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { startOpenBao } from "./lib/openbao.mjs";
import { assertNowhere } from "./lib/secrecy.mjs";
import { noHorizontalScroll, row, settled } from "./lib/ui.mjs";
import { until } from "./lib/wait.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("keys in Vault", () => {
  const key = `sk-vault-${crypto.randomUUID()}`;
  let bao;
  let waypost;
  let browser;
  let page;
  let record;
  let client;

  before(async () => {
    bao = await startOpenBao();
    waypost = await startWaypost(
      { VAULT_ADDR: bao.url, VAULT_TOKEN: bao.token },
      { secrets: "vault", options: ["--vault-prefix", "team"] },
    );
    browser = await startBrowser();
    const opened = await openPage(browser);
    ({ page, record } = opened);
    await signIn(page, waypost.link);
    const [cookie] = await opened.context.cookies(waypost.url);
    client = new Client(waypost.url, `${cookie.name}=${cookie.value}`);
    await client.call("PUT", "/providers/openrouter/key", { value: key });
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await bao?.stop();
  });

  const secrets = () => page.getByRole("region", { name: "Secrets" });

  it("stores what is entered below its prefix", async () => {
    const answer = await fetch(`${bao.url}/v1/secret/data/team/openrouter/api-key`, {
      headers: { "X-Vault-Token": bao.token },
    });
    assert.equal((await answer.json()).data.data.value, key);
  });

  for (const [width, colorScheme] of [[1280, "light"], [390, "dark"]]) {
    it(`says where it is and how Waypost signs in, ${width} px wide, ${colorScheme}`, async () => {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme });
      await page.goto(`${waypost.url}/settings`);
      await settled(page);
      await secrets().getByText("Available", { exact: true }).waitFor();
      await secrets().getByText(bao.url, { exact: true }).waitFor();
      await secrets().getByText(/Login: token/).waitFor();
      await noHorizontalScroll(page);
      await assertAccessible(page, `the secrets in Vault, ${width} px`);
    });
  }

  it("says that it does not respond, and a key is then unknown and not missing", async () => {
    await bao.stop();
    // It is checked in the background.
    await until("the outage to be noticed", async () => !(await client.call("GET", "/settings")).secrets.available, { timeout: 60_000, every: 250 });
    await page.goto(`${waypost.url}/settings`);
    await secrets().getByText("Not responding", { exact: true }).waitFor();
    await secrets().getByText(/key states are Unknown/).waitFor();
    await page.goto(`${waypost.url}/models/gateways`);
    await row(page, "openrouter").getByText("Unknown", { exact: true }).first().waitFor();
  });

  it("shows neither the key nor the token anywhere", async () => {
    await assertNowhere(key, { waypost, record });
    await assertNowhere(bao.token, { waypost, record });
  });
});
