// Where things are on the dashboard, by role and name.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A row of a table by the name that it begins with. */
export function row(page, name) {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  // A row that can be selected begins with its checkbox.
  return page.getByRole("row", { name: new RegExp(`^(Select ${escaped} )?${escaped}(\\s|$)`) });
}

/** A button of a row, whose name says what it is for: `Refresh litellm`. */
export const rowButton = (page, name, button) =>
  row(page, name).getByRole("button", { name: `${button} ${name}`, exact: true });

/** Chooses an entry of a row's menu, such as `Delete…`, by the words that it begins with. */
export async function fromMenu(page, name, entry) {
  await page.getByRole("button", { name: `More actions for ${name}`, exact: true }).click();
  await page.getByRole("menuitem", { name: new RegExp(`^${entry}`) }).click();
}

/** The dialog that is open. */
export const dialog = (page) => page.getByRole("dialog");

/** The polite live region, where changes are announced. */
export const announcement = (page) => page.locator("[aria-live=polite]");

/** Goes to a place by the links a person would use. */
export async function openTab(page, name) {
  await page.getByRole("navigation", { name: "Models" }).getByRole("link", { name }).click();
}

/** The palette, while it is open. */
export const palette = (page) => page.getByRole("search");

/** Types into the palette, opened by one of its keys as a person would. */
export async function askPalette(page, text, key = "/") {
  // Its button is there once the dashboard has started and hears the key.
  await page.locator(".palette-opener").waitFor();
  await page.keyboard.press(key);
  await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
  await page.keyboard.type(text);
}

/**
 * The request that Route preview shows, read off the page as a person would: secrets stay chips,
 * written `{{name}}`.
 */
export async function previewedRequest(page) {
  const list = page.getByRole("list", { name: "Request" });
  await list.getByRole("listitem").first().waitFor();
  const lines = await list.getByRole("listitem").evaluateAll((items) =>
    items.map((item) => {
      const text = item.querySelector(".request-text").cloneNode(true);
      for (const chip of text.querySelectorAll(".secret-chip")) {
        chip.querySelector(".visually-hidden")?.remove();
        chip.replaceWith(`{{${chip.textContent.trim()}}}`);
      }
      return text.textContent.trim();
    }),
  );
  const [, method, url] = lines[0].match(/^(\S+)\s+(\S+)$/);
  const headers = {};
  let model;
  for (const line of lines.slice(1)) {
    const body = line.match(/^\{ "model": (".*"), … \}$/);
    if (body) model = JSON.parse(body[1]);
    else headers[line.slice(0, line.indexOf(":"))] = line.slice(line.indexOf(":") + 1).trim();
  }
  return { method, url, headers, model };
}

/** Sends a previewed request with the real secret in place of each chip; gives the answer's text. */
export async function sendPreviewed({ method, url, headers, model }, secret) {
  const filled = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace(/\{\{[^}]+\}\}/g, secret)]),
  );
  const body = JSON.stringify({ model, max_tokens: 16, messages: [{ role: "user", content: "Hello" }] });
  const response = await fetch(url, { method, headers: filled, body });
  return { status: response.status, text: await response.text() };
}

/** Runs the command on the clipboard as a person would, its variables set; gives what it prints. */
export async function runCopiedCommand(page, secret) {
  const command = await page.evaluate(() => navigator.clipboard.readText());
  const variables = [...command.matchAll(/\$\{?([A-Z_][A-Z0-9_]*)/g)].map(([, name]) => name);
  const set = Object.fromEntries(variables.map((name) => [name, secret]));
  const { stdout } = await promisify(execFile)("bash", ["-c", command], {
    env: { PATH: process.env.PATH, ...set },
  });
  return stdout;
}

/** The colour of an element's text as red, green and blue, whatever notation the style uses. */
export const colour = (locator) =>
  locator.evaluate((element) => {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = getComputedStyle(element).color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  });

/** Fills in the form of a custom source. */
export async function fillSource(page, { name, baseUrl, authHeader, authValue, allow, passthrough }) {
  const fill = (label, text) => page.getByRole("textbox", { name: new RegExp(`^${label}`) }).fill(text);
  if (name !== undefined) await fill("Name", name);
  if (baseUrl !== undefined) await fill("Base URL", baseUrl);
  if (authHeader !== undefined) await fill("Auth header", authHeader);
  if (authValue !== undefined) await fill("Auth value", authValue);
  if (allow) await page.getByRole("switch", { name: /^Allow calls to/ }).check();
  if (passthrough !== undefined) await page.getByRole("switch", { name: "Passthrough" }).setChecked(passthrough);
}

/** Waits until the page shows what it is going to show: its heading, and nothing that loads. */
export async function settled(page) {
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.waitForFunction(
    () => !document.querySelector(".loading, [aria-busy=true]") && document.getAnimations().every((animation) => animation.playState !== "running"),
  );
}

/** Fails where the page is wider than the window. */
export async function noHorizontalScroll(page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= window, `the page is ${content} px wide in a window of ${window} px`);
}
