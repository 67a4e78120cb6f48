// API tokens: created on an agent's page or in Settings, shown once, used without a browser, revoked.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { announcement, dialog, row } from "./lib/ui.mjs";
import { until } from "./lib/wait.mjs";
import { BINARY, startWaypost } from "./lib/waypost.mjs";

const AGENT = "name: support-bot\nmodel: { primary: litellm/openai/gpt-4o }\nallow: ['litellm/*']\n";

describe("tokens", () => {
  let waypost;
  let client;
  let browser;
  let page;
  let record;

  before(async () => {
    waypost = await startWaypost({ LITELLM_MASTER_KEY: "sk-from-the-environment" });
    browser = await startBrowser();
    let context;
    ({ page, context, record } = await openPage(browser));
    await signIn(page, waypost.link);
    const [cookie] = await context.cookies(waypost.url);
    client = new Client(waypost.url, `${cookie.name}=${cookie.value}`);
    await client.call("POST", "/agents", { yaml: AGENT });
    await client.call("POST", "/agents", { yaml: "name: other\nmodel: { primary: litellm/x }\n" });
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
  });

  /** Calls the API as a script does: no cookie, no browser. */
  const call = async (token, path, body, headers = { authorization: `Bearer ${token}` }) => {
    const response = await fetch(`${waypost.url}/api/v1${path}`, {
      method: body ? "POST" : "GET",
      headers: { ...headers, ...(body && { "content-type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const tokens = () => page.getByRole("region", { name: "Tokens" });
  const create = async (label) => {
    await page.getByRole("button", { name: "Create token" }).click();
    await dialog(page).getByLabel("Label").fill(label);
    await dialog(page).getByRole("button", { name: "Create token" }).click();
    await page.getByRole("dialog", { name: "Copy the token" }).waitFor();
    const text = await dialog(page).getByLabel("Token").inputValue();
    await announcement(page).filter({ hasText: "Token created." }).waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent === "Copy token");
    await dialog(page).getByRole("button", { name: "Done" }).click();
    await dialog(page).getByRole("button", { name: "I have stored it" }).click();
    await dialog(page).waitFor({ state: "detached" });
    return text;
  };

  let token;

  it("creates one on the agent's page and shows it once", async () => {
    await page.goto(`${waypost.url}/agents/named/support-bot`);
    await tokens().getByText("No tokens yet").waitFor();
    token = await create("production");
    assert.match(token, /^wpa_[0-9A-Za-z]{49}$/);
    await row(page, "production").getByText(`wpa_…${token.slice(-4)}`).waitFor();
    await row(page, "production").getByText("Never").first().waitFor();
    assert.ok(!(await page.content()).includes(token), "it is nowhere on the page any more");
    await page.reload();
    await row(page, "production").waitFor();
    assert.ok(!JSON.stringify(await client.call("GET", "/tokens")).includes(token));
  });

  it("answers the agent's routes to it, and nothing else", async () => {
    const own = await call(token, "/route", {});
    assert.equal(own.status, 200);
    assert.equal(own.body.outcome, "routed");
    assert.equal(own.body.ref, "litellm/openai/gpt-4o");
    const byKey = await call(token, "/route", { agent: "support-bot" }, { "x-api-key": token });
    assert.deepEqual(byKey, own);
    const outside = await call(token, "/route", { ref: "openrouter/moonshotai/kimi-k2" });
    assert.equal(outside.body.error.code, "model_not_allowed");
    const other = await call(token, "/route", { agent: "other" });
    assert.deepEqual([other.status, other.body.code], [403, "other_agent"]);
    const list = await call(token, "/agents");
    assert.deepEqual([list.status, list.body.code], [403, "agent_token"]);
  });

  it("refuses a second label's worth only after two, and says why", async () => {
    await create("production");
    await page.getByRole("button", { name: "Create token" }).click();
    await dialog(page).getByLabel("Label").fill("production");
    await dialog(page).getByRole("button", { name: "Create token" }).click();
    await dialog(page).locator(".field-error").filter({ hasText: "already has 2 active tokens" }).waitFor();
    assert.equal(await dialog(page).getByLabel("Label").getAttribute("aria-invalid"), "true");
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
  });

  it("keeps the token when the agent is renamed, and loses it when it is deleted", async () => {
    await client.call("PUT", "/agents/support-bot", { yaml: AGENT.replace("support-bot", "helper") });
    assert.equal((await call(token, "/route", { agent: "helper" })).status, 200);
    const { undo } = await client.call("DELETE", "/agents/helper");
    assert.equal((await call(token, "/route", {})).status, 401);
    await client.call("POST", `/undo/${undo.token}`);
    assert.equal((await call(token, "/route", {})).status, 200);
    await client.call("PUT", "/agents/helper", { yaml: AGENT });
  });

  it("revokes it after asking, at once", async () => {
    await page.goto(`${waypost.url}/agents/named/support-bot`);
    const first = page.getByRole("row").filter({ hasText: `wpa_…${token.slice(-4)}` });
    await first.getByRole("button", { name: "Revoke token production" }).click();
    const question = page.getByRole("dialog", { name: "Revoke token production?" });
    await question.getByText("You cannot undo this.").waitFor();
    await question.getByRole("button", { name: "Revoke token" }).click();
    await announcement(page).filter({ hasText: "Revoked token production." }).waitFor();
    await dialog(page).waitFor({ state: "detached" });
    assert.equal(await row(page, "production").count(), 1);
    const refused = await call(token, "/route", {});
    assert.deepEqual([refused.status, refused.body.code], [401, "invalid_token"]);
  });

  it("creates a service token in Settings, which cannot create another", async () => {
    await page.goto(`${waypost.url}/settings`);
    await page.getByRole("region", { name: "Service tokens" }).getByText("No service tokens yet").waitFor();
    const service = await create("ci");
    assert.match(service, /^wps_[0-9A-Za-z]{49}$/);
    await row(page, "ci").getByText("viewer", { exact: true }).waitFor();
    assert.equal((await call(service, "/agents")).status, 200);
    const denied = await call(service, "/tokens", { kind: "service", role: "viewer" });
    assert.deepEqual([denied.status, denied.body.code], [403, "session_required"]);
    const written = await call(service, "/agents", { yaml: "name: new\n" });
    assert.deepEqual([written.status, written.body.code], [403, "forbidden"]);
  });

  it("follows what the command line does in another process", async () => {
    const run = async (...args) =>
      (await promisify(execFile)(BINARY, ["token", ...args, "--data-dir", waypost.dataDir], { env: waypost.env })).stdout;
    const created = JSON.parse(await run("create", "--agent", "support-bot", "--label", "shell", "--json"));
    // A refused token gets 401, or 429 since this test tries so often.
    const accepted = async () => (await call(created.token, "/route", {})).status === 200;
    await until("the token to be accepted", accepted, { timeout: 2000 });
    assert.ok((await run("list")).includes("shell"));
    await run("revoke", created.id);
    await until("the token to be refused", async () => !(await accepted()), { timeout: 2000 });
  });

  it("shows on Route preview a call that works as it stands", async () => {
    const service = (await client.call("POST", "/tokens", { kind: "service", role: "viewer" })).token;
    await page.goto(`${waypost.url}/preview?agent=support-bot`);
    const shown = page.getByRole("region", { name: "Get this route from a runtime" });
    const command = await shown.locator("pre").first().textContent();
    const { stdout } = await promisify(execFile)("bash", ["-c", command.trim()], {
      env: { PATH: process.env.PATH, WAYPOST_TOKEN: service },
    });
    assert.equal(JSON.parse(stdout).ref, "litellm/openai/gpt-4o");
  });

  it("met no error in the browser", () => {
    assert.deepEqual(record.errors, []);
  });
});
