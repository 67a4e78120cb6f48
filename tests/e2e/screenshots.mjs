// Takes the pictures of README and docs from the release binary, with the sample workspace and a real
// LiteLLM proxy behind it: `cargo xtask screenshots`.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { Client } from "./lib/http.mjs";
import { startLiteLLM } from "./lib/litellm.mjs";
import { dialog, rowButton, settled } from "./lib/ui.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const folder = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));

/** Opens the dialog of the gateway that has a key. */
const configure = async (page) => {
  await rowButton(page, "litellm", "Configure").click();
  await dialog(page).getByRole("heading", { name: "Configure litellm" }).waitFor();
};

/** File name, address, the height that shows what matters, and what is done first. */
const PICTURES = [
  ["gateways", "/models/gateways", 560],
  ["configure", "/models/gateways", 760, configure],
  ["catalog", "/models/catalog", 720],
  ["agents", "/agents", 620],
  ["preview", "/preview?agent=sample-support", 900],
];

const litellm = await startLiteLLM();
const waypost = await startWaypost({ LITELLM_BASE_URL: litellm.url });
const browser = await startBrowser();
try {
  const client = await Client.signIn(waypost);
  await client.call("POST", "/sample", {});
  await client.call("PUT", "/providers/litellm/key", { value: litellm.key });
  await client.call("POST", "/providers/litellm/refresh", {});
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
