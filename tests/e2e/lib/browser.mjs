// A real browser, and pages that remember every answer they were given.

import { chromium } from "playwright-core";

/** Keeps Chromium from making requests that no test asked for. */
export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a headless Chromium with a new profile. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.WAYPOST_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: FLAGS,
  });
}

/** Everything that a page received and reported. */
export class Record {
  /** `{url, text}` of each answer, headers included. */
  responses = [];
  /** Uncaught errors and messages of level error. */
  errors = [];
  #pending = [];
  /** How many documents the page has asked for, and of which one each request is. */
  #documents = 0;
  #documentOf = new WeakMap();
  /** The document that the page shows. */
  #shown = 0;
  /** What ends the waiting for the answers of a document that the page has left. */
  #waiting = [];

  constructor(page) {
    page.on("request", (request) => {
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) this.#documents += 1;
      this.#documentOf.set(request, this.#documents);
    });
    page.on("domcontentloaded", () => {
      this.#shown = this.#documents;
      for (const { document, leave } of this.#waiting) if (document < this.#shown) leave();
    });
    page.on("response", (response) => {
      const document = this.#documentOf.get(response.request());
      // The browser tells neither the end nor a failure of an answer that still came for the page before.
      const left = new Promise((leave) => {
        this.#waiting.push({ document, leave });
        if (document < this.#shown) leave();
      });
      this.#pending.push(Promise.race([this.#keep(response), left]));
    });
    page.on("pageerror", (error) => this.errors.push(`${error}`));
    page.on("console", (message) => {
      // The browser's own line for an answer of 4xx or 5xx, which a test may well provoke.
      const expected = message.text().startsWith("Failed to load resource");
      if (message.type() === "error" && !expected) this.errors.push(message.text());
    });
  }

  async #keep(response) {
    // An answer that was still coming when its page was closed belongs to no test.
    const known = await response.allHeaders().catch((error) => {
      if (!/has been closed/.test(error.message)) throw error;
    });
    const headers = JSON.stringify(known ?? {});
    // A redirect, an empty answer and one that was left behind have no body.
    const body = await response.text().catch(() => "");
    this.responses.push({ url: response.url(), text: `${headers}\n${body}` });
  }

  /** All answers, once those under way are in. */
  async all() {
    await Promise.all(this.#pending);
    return this.responses;
  }
}

/** Opens a page in a new session, with the given size and colours. */
export async function openPage(browser, { width = 1280, height = 900, colorScheme = "light", ignoreHTTPSErrors = false } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    reducedMotion: "reduce",
    ignoreHTTPSErrors,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  return { context, page, record: new Record(page) };
}

/** Opens the sign-in link and waits for the page that follows it. */
export async function signIn(page, link) {
  await page.goto(link);
  await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
}
