// Requests: what a runtime sends through Waypost to a real LiteLLM proxy and to the sample, watched
// as it ends, paused, filtered, opened, and compared with the route of today.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { agentToken, complete, completeAndRecord } from "./lib/inference.mjs";
import { sharedLiteLLM } from "./lib/litellm.mjs";
import { announcement, dialog, noHorizontalScroll, row, runCopiedCommand, settled } from "./lib/ui.mjs";
import { until } from "./lib/wait.mjs";
import { startWaypost } from "./lib/waypost.mjs";

describe("requests", () => {
  let litellm;
  let waypost;
  let browser;
  let client;
  let page;
  let context;
  let record;
  let token;
  let sampleToken;

  before(async () => {
    litellm = await sharedLiteLLM();
    waypost = await startWaypost({ LITELLM_BASE_URL: litellm.url });
    client = await Client.signIn(waypost);
    await client.call("POST", "/sample", {});
    await client.call("PUT", "/providers/litellm/key", { value: litellm.key });
    await client.call("POST", "/agents", { yaml: "name: caller\nmodel: { primary: litellm/openai/gpt-4o }\n" });
    token = await agentToken(client, "caller");
    sampleToken = await agentToken(client, "sample-writer");
    browser = await startBrowser();
    ({ page, context, record } = await openPage(browser));
    await context.addCookies([{ ...client.cookie, url: waypost.url }]);
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
    await litellm?.stop();
  });

  const open = async (address) => {
    await page.goto(waypost.url + address);
    await settled(page);
  };
  const live = () => page.locator(".live-state").getByText("Live", { exact: true }).waitFor();
  const rows = () => page.locator("[data-request]");
  const rowOf = (id) => page.locator(`[data-request="${id}"]`);
  const panel = () => page.getByRole("region", { name: "Request", exact: true });
  const send = (model = "litellm/openai/gpt-4o") => completeAndRecord(waypost, client, token, model);
  const sendSample = () => completeAndRecord(waypost, client, sampleToken, "sample-gateway/echo-small");

  it("before the first request shows how to point an SDK at Waypost, and a command that works", async () => {
    await page.goto(waypost.url);
    await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Requests" }).click();
    await page.getByText("No requests yet").waitFor();
    await page.getByText(`export OPENAI_BASE_URL=${waypost.url}/v1 OPENAI_API_KEY=wpa_…`).waitFor();
    await live();
    await page.getByRole("combobox", { name: "Agent" }).last().selectOption("sample-support");
    await page.getByRole("button", { name: "Create token" }).click();
    await page.getByText("Copy it now").waitFor();
    await page.getByRole("button", { name: "Copy the command" }).click();
    await announcement(page).getByText("Copied.").waitFor();
    // Nothing is to be filled in: the command contains the token.
    assert.match(await runCopiedCommand(page, ""), /This is Waypost's sample/);
    await rows().first().getByText("sample-support").waitFor();
    await rows().first().getByText("200", { exact: true }).waitFor();
    await page.reload();
    await settled(page);
    assert.doesNotMatch(await page.content(), /wpa_[0-9A-Za-z]{40}/, "the token is shown once");
  });

  it("shows requests as they end, the latest first", async () => {
    await open("/requests");
    await live();
    const first = await send();
    await rowOf(first.id).waitFor();
    const second = await sendSample();
    await rowOf(second.id).waitFor();
    const ids = await rows().evaluateAll((rows) => rows.map((row) => row.dataset.request));
    assert.deepEqual(ids.slice(0, 2), [second.id, first.id]);
    const text = (await rowOf(first.id).innerText()).replace(/\s+/g, " ");
    assert.match(text, /caller litellm\/openai\/gpt-4o litellm.* 200 /);
  });

  it("follows a search for a host", async () => {
    await open(`/requests?q=${new URL(litellm.url).host}`);
    await live();
    const elsewhere = await sendSample();
    const match = await send();
    await rowOf(match.id).waitFor();
    assert.equal(await rowOf(elsewhere.id).count(), 0);
    await page.reload();
    await rowOf(match.id).waitFor();
    assert.equal(await rowOf(elsewhere.id).count(), 0);
    await open("/requests");
    await live();
  });

  it("waits while it is paused, says how many wait, and shows them afterwards", async () => {
    await page.getByRole("button", { name: "Pause" }).click();
    const before = await rows().count();
    await send();
    const last = await send();
    const resume = page.getByRole("button", { name: "Resume · 2, 2 requests wait" });
    await resume.waitFor();
    assert.equal(await rows().count(), before);
    await resume.click();
    await rowOf(last.id).waitFor();
    assert.equal(await rows().count(), before + 2);
    await live();
  });

  it("keeps its filters in the address, and follows only what matches", async () => {
    await open("/requests");
    await page.getByRole("combobox", { name: "Agent" }).selectOption("caller");
    await page.waitForURL((url) => url.searchParams.get("agent") === "caller");
    await page.getByRole("combobox", { name: "Route", exact: true }).selectOption("Gateway");
    await page.waitForURL((url) => url.searchParams.get("kind") === "gateway");
    await page.getByRole("searchbox", { name: "Search requests" }).fill("gpt-4o");
    await page.waitForURL((url) => url.searchParams.get("q") === "gpt-4o");
    await page.reload();
    await settled(page);
    assert.equal(await page.getByRole("combobox", { name: "Agent" }).inputValue(), "caller");
    assert.equal(await page.getByRole("searchbox", { name: "Search requests" }).inputValue(), "gpt-4o");
    await live();
    await sendSample();
    const match = await send();
    await rowOf(match.id).waitFor();
    const agents = await rows().locator("[data-part=agent]").allInnerTexts();
    assert.deepEqual([...new Set(agents)], ["caller"]);
    await page.getByRole("searchbox", { name: "Search requests" }).fill("nothing like it");
    await page.getByText("No requests match").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).last().click();
    await page.waitForURL((url) => url.search === "");
    await rows().first().waitFor();
  });

  it("opens and closes a request with the keyboard, and brings the focus back", async () => {
    await send();
    const { id } = await send();
    await send();
    await open("/requests?agent=caller");
    await rowOf(id).waitFor();
    await rows().first().getByRole("link").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === `/requests/${id}` && url.searchParams.get("agent") === "caller");
    await panel().getByRole("heading", { level: 2, name: "Request of caller" }).waitFor();
    await page.waitForFunction(() => document.activeElement?.matches(".request-panel h2"));
    await page.keyboard.press("Escape");
    await page.waitForURL((url) => url.pathname === "/requests");
    await page.waitForFunction((id) => document.activeElement?.closest("[data-request]")?.dataset.request === id, id);
    // The browser's Back leads through the same places.
    await page.keyboard.press("Enter");
    await panel().waitFor();
    await page.goBack();
    await panel().waitFor({ state: "detached" });
    await page.waitForFunction((id) => document.activeElement?.closest("[data-request]")?.dataset.request === id, id);
  });

  it("a link to a request shows its route as it was decided, its attempts and its facts", async () => {
    const { id } = await send();
    await open(`/requests/${id}`);
    await panel().getByText(/^Answered in .*, the first byte after/).waitFor();
    const route = panel().getByRole("list", { name: "Route", exact: true });
    const stations = (await route.getByRole("listitem").allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
    assert.match(stations[0], /agent caller main agent/);
    assert.match(stations[1], /sends litellm\/openai\/gpt-4o/);
    assert.match(stations.at(-1), /wire model openai\/gpt-4o/);
    const attempt = panel().getByRole("row", { name: /^1 · litellm/ });
    assert.match(await attempt.innerText(), /(µs|ms|s)\s.*200/s);
    assert.match(await panel().getByText(/\d+ in.*\d+ out/).first().innerText(), /\d/);
    await panel().getByText("Same route today").waitFor();
    await panel().getByRole("button", { name: "Copy link" }).click();
    await announcement(page).getByText("Link copied.").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${waypost.url}/requests/${id}`);
    await panel().getByRole("link", { name: "Open in Route preview" }).click();
    await page.waitForURL((url) => url.pathname === "/preview" && url.searchParams.get("agent") === "caller" && url.searchParams.get("ref") === "litellm/openai/gpt-4o");
    await page.getByRole("list", { name: "Request" }).waitFor();
  });

  it("says what would differ after the configuration has changed", async () => {
    await client.call("POST", "/agents", { yaml: "name: mover\nmodel: { primary: team/echo, fallback: sample-gateway/echo-small }\n" });
    await client.call("POST", "/providers", { name: "team", kind: "gateway", base_url: `${litellm.url}/v1`, allow_private: true });
    await client.call("PUT", "/providers/team/key", { value: litellm.key });
    const moving = await agentToken(client, "mover");
    const { id } = await completeAndRecord(waypost, client, moving, "team/openai/gpt-4o");
    await open(`/requests/${id}`);
    await panel().getByText("Same route today").waitFor();
    await client.call("PATCH", "/providers/team", { base_url: "https://elsewhere.example/v1" });
    await page.reload();
    await panel().getByText("Today it would differ").waitFor();
    const differences = await panel().locator(".differences").innerText();
    assert.match(differences, /URL/);
    assert.ok(differences.includes(`${litellm.url}/v1/chat/completions`), differences);
    assert.match(differences, /https:\/\/elsewhere\.example\/v1\/chat\/completions/);
    await client.call("DELETE", "/agents/mover");
    await page.reload();
    await panel().getByText("Today it would be refused").waitFor();
  });

  it("shows why the fallback was used, with both routes", async () => {
    const researcher = await agentToken(client, "sample-researcher");
    const answer = await complete(waypost, researcher, "openrouter/moonshotai/kimi-k2");
    assert.equal(answer.status, 200, answer.body);
    await open("/requests");
    const shown = rowOf(answer.id);
    await shown.getByTitle("The fallback was used").waitFor();
    await shown.getByRole("link").click();
    await panel().getByText(/^Answered by the fallback in/).waitFor();
    await panel().getByRole("list", { name: "Route of the primary" }).waitFor();
    await panel().getByRole("list", { name: "Route of the fallback" }).waitFor();
  });

  it("says why a request was not sent", async () => {
    const answer = await complete(waypost, token, "openrouter/moonshotai/kimi-k2");
    assert.equal(answer.status, 422);
    await open("/requests?outcome=refused");
    await rowOf(answer.id).getByText("422 refused").waitFor();
    await rowOf(answer.id).getByRole("link").click();
    await panel().getByText(/^Not sent\. /).waitFor();
    await panel().getByText("Nothing was sent to an upstream.").waitFor();
  });

  it("closes its stream while the tab is hidden, and catches up afterwards", async () => {
    await open("/requests");
    await live();
    const streams = [];
    page.on("request", (request) => {
      if (request.url().includes("/requests/live")) streams.push(request.url());
    });
    const show = (state) =>
      page.evaluate((state) => {
        Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
        document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
      }, state);
    await show("hidden");
    await page.locator(".live-state").getByText("Connecting").waitFor();
    const { id } = await send();
    assert.equal(await rowOf(id).count(), 0);
    assert.deepEqual(streams, []);
    await show("visible");
    await rowOf(id).waitFor();
    await live();
    assert.equal(streams.length, 1);
  });

  it("loads older requests, and keeps those shown if that fails", async () => {
    for (let at = 0; at < 110; at += 1) await complete(waypost, sampleToken, "sample-gateway/echo-small");
    await until("all records", async () => {
      const { items, next_cursor } = await client.call("GET", "/requests?agent=sample-writer");
      return items.length > 0 && next_cursor;
    });
    await open("/requests?agent=sample-writer");
    const shown = await rows().count();
    await page.route(/\/api\/v1\/requests\?.*cursor=/, (route) => route.abort());
    await page.getByRole("button", { name: "Show older requests" }).click();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    assert.equal(await rows().count(), shown);
    await page.unroute(/\/api\/v1\/requests\?.*cursor=/);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.waitForFunction((shown) => document.querySelectorAll("[data-request]").length > shown, shown);
    const ids = await rows().evaluateAll((rows) => rows.map((row) => row.dataset.request));
    assert.equal(new Set(ids).size, ids.length);
  });

  it("a row shows the traffic of the last hour, and more behind it", async () => {
    await open("/models/gateways");
    const number = row(page, "litellm").getByRole("button", { name: /^litellm: \d+ requests in the last hour/ });
    await number.waitFor();
    assert.match(await number.innerText(), /^\d+\/h/);
    await number.click();
    await dialog(page).getByRole("heading", { name: "Traffic of litellm" }).waitFor();
    const requests = dialog(page).getByRole("row", { name: /^Requests/ });
    await requests.waitFor();
    const [hour, day] = await requests.getByRole("cell").allInnerTexts();
    assert.ok(Number(hour) > 0 && Number(day) >= Number(hour), `${hour} ${day}`);
    await dialog(page).getByRole("link", { name: "Show requests of the last hour" }).click();
    await page.waitForURL(({ pathname, searchParams }) => pathname === "/requests" && searchParams.get("provider") === "litellm" && searchParams.get("since") === "1h");
    await open("/agents");
    const ofCaller = page.getByRole("button", { name: /^caller: \d+ requests in the last hour/ });
    await ofCaller.waitFor();
    // The dialog is inside a row of the list, whose columns are not those of its numbers.
    const before = page.viewportSize();
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 844 });
      await ofCaller.click();
      await dialog(page).getByRole("columnheader", { name: "Last hour" }).waitFor();
      const heights = await dialog(page)
        .getByRole("row")
        .evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
      assert.ok(heights.length >= 9 && heights.every((height) => height < 45), `${width}: ${heights}`);
      await dialog(page).getByRole("button", { name: "Close" }).click();
      await dialog(page).waitFor({ state: "detached" });
    }
    await page.setViewportSize(before);
    await open("/models/sources");
    await page.getByRole("button", { name: /^Sample gateway.*: \d+ requests in the last hour/ }).waitFor();
    await open("/models/catalog?owner=sample-gateway");
    await page.getByRole("button", { name: /^sample-gateway\/echo-small: \d+ requests in the last hour/ }).waitFor();
    // Nothing is known from a list.
    await open("/agents/named/caller");
    await page.getByRole("button", { name: /^\d+ requests in the last hour/ }).waitFor();
    const size = page.viewportSize();
    await page.setViewportSize({ width: 390, height: 844 });
    await noHorizontalScroll(page);
    await page.setViewportSize(size);
    await open("/models/sources/sample-gateway");
    await page.getByRole("button", { name: /^\d+ requests in the last hour/ }).waitFor();
  });

  it("deletes records before a day, and asks first", async () => {
    await open("/requests");
    await page.getByRole("button", { name: "Delete records…" }).click();
    await dialog(page).getByRole("button", { name: "Delete records", exact: true }).focus();
    await page.keyboard.press("Enter");
    await announcement(page).getByText("Choose a day first.").waitFor();
    await dialog(page).getByLabel("Before").fill("2031-02-03");
    await dialog(page).getByRole("button", { name: "Delete records before 3 February 2031" }).click();
    await dialog(page).waitFor({ state: "detached" });
    await page.getByText("No requests yet").waitFor();
    assert.deepEqual((await client.call("GET", "/requests")).items, []);
    await open("/requests/00000000000000000000000000000000");
    await panel().getByText("No request has this id").waitFor();
    await panel().getByText(/Records are kept for 7 days/).waitFor();
  });

  it("lets a viewer read, and delete nothing", async () => {
    const viewer = await Client.signIn(waypost, await waypost.signInLink("viewer"));
    const other = await openPage(browser);
    await other.context.addCookies([{ ...viewer.cookie, url: waypost.url }]);
    await other.page.goto(`${waypost.url}/requests`);
    await settled(other.page);
    const button = other.page.getByRole("button", { name: "Delete records…" });
    assert.equal(await button.getAttribute("aria-disabled"), "true");
    const { id } = await sendSample();
    await other.page.locator(`[data-request="${id}"]`).getByRole("link").click();
    await other.page.getByText(/^Answered in/).waitFor();
    await other.context.close();
    assert.deepEqual(record.errors, []);
  });
});
