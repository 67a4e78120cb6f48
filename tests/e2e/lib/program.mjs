// A program that a test starts: its output is kept, and it ends with the test.

import { spawn } from "node:child_process";
import { until } from "./wait.mjs";

export class Program {
  /** Everything it has printed, on both streams. */
  output = "";
  #child;
  #ended = null;

  constructor(command, args, { env, cwd } = {}) {
    this.#child = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
    const keep = (chunk) => (this.output += chunk);
    this.#child.stdout.setEncoding("utf8").on("data", keep);
    this.#child.stderr.setEncoding("utf8").on("data", keep);
    this.exit = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve((this.#ended = `${error}`)));
      this.#child.once("close", (code, signal) => resolve((this.#ended = `${signal ?? code}`)));
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** Waits for a signal that it is ready; fails at once, with its output, where it ends first. */
  async ready(what, ask, options) {
    return until(
      what,
      async () => {
        if (this.#ended !== null) return { ended: this.#ended };
        const answer = await ask();
        return answer && { answer };
      },
      options,
    ).then(
      ({ ended, answer }) => {
        if (ended !== undefined) throw new Error(`it ended (${ended}) before ${what}:\n${this.output}`);
        return answer;
      },
      (error) => {
        throw new Error(`${error.message}; it printed:\n${this.output}`, { cause: error });
      },
    );
  }

  /** Ends it, kindly at first. */
  async stop() {
    if (this.#ended !== null) return;
    this.#child.kill("SIGTERM");
    const hard = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await this.exit;
    clearTimeout(hard);
  }
}
