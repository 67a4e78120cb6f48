// Signing in with an OpenID provider in the browser. The provider is on another site than Waypost, as
// outside, so that `Strict` and `Lax` cookies behave as they do there.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { assertAccessible } from "./lib/accessibility.mjs";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { identityProvider } from "./lib/identity-provider.mjs";
import { settled } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("signing in with an identity provider", () => {
  let provider;
  let waypost;
  let browser;
  before(async () => {
    provider = await identityProvider();
    waypost = await startWaypost(
      { WAYPOST_OIDC_CLIENT_SECRET: provider.secret },
      { options: provider.options() },
    );
    await provider.start(waypost.url);
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await provider?.stop();
  });

  const button = (page) => page.getByRole("link", { name: "Sign in with Example Login" });

  /** Signs someone in, from a page that they wanted. */
  const signInAs = async (name, wanted = "/settings") => {
    const opened = await openPage(browser);
    await opened.page.goto(waypost.url + wanted);
    await button(opened.page).click();
    await provider.signIn(opened.page, name);
    return opened;
  };
  const notSignedIn = async (page, words) => {
    await page.getByRole("heading", { level: 1, name: "Not signed in" }).waitFor();
    await page.getByText(words).waitFor();
  };

  it("brings an administrator back to the page that was wanted, by keyboard alone", async () => {
    const { page, context, record } = await openPage(browser);
    const wanted = "/preview?ref=litellm%2Fgpt-4o&draft=down%3Alitellm";
    await page.goto(waypost.url + wanted);
    await button(page).waitFor();
    assert.equal(await page.getByText("waypost sign-in-link").count(), 0, "links are off");
    await assertAccessible(page, "the sign-in page");
    await button(page).focus();
    await page.keyboard.press("Enter");
    await provider.signIn(page, "ada");
    await page.getByRole("heading", { level: 1, name: "Route preview" }).waitFor();
    assert.equal(page.url(), waypost.url + wanted);
    await page.getByRole("contentinfo").getByText("Ada Lovelace").waitFor();
    const cookies = await context.cookies(waypost.url);
    assert.deepEqual(
      cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite })),
      [{ httpOnly: true, sameSite: "Strict" }],
      "the cookie of the sign-in is gone",
    );
    await record.all();
    assert.deepEqual(record.errors, []);
    await context.close();
  });

  it("gives a viewer a viewer's role, and no one without a group any", async () => {
    const viewer = await signInAs("vera");
    await viewer.page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    await viewer.page.getByRole("contentinfo").getByText("viewer", { exact: true }).waitFor();
    await viewer.context.close();
    const stranger = await signInAs("nils");
    await notSignedIn(stranger.page, /in none of the groups/);
    await assertAccessible(stranger.page, "the page that says why not");
    await stranger.page.goto(`${waypost.url}/settings`);
    await button(stranger.page).waitFor();
    await stranger.context.close();
  });

  it("signs out of this browser", async () => {
    const { page, context } = await signInAs("ada");
    await page.getByRole("region", { name: "This browser" }).getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { level: 1, name: "Signed out" }).waitFor();
    await button(page).waitFor();
    await page.goto(`${waypost.url}/settings`);
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await context.close();
  });

  it("names people in the list of sessions and in Activity, and ends another's session", async () => {
    const ada = await signInAs("ada");
    const vera = await signInAs("vera");
    await vera.page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    await ada.page.getByRole("button", { name: "Show sessions" }).click();
    const sessions = ada.page.getByRole("table", { name: "Sessions" });
    await sessions.getByRole("row", { name: /Ada Lovelace.*This browser/ }).waitFor();
    await assertAccessible(ada.page, "the sessions of people");
    // Of this test and of the ones before.
    const others = sessions.getByRole("button", { name: "End session of Vera Rubin" });
    await others.first().waitFor();
    for (let left = await others.count(); left > 0; left -= 1) {
      await others.first().click();
      await ada.page.getByRole("dialog").getByRole("button", { name: "End session" }).click();
      await ada.page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await vera.page.reload();
    await button(vera.page).waitFor();
    await ada.page.goto(`${waypost.url}/activity`);
    await ada.page.getByText(/Ada Lovelace ended the session of Vera Rubin/).first().waitFor();
    await ada.page.getByText(/Vera Rubin signed in/).first().waitFor();
    await settled(ada.page);
    for (const { context } of [ada, vera]) await context.close();
  });

  it("ignores a callback that another browser began, and one that was used", async () => {
    const attacker = await signInAs("ada");
    await attacker.page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    // The provider knows ada now and asks nothing: two redirects lead to the callback, which is not followed.
    const next = async (url) => {
      const answer = await attacker.context.request.get(url, { maxRedirects: 0 });
      return answer.headers().location;
    };
    const callback = await next(await next(`${waypost.url}/oidc/sign-in`));
    assert.match(callback, /\/oidc\/callback\?.*code=/);

    const victim = await openPage(browser);
    await victim.page.goto(callback);
    await notSignedIn(victim.page, /not started in this browser/);
    assert.deepEqual(await victim.context.cookies(waypost.url), []);
    await victim.context.close();

    await attacker.page.goto(callback);
    await attacker.page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
    await attacker.page.goto(callback);
    await notSignedIn(attacker.page, /finished already/);
    await attacker.context.close();
  });

  it("accepts a rotated key, and no clock that is far off", async () => {
    await provider.start(waypost.url);
    const { page, context } = await signInAs("ada");
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    await context.close();
    for (const clockOffset of [600, -600]) {
      await provider.start(waypost.url, { clockOffset });
      const late = await signInAs("ada");
      await notSignedIn(late.page, /Set both by NTP/);
      await late.context.close();
    }
    await provider.start(waypost.url, { clockOffset: 30 });
    const near = await signInAs("ada");
    await near.page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    await near.context.close();
  });

  it("says what to do while the provider is down", async () => {
    await provider.stop();
    // A start knows nothing of the provider yet.
    await waypost.halt();
    await waypost.start();
    const { page, context } = await openPage(browser);
    await page.goto(waypost.url);
    await button(page).click();
    await notSignedIn(page, /cannot be reached/);
    await provider.start(waypost.url);
    await page.getByRole("link", { name: "Sign in again" }).click();
    await provider.signIn(page, "ada");
    await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
    assert.ok(!waypost.output.includes(provider.secret), "the log has no secret");
    await context.close();
  });
});
