// Where things are on the dashboard, by role and name.

/** A row of a table by the name that it begins with. */
export function row(page, name) {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return page.getByRole("row", { name: new RegExp(`^${escaped}(\\s|$)`) });
}

/** A button of a row. */
export const rowButton = (page, name, button) => row(page, name).getByRole("button", { name: button });

/** The dialog that is open. */
export const dialog = (page) => page.getByRole("dialog");

/** The polite live region, where changes are announced. */
export const announcement = (page) => page.locator("[aria-live=polite]");

/** Goes to a place by the links a person would use. */
export async function openTab(page, name) {
  await page.getByRole("navigation", { name: "Models" }).getByRole("link", { name }).click();
}

/** The ref box, which is on every page, with what it shows below itself. */
export const refBox = (page) => page.getByRole("search");

/** Types into the ref box, reached by its key as a person would. */
export async function askRefBox(page, ref) {
  await page.keyboard.press("/");
  await page.keyboard.type(ref);
}

/**
 * The request that Route preview shows, read off the page as a person would: secrets stay chips,
 * written `{{name}}`.
 */
export async function previewedRequest(page) {
  const list = page.getByRole("list", { name: "Request" });
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
