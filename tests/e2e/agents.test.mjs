// Agents: written with their errors beside the line, imported, deleted, and changed by two at once.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { announcement, dialog, fromMenu, row, settled } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const BROKEN = `name: support-bot
model:
  primary: litellm/openai/gpt-4o
  passthrough: perhaps
subagents:
  analyst:
    model: { primary: customer-alias }
`;
const FIXED = BROKEN.replace("perhaps", "false");

describe("agents", () => {
  let waypost;
  let client;
  let browser;
  let context;
  let page;
  let record;

  before(async () => {
    waypost = await startWaypost({ LITELLM_MASTER_KEY: "sk-from-the-environment" });
    browser = await startBrowser();
    ({ page, context, record } = await openPage(browser));
    await signIn(page, waypost.link);
    const [cookie] = await context.cookies(waypost.url);
    client = new Client(waypost.url, `${cookie.name}=${cookie.value}`);
  });
  after(async () => {
    await browser?.close();
    await waypost?.stop();
  });

  const list = () => page.goto(`${waypost.url}/agents`);
  const text = (from = page) => from.getByRole("textbox", { name: "Document" });
  const open = (name, from = page) => from.goto(`${waypost.url}/agents/named/${encodeURIComponent(name)}`);
  const yaml = async (name) => (await client.call("GET", `/agents/${encodeURIComponent(name)}`)).yaml;

  it("explains agents while there are none", async () => {
    await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: /^Agents/ }).click();
    await page.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
    await page.getByText("No agents yet", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Add agent" }).first().click();
    await page.getByRole("heading", { level: 1, name: "Add agent" }).waitFor();
  });

  it("shows an error beside its line, refuses to save it, and leads to it", async () => {
    await text().fill(BROKEN);
    await page.getByText("1 error", { exact: true }).waitFor();
    assert.equal(await text().getAttribute("aria-invalid"), "true");
    const beside = page.locator(".editor-mark");
    assert.equal(await beside.locator(".editor-under").textContent(), "  passthrough: perhaps");
    const [mark, editor] = [await beside.boundingBox(), await text().boundingBox()];
    const [top, each] = await text().evaluate((area) => [parseFloat(getComputedStyle(area).paddingTop), parseFloat(getComputedStyle(area).lineHeight)]);
    assert.ok(Math.abs(mark.y - (editor.y + top + 3 * each)) < 2, "the mark is in the fourth line");
    await page.getByRole("button", { name: "Add agent" }).click();
    await announcement(page).filter({ hasText: "Not saved. Line 4, column 16:" }).waitFor();
    assert.deepEqual((await client.call("GET", "/agents")).items, []);
    await page.getByRole("button", { name: "Line 4, column 16" }).click();
    const caret = await text().evaluate((area) => [document.activeElement === area, area.selectionStart]);
    assert.deepEqual(caret, [true, BROKEN.indexOf("perhaps")]);
  });

  it("shows the routes while you type, and lists them once the agent is saved", async () => {
    await text().fill(FIXED);
    const live = page.getByRole("region", { name: "Where it goes" });
    await live.getByRole("heading", { name: "subagent analyst" }).waitFor();
    await live.getByText("openai/gpt-4o", { exact: true }).waitFor();
    assert.equal(await text().getAttribute("aria-invalid"), null);
    await page.getByRole("button", { name: "Add agent" }).click();
    await page.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
    await announcement(page).filter({ hasText: "Added support-bot." }).waitFor();
    const agent = row(page, "support-bot");
    await page.getByRole("region", { name: "Agents to litellm, gateway" }).getByText("gateway", { exact: true }).waitFor();
    await agent.getByText("openai/gpt-4o", { exact: true }).waitFor();
    await agent.getByRole("button", { name: "1 subagent of support-bot" }).click();
    await row(page, "analyst").getByText("managed", { exact: true }).waitFor();
    assert.equal(await yaml("support-bot"), FIXED);
  });

  it("asks before unsaved text is discarded, and keeps it", async () => {
    await open("support-bot");
    await text().fill(`${FIXED}# more\n`);
    await page.getByRole("link", { name: "Cancel" }).click();
    const question = page.getByRole("dialog", { name: "Leave without saving?" });
    await question.getByRole("button", { name: "Cancel" }).click();
    assert.equal(await text().inputValue(), `${FIXED}# more\n`);
    await text().fill(FIXED);
  });

  it("says that changing the name renames the agent", async () => {
    await text().fill(FIXED.replace("support-bot", "helper"));
    await page.getByText("Saving renames").waitFor();
    await page.getByRole("button", { name: "Save changes", exact: true }).click();
    await row(page, "helper").waitFor();
    assert.equal(await row(page, "support-bot").count(), 0);
  });

  it("imports files, and shows what each would do before and what it did after", async () => {
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await dialog(page).getByLabel("Files").setInputFiles([
      { name: "helper.yaml", mimeType: "text/yaml", buffer: Buffer.from(`${FIXED.replace("support-bot", "helper")}# imported\n`) },
      { name: "writer.yaml", mimeType: "text/yaml", buffer: Buffer.from("name: writer\nmodel: { primary: groq/llama }\n") },
      { name: "broken.yaml", mimeType: "text/yaml", buffer: Buffer.from("model: { primary: groq/llama }\n") },
    ]);
    const item = (name) => dialog(page).getByRole("listitem").filter({ hasText: name });
    await item("helper.yaml").getByText("Replaces helper", { exact: true }).waitFor();
    await item("writer.yaml").getByText("Adds writer · no route", { exact: true }).waitFor();
    await item("broken.yaml").getByText("1 error", { exact: true }).first().waitFor();
    // What cannot be imported as it is opens in an editor.
    await item("broken.yaml").getByRole("button", { name: "Line 1, column 1" }).waitFor();
    await item("helper.yaml").getByRole("button", { name: "Show changes of helper.yaml" }).click();
    assert.deepEqual(await item("helper.yaml").locator("mark").allTextContents(), ["# imported\n"]);
    const impact = dialog(page).getByRole("region", { name: "Impact of the import" });
    await impact.getByText("new, no route", { exact: true }).waitFor();
    assert.ok(!(await yaml("helper")).includes("imported"), "nothing is saved yet");
    await dialog(page).getByRole("button", { name: "Import 2 agents" }).click();
    await item("helper.yaml").getByText("Replaced helper", { exact: true }).waitFor();
    await item("writer.yaml").getByText("Added writer", { exact: true }).waitFor();
    await dialog(page).getByText("Added 1 agent and replaced 1.", { exact: true }).waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent === "Close");
    await dialog(page).getByRole("link", { name: "Open writer" }).waitFor();
    assert.ok((await yaml("helper")).includes("imported"));
    await dialog(page).getByRole("button", { name: "Close", exact: true }).click();
    await row(page, "writer").waitFor();
    await page.getByRole("region", { name: "Agents without a route, groq" }).getByText("No route", { exact: true }).waitFor();
  });

  it("fixes a broken file in place", async () => {
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await dialog(page).getByRole("textbox", { name: "Document", exact: true }).fill("name: fixed\nmodel: { primary: customer-alias }\n");
    await dialog(page).getByText("Adds fixed", { exact: true }).waitFor();
    await dialog(page).getByRole("button", { name: "Import 1 agent" }).click();
    await dialog(page).getByText("Added fixed", { exact: true }).waitFor();
    await dialog(page).getByRole("button", { name: "Close" }).click();
    await fromMenu(page, "fixed", "Delete");
    await dialog(page).getByRole("button", { name: "Delete agent" }).click();
    await row(page, "fixed").waitFor({ state: "detached" });
  });

  it("says what a closed import keeps, and discards it", async () => {
    const kept = page.getByText(/^Import keeps/);
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await dialog(page).getByLabel("Or paste documents").fill("name: 7\n---\nmodel: {}\n");
    await dialog(page).getByRole("button", { name: "Check the pasted document" }).click();
    await dialog(page).getByRole("listitem").filter({ hasText: "document 2" }).first().waitFor();
    assert.equal(await kept.count(), 0);
    await dialog(page).getByRole("button", { name: "Close", exact: true }).click();
    await page.getByText("Import keeps 2 unsaved documents until you leave this page.").waitFor();
    await page.getByRole("button", { name: "Continue import" }).click();
    await dialog(page).getByRole("button", { name: "Remove all" }).click();
    await dialog(page).getByRole("listitem").first().waitFor({ state: "detached" });
    await dialog(page).getByLabel("Or paste documents").fill("name: typed\n");
    await page.keyboard.press("Escape");
    await page.getByText(/^Import keeps 1 unsaved document/).waitFor();
    await page.getByRole("button", { name: "Discard", exact: true }).click();
    await kept.waitFor({ state: "detached" });
  });

  it("checks each document on the control plane before anything is saved", async () => {
    await page.route("**/api/v1/agent-checks", async (route) => {
      const { yaml } = route.request().postDataJSON();
      if (!yaml.includes("refused")) return route.continue();
      const problem = { severity: "error", path: "", code: "x", message: "Refused by the control plane.", line: 1, column: 1 };
      return route.fulfill({ json: { name: null, problems: [problem] } });
    });
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await dialog(page).getByLabel("Or paste documents").fill("name: refused\nmodel: { primary: customer-alias }\n");
    await dialog(page).getByRole("button", { name: "Check the pasted document" }).click();
    await dialog(page).getByText(/Refused by the control plane/).first().waitFor();
    assert.equal(await dialog(page).getByRole("button", { name: "Import", exact: true }).getAttribute("aria-disabled"), "true");
    await dialog(page).getByRole("button", { name: "Remove Pasted text from the import" }).click();
    await dialog(page).getByRole("button", { name: "Close", exact: true }).click();
    await page.unroute("**/api/v1/agent-checks");
  });

  it("asks before an import takes a route away", async () => {
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await dialog(page).getByLabel("Or paste documents").fill("name: helper\nmodel: { primary: groq/llama }\n");
    await dialog(page).getByRole("button", { name: "Check the pasted document" }).click();
    const button = dialog(page).getByRole("button", { name: "Import 1 agent" });
    await dialog(page).getByText("Required to continue").waitFor();
    assert.equal(await button.getAttribute("aria-disabled"), "true");
    await dialog(page).getByRole("checkbox", { name: /1 route will stop working/ }).check();
    assert.equal(await button.getAttribute("aria-disabled"), null);
    await dialog(page).getByRole("button", { name: "Remove Pasted text from the import" }).click();
    await dialog(page).getByRole("button", { name: "Close" }).click();
  });

  it("imports pasted documents", async () => {
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await dialog(page).getByLabel("Or paste documents").fill("name: pasted\nmodel: { primary: customer-alias }\n");
    await dialog(page).getByRole("button", { name: "Check the pasted document" }).click();
    await dialog(page).getByRole("button", { name: "Import 1 agent" }).click();
    await dialog(page).getByText("Added pasted", { exact: true }).waitFor();
    await dialog(page).getByRole("button", { name: "Close" }).click();
    await row(page, "pasted").waitFor();
  });

  it("stays on the page if a file is dropped outside a drop zone", async () => {
    const refused = await page.locator(".rail, header, nav").first().evaluate((place) => {
      const data = new DataTransfer();
      data.items.add(new File(["name: stray\n"], "stray.yaml"));
      return ["dragover", "drop"].map((type) => {
        const event = new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
        place.dispatchEvent(event);
        return event.defaultPrevented;
      });
    });
    assert.deepEqual(refused, [true, true]);
  });

  it("imports a file that is dropped on the page", async () => {
    await page.locator("main .drop-zone").first().evaluate((zone) => {
      const data = new DataTransfer();
      data.items.add(new File(["name: dropped\n"], "dropped.yaml"));
      for (const type of ["dragover", "drop"]) {
        zone.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }));
      }
    });
    // It has no model, and there is no default one.
    await dialog(page).getByText("Adds dropped · no route", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
  });

  it("keeps search, filters and layout in the address", async () => {
    const search = page.getByRole("searchbox", { name: "Search agents" });
    const state = page.getByRole("combobox", { name: "State" });
    await search.fill("pasted");
    await row(page, "writer").waitFor({ state: "detached" });
    await page.waitForURL(/\/agents\?q=pasted$/);
    await search.fill("");
    await state.selectOption("Unroutable only");
    await row(page, "pasted").waitFor({ state: "detached" });
    await row(page, "writer").waitFor();
    await page.getByRole("radio", { name: "List" }).check();
    await page.waitForURL(/\/agents\?only=unroutable&view=list$/);
    await page.reload();
    await row(page, "writer").getByText("No route", { exact: true }).waitFor();
    assert.equal(await state.inputValue(), "unroutable");
    assert.equal(await row(page, "pasted").count(), 0);
    await state.selectOption("All agents");
    await row(page, "pasted").waitFor();
    await page.getByRole("radio", { name: "By destination" }).check();
    await page.waitForURL(/\/agents$/);
  });

  it("shows a subagent's warning while its row is collapsed", async () => {
    await client.call("POST", "/agents", {
      yaml: "name: warned\nmodel: { primary: litellm/openai/gpt-4o }\nsubagents: { typo: { model: { primary: litelm/x } } }\n",
    });
    await page.reload();
    await row(page, "warned").getByText("1 warning", { exact: true }).waitFor();
    await page.getByRole("combobox", { name: "State" }).selectOption("Needs attention");
    await row(page, "pasted").waitFor({ state: "detached" });
    await row(page, "warned").waitFor();
    await client.call("DELETE", "/agents/warned");
    await list();
  });

  it("exports and deletes a selection, and restores it with one undo", async () => {
    for (const name of ["bulk-a", "bulk-b"]) {
      await client.call("POST", "/agents", { yaml: `name: ${name}\nmodel: { primary: customer-alias } # kept\n` });
    }
    await page.goto(`${waypost.url}/agents?q=bulk`);
    await page.getByRole("checkbox", { name: "Select all 2 that match" }).check();
    await page.getByText("2 selected", { exact: true }).waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export" }).click();
    const file = await (await download).createReadStream();
    let exported = "";
    for await (const part of file) exported += part;
    assert.equal(exported, "name: bulk-a\nmodel: { primary: customer-alias } # kept\n---\nname: bulk-b\nmodel: { primary: customer-alias } # kept\n");

    await page.getByRole("button", { name: "Delete agents", exact: true }).click();
    await dialog(page).getByText("Deletes bulk-a and bulk-b").waitFor();
    await dialog(page).getByRole("button", { name: "Delete 2 agents" }).click();
    await page.getByText("No agent matches").waitFor();
    await page.getByRole("button", { name: /^Undo/ }).last().click();
    await row(page, "bulk-b").waitFor();
    assert.equal(await yaml("bulk-a"), "name: bulk-a\nmodel: { primary: customer-alias } # kept\n");
    for (const name of ["bulk-a", "bulk-b"]) await client.call("DELETE", `/agents/${name}`);
  });

  it("replaces a model from an agent, from a selection and from its page, whatever the catalog knows", async () => {
    const primary = async (name) => (await client.call("GET", `/agents/${name}`)).agent.model.primary;
    const replacement = dialog(page).getByLabel("New model");
    for (const name of ["typo-a", "typo-b", "typo-c"]) {
      const yaml = `name: ${name}\nmodel: { primary: litelm/x, fallback: litellm/${name} } # kept\n`;
      await client.call("POST", "/agents", { yaml });
    }
    await page.goto(`${waypost.url}/agents?q=typo`);
    await fromMenu(page, "typo-a", "Replace model…");
    await dialog(page).getByRole("heading", { name: "Replace a model" }).waitFor();
    const which = dialog(page).getByRole("combobox", { name: "Model to replace" });
    await which.selectOption("litelm/x");
    // The agent that it was asked for is chosen; the others that name the model are offered.
    await dialog(page).getByText("1 of 3 agents chosen", { exact: true }).waitFor();
    assert.equal(await dialog(page).getByRole("checkbox", { name: /^typo-b/ }).isChecked(), false);
    await replacement.fill("litellm/x");
    const impact = dialog(page).getByRole("region", { name: "Impact of replacing" });
    await impact.getByText("litelm/x", { exact: true }).first().waitFor();
    await impact.getByText("litellm/x", { exact: true }).first().waitFor();
    await dialog(page).getByRole("button", { name: /^Replace model · 1 agent/ }).click();
    await dialog(page).waitFor({ state: "detached" });
    assert.equal(await primary("typo-a"), "litellm/x");
    assert.equal(await primary("typo-b"), "litelm/x");

    await page.getByRole("checkbox", { name: "Select typo-b" }).check();
    await page.getByRole("checkbox", { name: "Select typo-c" }).check();
    await page.getByRole("group", { name: "Selected agents" }).getByRole("button", { name: "Replace model…" }).click();
    assert.equal(await which.inputValue(), "litelm/x", "the ref that they share comes first");
    await dialog(page).getByText("2 of 2 agents chosen", { exact: true }).waitFor();
    await replacement.fill("litellm/y");
    await dialog(page).getByRole("button", { name: /^Replace model · 2 agents/ }).click();
    await dialog(page).waitFor({ state: "detached" });
    assert.equal(await primary("typo-c"), "litellm/y");

    await page.goto(`${waypost.url}/agents/named/typo-c`);
    await page.getByRole("button", { name: "Replace model…" }).first().click();
    await which.selectOption("litellm/y");
    await replacement.fill("litellm/z");
    await dialog(page).getByRole("button", { name: /^Replace model · 1 agent/ }).click();
    await dialog(page).waitFor({ state: "detached" });
    await page.waitForFunction(() => document.querySelector("textarea").value.includes("litellm/z"));
    await page.getByRole("button", { name: "Undo" }).last().click();
    await page.waitForFunction(() => document.querySelector("textarea").value.includes("litellm/y"));
    for (const name of ["typo-a", "typo-b", "typo-c"]) await client.call("DELETE", `/agents/${name}`);
  });

  it("offers to replace a model where a warning is about it", async () => {
    await client.call("POST", "/agents", { yaml: "name: typo\nmodel: { primary: litelm/x }\n" });
    await page.goto(`${waypost.url}/agents/named/typo`);
    await page.getByRole("region", { name: "Where it goes" }).getByRole("button", { name: "Replace model litelm/x" }).click();
    assert.equal(await dialog(page).getByLabel("New model").inputValue(), "litellm/x", "the suggestion is filled in");
    const saves = [];
    const notice = (request) => request.method() === "PUT" && saves.push(request.url());
    page.on("request", notice);
    await dialog(page).getByRole("button", { name: /^Replace model · 1 agent/ }).click();
    await dialog(page).waitFor({ state: "detached" });
    await page.waitForFunction(() => document.querySelector("textarea").value.includes("litellm/x"));
    page.off("request", notice);
    assert.deepEqual(saves, [], "the document in the editor is not saved over the replacement");
    assert.equal(await yaml("typo"), "name: typo\nmodel: { primary: litellm/x }\n");
    await client.call("PUT", "/agents/typo", { yaml: "name: typo\nmodel: { primary: litelm/x }\n" });
    await page.goto(`${waypost.url}/preview?ref=litelm/x`);
    await page.getByText("1 agent uses this model.").waitFor();
    await page.getByRole("button", { name: "Replace model litelm/x" }).click();
    await dialog(page).getByRole("checkbox", { name: /^typo/ }).waitFor();
    await page.keyboard.press("Escape");
    await client.call("DELETE", "/agents/typo");
    await list();
  });

  it("lets a viewer read, and says why the rest is disabled", async () => {
    const viewer = await openPage(browser);
    await viewer.page.goto(await waypost.signInLink("viewer"));
    await viewer.page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
    await viewer.page.goto(`${waypost.url}/agents`);
    await settled(viewer.page);
    const create = viewer.page.getByRole("button", { name: "Add agent" });
    assert.equal(await create.getAttribute("aria-disabled"), "true");
    // It stays focusable, so that the reason can be reached by keyboard, too.
    await create.focus();
    await viewer.page.keyboard.press("Enter");
    await viewer.page.getByText("Viewers can't make changes.").first().waitFor();
    await viewer.page.getByRole("button", { name: "More actions for helper" }).click();
    const remove = viewer.page.getByRole("menuitem", { name: /^Delete/ });
    assert.equal(await remove.getAttribute("aria-disabled"), "true");
    await viewer.record.all();
    await viewer.context.close();
  });

  it("shows both versions after a conflict, and loses neither", async () => {
    const mine = "name: pasted\nmodel: { primary: customer-alias }\n# mine\n";
    const theirs = "name: pasted\nmodel: { primary: customer-alias }\n# theirs\n";
    const other = await context.newPage();
    await open("pasted");
    await text().fill(mine);
    await open("pasted", other);
    await text(other).fill(theirs);
    await other.getByRole("button", { name: "Save changes", exact: true }).click();
    await row(other, "pasted").waitFor();
    await other.close();

    const conflict = page.getByRole("dialog", { name: "This agent changed in the meantime" });
    const save = () => page.getByRole("button", { name: "Save changes", exact: true }).click();
    await save();
    assert.equal(await conflict.getByRole("group", { name: "Stored now: the document" }).textContent(), theirs);
    assert.equal(await conflict.getByRole("group", { name: "Yours: the document" }).textContent(), mine);
    assert.deepEqual(await conflict.locator("mark").allTextContents(), ["# theirs\n", "# mine\n"]);
    await conflict.getByRole("button", { name: "Keep editing" }).click();
    assert.equal(await text().inputValue(), mine, "nothing typed is lost");

    await save();
    await conflict.getByRole("button", { name: "Use saved version" }).click();
    assert.equal(await text().inputValue(), theirs);
    await page.getByRole("button", { name: "Restore my version" }).click();
    assert.equal(await text().inputValue(), mine, "what was put aside comes back");

    // Once taken, the stored version is the one that a save replaces.
    await client.call("PUT", "/agents/pasted", { yaml: `${theirs}# again\n` });
    await save();
    await conflict.getByRole("button", { name: "Overwrite with mine" }).click();
    await row(page, "pasted").waitFor();
    assert.equal(await yaml("pasted"), mine);
  });

  it("reports a taken name, and keeps the text", async () => {
    await page.goto(`${waypost.url}/agents/new`);
    await text().fill("name: pasted\n");
    await page.getByRole("button", { name: "Add agent" }).click();
    await page.getByText("Another agent is already named").first().waitFor();
    assert.equal(await text().getAttribute("aria-invalid"), "true");
    assert.equal(await text().inputValue(), "name: pasted\n");
    await text().fill("");
  });

  it("deletes from the list and from the editor, after asking", async () => {
    await list();
    await fromMenu(page, "writer", "Delete");
    const question = page.getByRole("dialog", { name: "Delete writer?" });
    await question.getByText(/Deletes this agent/).waitFor();
    await question.getByRole("button", { name: "Delete agent" }).click();
    await row(page, "writer").waitFor({ state: "detached" });

    await row(page, "pasted").getByRole("link", { name: "pasted", exact: true }).click();
    await page.getByRole("button", { name: "Delete agent", exact: true }).click();
    await page.getByRole("dialog", { name: "Delete pasted?" }).getByRole("button", { name: "Delete agent" }).click();
    await row(page, "helper").waitFor();
    await row(page, "pasted").waitFor({ state: "detached" });
    const left = (await client.call("GET", "/agents")).items.map(({ name }) => name);
    assert.deepEqual(left, ["helper"]);
  });

  it("shows the sample's agents with their routes", async () => {
    await client.call("POST", "/sample", {});
    await list();
    const support = row(page, "sample-support");
    const group = (name) => page.getByRole("region", { name });
    await group(/^Agents to sample-/).getByText("passthrough", { exact: true }).first().waitFor();
    await support.getByText("echo-large", { exact: true }).waitFor();
    await row(page, "sample-researcher").getByText("moonshotai/kimi-echo").first().waitFor();
    await group(/^Agents without a route/).getByText("sample-without-key", { exact: true }).waitFor();
    await page.getByRole("button", { name: "2 subagents of sample-support" }).click();
    await row(page, "coder").getByText("team-coder", { exact: true }).waitFor();
  });

  it("renders as many rows for 1,000 agents as for 50", async () => {
    for (let at = 0; at < 60; at += 1) {
      await client.call("POST", "/agents", { yaml: `name: many-${String(at).padStart(3, "0")}\nmodel: { primary: customer-alias }\n` });
    }
    await list();
    const litellm = page.getByRole("region", { name: "Agents to litellm, managed" });
    await litellm.getByRole("link", { name: /^Show all/ }).waitFor();
    assert.equal(await litellm.getByRole("row").count(), 11, "a group lists its first ten");
    await litellm.getByRole("link", { name: /^Show all/ }).click();
    await page.waitForURL(/\/agents\?to=litellm&kind=managed&view=list$/);
    await row(page, "many-000").waitFor();
    await page.goto(`${waypost.url}/agents?view=list`);
    await row(page, "many-000").waitFor();
    assert.equal(await page.getByRole("row").count(), 51);
    await page.getByRole("button", { name: "Next" }).click();
    await row(page, "sample-support").waitFor();
    await page.waitForURL(/page=2$/);
    await page.reload();
    await row(page, "sample-support").waitFor();
  });

  it("has no errors in the browser", () => {
    assert.deepEqual(record.errors, []);
  });
});
