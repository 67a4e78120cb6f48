// A real browser, spoken to through its own protocol alone, for measurements. A driver of tests adds
// script contexts to each page and reads each answer, which takes longer than what is measured.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FLAGS } from "./browser.mjs";
import { until } from "./wait.mjs";

/** Keeps Chromium from drawing other pages beside the measured one. */
const QUIET = ["--disable-extensions", "--disable-component-extensions-with-background-pages", "--disable-default-apps"];

/** One browser, by its pipe: messages of JSON, a zero byte after each. */
export class DevTools {
  #child;
  #profile;
  #next = 1;
  #waiting = new Map();
  #listeners = new Set();
  #rest = "";

  /** Starts a headless Chromium with a new profile. */
  static async start() {
    const profile = await mkdtemp(join(tmpdir(), "waypost-browser-"));
    const args = ["--headless", "--remote-debugging-pipe", "--no-startup-window", ...QUIET, `--user-data-dir=${profile}`, ...FLAGS];
    const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"];
    return new DevTools(spawn(process.env.WAYPOST_CHROMIUM ?? "/usr/bin/chromium", args, { stdio }), profile);
  }

  constructor(child, profile) {
    this.#child = child;
    this.#profile = profile;
    this.exit = new Promise((resolve) => child.once("close", resolve));
    child.stdio[4].setEncoding("utf8").on("data", (text) => {
      const messages = (this.#rest + text).split("\0");
      this.#rest = messages.pop();
      for (const message of messages) this.#take(JSON.parse(message));
    });
    this.exit.then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error("the browser has ended"));
    });
  }

  #take({ id, result, error, ...event }) {
    if (id === undefined) {
      for (const listener of this.#listeners) listener(event);
      return;
    }
    const { resolve, reject, method } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) reject(new Error(`${method}: ${error.message}`));
    else resolve(result);
  }

  /** Sends a command, and gives its result. */
  send(method, params = {}, sessionId = undefined) {
    const id = this.#next++;
    this.#child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, method }));
  }

  /** Opens a page in a new session of the browser, with an empty cache, and waits until its window is drawn. */
  async openPage() {
    const { browserContextId } = await this.send("Target.createBrowserContext");
    const size = { width: 1280, height: 900 };
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank", browserContextId, ...size });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    await this.#settled();
    const listeners = new Map();
    const listen = (event) => event.sessionId === sessionId && listeners.get(event.method)?.(event.params);
    this.#listeners.add(listen);
    return {
      send: (method, params) => this.send(method, params, sessionId),
      /** Calls `listener` with what an event says. */
      on: (method, listener) => listeners.set(method, listener),
      /** The value of an expression in the page, once it has one. */
      evaluate: async (expression) => {
        const options = { expression, awaitPromise: true, returnByValue: true };
        const { result, exceptionDetails } = await this.send("Runtime.evaluate", options, sessionId);
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
        return result.value;
      },
      close: async () => {
        this.#listeners.delete(listen);
        await this.send("Target.disposeBrowserContext", { browserContextId });
      },
    };
  }

  /**
   * Waits until the browser does nothing more: its processes together take less than a twentieth of a
   * core. It draws the parts of a new window, such as the list below its address bar, for half a second.
   */
  async #settled() {
    const used = async () => {
      const { processInfo } = await this.send("SystemInfo.getProcessInfo");
      return { seconds: processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0), count: processInfo.length };
    };
    let before = await used();
    await until("the browser is idle", async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      const now = await used();
      const idle = now.count === before.count && now.seconds - before.seconds < 0.2 / 20;
      before = now;
      return idle;
    });
  }

  /** Ends the browser, and removes its profile. */
  async close() {
    await this.send("Browser.close").catch(() => {});
    await this.exit;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
