// The release binary, with its own data directory and home.

import { execFile } from "node:child_process";
import http from "node:http";
import https from "node:https";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Program } from "./program.mjs";
import { freePort } from "./wait.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The binary under test. */
export const BINARY =
  process.env.WAYPOST_BINARY ??
  path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, "target"), "release/waypost");

/** What it logs: everything in tests, which look for secrets there. */
const LOG = process.env.WAYPOST_TEST_LOG ?? "info";

/** The sign-in link as it is printed at each start. */
const LINK = /https?:\/\/\S+\/#token=\S+/;

export class Waypost {
  #program;

  constructor(folder, port, env, { binary = BINARY, secrets = "file", options = [] } = {}) {
    this.binary = binary;
    this.secrets = secrets;
    this.options = options;
    this.folder = folder;
    this.home = path.join(folder, "home");
    this.dataDir = path.join(folder, "data");
    this.port = port;
    this.url = `${options.includes("--tls-cert") ? "https" : "http"}://127.0.0.1:${port}`;
    // Nothing of the machine that the tests run on: no keychain, no keys, no providers file.
    this.env = { PATH: process.env.PATH, HOME: this.home, WAYPOST_LOG: LOG, ...env };
  }

  /** Everything that it has printed since it was started the last time. */
  get output() {
    return this.#program.output;
  }

  get pid() {
    return this.#program.pid;
  }

  /** Starts it, or starts it again on the same data, and gives the link that it prints. */
  async start() {
    await mkdir(this.home, { recursive: true });
    const before = performance.now();
    this.#program = new Program(
      this.binary,
      ["serve", "--listen", `127.0.0.1:${this.port}`, "--data-dir", this.dataDir, "--secrets", this.secrets, ...this.options],
      { cwd: this.folder, env: this.env },
    );
    try {
      await this.#program.ready(
        "the control plane to be ready",
        () => isReady(this.url),
        { every: 5 },
      );
      this.readyAfter = performance.now() - before;
      // With an identity provider no link is printed.
      const printed = this.options.includes("--oidc-issuer") ? /Sign in with .+/ : LINK;
      this.link = await this.#program.ready(
        "how to sign in",
        async () => this.#program.output.match(printed)?.[0],
        { every: 5 },
      );
    } catch (error) {
      await this.stop();
      throw error;
    }
    return this.link;
  }

  /** Stops it and keeps its data. */
  async halt() {
    await this.#program.stop();
  }

  /** Stops it and removes its data. */
  async stop() {
    await this.#program.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A sign-in link for a role, made by the command line. */
  async signInLink(role) {
    const options = ["sign-in-link", "--role", role, "--data-dir", this.dataDir];
    const { stdout } = await promisify(execFile)(this.binary, options, { env: this.env });
    return stdout.match(LINK)[0];
  }

  /** Every file that it has written, with its content. */
  async files() {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    return Promise.all(
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
        .map(async (file) => ({ file, content: await readFile(file) })),
    );
  }
}

/** Whether it answers. Its certificate is not checked. */
function isReady(url) {
  const { get } = url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    const request = get(`${url}/readyz`, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode === 200));
    });
    request.once("error", reject);
  });
}

/** Starts the control plane; `env` is all that it knows of the environment. */
export async function startWaypost(env = {}, options = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), "waypost-e2e-"));
  const waypost = new Waypost(folder, await freePort(), env, options);
  await waypost.start();
  return waypost;
}
