// Takes the pictures of README and docs from the release binary, with the sample workspace and a real
// LiteLLM proxy behind it: `cargo xtask screenshots`.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { agentToken, complete, completeAndRecord } from "./lib/inference.mjs";
import { startLiteLLM } from "./lib/litellm.mjs";
import { dialog, rowButton, settled } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const folder = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));

/** Opens the dialog of the gateway that has a key. */
const configure = async (page) => {
  await rowButton(page, "litellm", "Configure").click();
  await dialog(page).getByRole("heading", { name: "Configure litellm" }).waitFor();
};

/** Requests of every outcome, the last of them with its fallback. */
async function sendRequests(waypost, client) {
  await client.call("POST", "/agents", { yaml: "name: triage\nmodel: { primary: litellm/openai/gpt-4o }\n" });
  const tokens = {};
  for (const agent of ["triage", "sample-support", "sample-researcher", "sample-writer"]) {
    tokens[agent] = await agentToken(client, agent);
  }
  const all = [
    ["sample-writer", "sample-gateway/echo-small"],
    ["triage", "litellm/openai/gpt-4o"],
    ["sample-support", "echo-large"],
    ["triage", "groq/llama-3.1-70b"],
    ["triage", "litellm/anthropic/claude-sonnet-4"],
    ["sample-support", "team-coder::subagent::coder"],
    ["sample-writer", "sample-gateway/echo-tiny"],
    ["triage", "litellm/openai/gpt-4o"],
  ];
  for (const [agent, model] of all) await complete(waypost, tokens[agent], model);
  await completeAndRecord(waypost, client, tokens["sample-researcher"], "openrouter/moonshotai/kimi-k2");
}

/** Opens the last request that a gateway answered. */
const openRequest = async (page) => {
  await page.locator("[data-request]").nth(1).getByRole("link").click();
  await page.locator(".request-outcome").waitFor();
  // The row is not pointed at.
  await page.mouse.move(5, 5);
};

/** File name, address, the height that shows what matters, and what is done first. */
const PICTURES = [
  ["gateways", "/models/gateways", 560],
  ["configure", "/models/gateways", 760, configure],
  ["catalog", "/models/catalog", 720],
  ["agents", "/agents", 620],
  ["preview", "/preview?agent=sample-support", 900],
  ["requests", "/requests", 860, openRequest],
];

const litellm = await startLiteLLM();
const waypost = await startWaypost({ LITELLM_BASE_URL: litellm.url });
const browser = await startBrowser();
try {
  const client = await Client.signIn(waypost);
  await client.call("POST", "/sample", {});
  await client.call("PUT", "/providers/litellm/key", { value: litellm.key });
  await client.call("POST", "/providers/litellm/refresh", {});
  await sendRequests(waypost, client);
  await mkdir(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"]) {
    for (const [name, address, height, prepare] of PICTURES) {
      const { page, context } = await openPage(browser, { colorScheme, height });
      await context.addCookies([{ ...client.cookie, url: waypost.url }]);
      await page.goto(waypost.url + address);
      await settled(page);
      await prepare?.(page);
      await settled(page);
      const path = `${folder}${name}-${colorScheme}.png`;
      await page.screenshot({ path });
      console.log(path);
      await context.close();
    }
  }
} finally {
  await browser.close();
  await waypost.stop();
  await litellm.stop();
}
