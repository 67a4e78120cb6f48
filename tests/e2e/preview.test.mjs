// Route preview of agents, what a route can be copied as, and many refs at once.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { announcement, previewedRequest, settled } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const AGENT = `name: support-bot
model:
  primary: customer-alias
  fallback: litellm/openai/gpt-4o
  passthrough: true
  source: customer
expect: { host: customer.example, wire_model: customer-alias }
subagents:
  analyst:
    model: { primary: child-alias, passthrough: true, source: customer }
    expect: { host: elsewhere.example }
  writer:
    model: { primary: openrouter/moonshotai/kimi-k2 }
  lost:
    model: { primary: gone, passthrough: true, source: gone }
`;

/** Where the golden files of this test are; WAYPOST_BLESS=1 writes them anew. */
const GOLDEN = new URL("./golden/", import.meta.url);

/** Fails where the accessibility tree of a part of the page is not what the golden file says. */
async function assertGolden(locator, name) {
  const file = fileURLToPath(new URL(`${name}.yaml`, GOLDEN));
  const tree = `${await locator.ariaSnapshot()}\n`;
  if (process.env.WAYPOST_BLESS) await writeFile(file, tree);
  assert.equal(tree, await readFile(file, "utf8"));
}

describe("Route preview", () => {
  let waypost;
  let browser;
  let page;
  let record;
  let client;

  before(async () => {
    waypost = await startWaypost({ LITELLM_BASE_URL: "http://127.0.0.1:4000" });
    client = await Client.signIn(waypost);
    await client.call("POST", "/sources", {
      name: "Customer",
      base_url: "https://customer.example/v1",
      auth_value: "sk-of-the-customer",
      headers: { "x-tenant": "acme" },
      passthrough: true,
    });
    await client.call("PUT", "/providers/litellm/key", { value: "sk-of-the-gateway" });
    await client.call("POST", "/agents", { yaml: AGENT });
    browser = await startBrowser();
    let context;
    ({ page, context, record } = await openPage(browser));
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await context.addCookies([{ ...client.cookie, url: waypost.url }]);
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
  });

  const open = async (address) => {
    await page.goto(waypost.url + address);
    await settled(page);
  };
  const mode = (name) => page.getByRole("radio", { name, exact: true });
  const routeLine = () => page.getByRole("list", { name: "Route" }).first();
  const member = (name) => page.getByRole("button", { name, exact: true });
  const copied = () => page.evaluate(() => navigator.clipboard.readText());

  it("shows where the root of a chosen agent goes, and why", async () => {
    await open("/preview");
    await mode("Ref").focus();
    await page.keyboard.press("ArrowRight");
    assert.ok(await mode("Agent").isChecked(), "the keyboard moves between the modes");
    await page.getByRole("combobox", { name: "Agent", exact: true }).selectOption("support-bot");
    await page.getByText("Straight to customer, because the main agent sends exactly customer-alias.").waitFor();
    await announcement(page).filter({ hasText: "because the main agent sends exactly customer-alias" }).waitFor();
    const request = await previewedRequest(page);
    assert.deepEqual(request, {
      method: "POST",
      url: "https://customer.example/v1/chat/completions",
      headers: {
        authorization: "Bearer {{sources/customer/auth-value}}",
        "content-type": "application/json",
        "x-tenant": "{{sources/customer/headers#x-tenant}}",
      },
      model: "customer-alias",
    });
    await assertGolden(routeLine(), "route-line-passthrough");
  });

  it("keeps its input in the address", async () => {
    await member("analyst").click();
    await page.getByRole("combobox", { name: "Operation" }).selectOption("messages");
    await page.waitForURL(/\/preview\?agent=support-bot&subagent=analyst&operation=messages$/);
    const sentence = "Straight to customer, because the subagent analyst sends exactly child-alias.";
    await page.getByText(sentence).waitFor();
    await page.getByRole("button", { name: "Copy link" }).click();
    const link = await copied();
    assert.equal(link, page.url());
    await page.goto(link);
    await page.getByText(sentence).waitFor();
    assert.equal(await member("analyst").getAttribute("aria-pressed"), "true");
    assert.equal((await previewedRequest(page)).url, "https://customer.example/v1/messages");
    await assertGolden(routeLine(), "route-line-subagent");
  });

  it("shows the fallback, every subagent, and unmet expectations", async () => {
    await page.getByText("not met", { exact: true }).waitFor();
    await page.getByText("host should be elsewhere.example, but it is customer.example.").waitFor();
    await member("main agent").click();
    await page.getByText("met", { exact: true }).waitFor();
    const fallback = page.getByRole("region", { name: "Fallback" });
    await fallback.getByText("Through the gateway litellm to openai, because the ref names both.").waitFor();
    await member("main agent fallback").click();
    await page.waitForURL(/agent=support-bot/);
    assert.equal((await previewedRequest(page)).model, "openai/gpt-4o");
    await assertGolden(routeLine(), "route-line-gateway");
  });

  it("breaks the line of a request that is not sent", async () => {
    await member("lost").click();
    await page.getByText("There is no custom source gone").first().waitFor();
    await assertGolden(routeLine(), "route-line-rejected");
  });

  it("reports an unknown agent in the address", async () => {
    await open("/preview?agent=missing");
    await page.getByText("No such agent").waitFor();
    await page.getByText("There is no agent missing.").waitFor();
  });

  it("copies a route as an agent document with the same route, and as a LiteLLM entry, without a secret", async () => {
    await open("/preview?agent=support-bot&subagent=analyst");
    const request = await previewedRequest(page);
    await page.getByRole("button", { name: "Copy as agent YAML" }).click();
    await announcement(page).filter({ hasText: "Copied as agent YAML." }).waitFor();
    const document = await copied();
    assert.match(document, /^name: support-bot-analyst\nmodel:\n {2}primary: child-alias\n {2}passthrough: true\n/);
    const { name } = await client.call("POST", "/agents", { yaml: document });
    await page.getByRole("button", { name: "Copy as LiteLLM entry" }).click();
    await announcement(page).filter({ hasText: "Copied as LiteLLM entry." }).waitFor();
    const entry = await copied();
    for (const line of ["model: openai/child-alias", "api_base: https://customer.example/v1", "api_key: os.environ/"]) {
      assert.ok(entry.includes(line), entry);
    }
    for (const text of [document, entry]) assert.ok(!text.includes("sk-of-the"), text);
    await open(`/preview?agent=${name}`);
    assert.deepEqual(await previewedRequest(page), request);
    await client.call("DELETE", `/agents/${name}`);
  });

  it("resolves 10,000 refs in a table that can be sorted, filtered and saved", async () => {
    await open("/preview?mode=many");
    const refs = Array.from({ length: 10_000 }, (_, at) =>
      at % 200 === 7 ? `litellm//broken-${at}` : `litellm/openai/model-${String(at).padStart(5, "0")}`,
    );
    refs[3] = "=cmd/x";
    await page.evaluate((text) => navigator.clipboard.writeText(text), [...refs, "one/too-many"].join("\n"));
    await page.getByRole("textbox", { name: "Model refs" }).focus();
    await page.keyboard.press("Control+V");
    await page.getByText("9,950 routed, 50 without a route").first().waitFor();
    await page.getByText("1 line more than 10,000 were given").waitFor();
    const grid = page.getByRole("grid", { name: "Results" });
    assert.equal(await grid.getAttribute("aria-rowcount"), "10001");
    assert.ok((await grid.getByRole("row").count()) < 100, "only what is in view is in the page");

    const heading = grid.getByRole("columnheader", { name: "Ref or agent" });
    await heading.getByRole("button").click();
    assert.equal(await heading.getAttribute("aria-sort"), "ascending");
    await grid.getByRole("row").nth(1).getByText("=cmd/x").first().waitFor();
    await heading.getByRole("button").click();
    assert.equal(await heading.getAttribute("aria-sort"), "descending");
    await grid.getByRole("row").nth(1).getByText("litellm/openai/model-09999").waitFor();

    const saved = async (name) => {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name }).click(),
      ]);
      return readFile(await download.path(), "utf8");
    };
    const lines = (await saved("Save as CSV")).trimEnd().split("\r\n");
    assert.equal(lines.length, 10_001);
    assert.ok(lines[1].startsWith(",,litellm/openai/model-09999,routed,"), lines[1]);
    assert.ok(lines.at(-1).includes(`"'=cmd/x"`), lines.at(-1));

    await page.getByRole("combobox", { name: "Result" }).selectOption("rejected");
    await page.getByText("50 of 10,000 shown").waitFor();
    const records = JSON.parse(await saved("Save as JSON"));
    assert.equal(records.length, 50);
    assert.ok(records.every((record) => record.outcome === "rejected" && record.code === "empty_segment"));
    await page.getByRole("searchbox", { name: "Filter results" }).fill("broken-207");
    await page.getByText("1 of 10,000 shown").waitFor();
  });

  it("resolves agent documents, and reports the invalid ones", async () => {
    await page.getByRole("searchbox", { name: "Filter results" }).fill("");
    await page.getByRole("combobox", { name: "Result" }).selectOption("");
    await page.getByLabel("Agents' YAML files").setInputFiles([
      { name: "support-bot.yaml", mimeType: "text/yaml", buffer: Buffer.from(AGENT) },
      { name: "broken.yaml", mimeType: "text/yaml", buffer: Buffer.from("model: {}\n") },
    ]);
    const grid = page.getByRole("grid", { name: "Results" });
    await grid.getByRole("row", { name: /^broken\.yaml/ }).getByText("No route: missing name").waitFor();
    await grid.getByRole("row", { name: /^support-bot main agent customer-alias/ }).getByText("Routed", { exact: true }).waitFor();
    await grid.getByRole("row", { name: /^support-bot lost/ }).getByText("No route: unknown source").waitFor();
    await page.getByRole("button", { name: "Back to the pasted refs" }).click();
    await page.getByText("9,950 routed, 50 without a route").first().waitFor();
  });

  it("keeps pasted text while another mode is shown", async () => {
    await mode("Ref").check();
    await page.waitForURL(/\/preview$/);
    await mode("Batch").check();
    await page.getByText("9,950 routed, 50 without a route").first().waitFor();
    assert.match(await page.getByRole("textbox", { name: "Model refs" }).inputValue(), /^litellm\/openai\/model-00000\n/);
  });

  it("reports no error", () => assert.deepEqual(record.errors, []));
});
