// Runs the end-to-end tests: `node run.mjs [NAME…]` for the files whose name contains a NAME.
//
// One LiteLLM proxy serves all files that only read from it, since starting one takes a while.

import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { startLiteLLM } from "./lib/litellm.mjs";

const folder = fileURLToPath(new URL("./", import.meta.url));
const wanted = process.argv.slice(2);
const files = (await readdir(folder))
  .filter((name) => name.endsWith(".test.mjs"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();
if (files.length === 0) {
  console.error("no test file has such a name");
  process.exit(2);
}

const litellm = await startLiteLLM();
const tests = spawn(
  process.execPath,
  ["--test", "--test-reporter=spec", "--test-concurrency=1", "--test-timeout=300000", ...files],
  {
    cwd: folder,
    stdio: "inherit",
    env: {
      ...process.env,
      WAYPOST_TEST_LITELLM_URL: litellm.url,
      WAYPOST_TEST_LITELLM_KEY: litellm.key,
    },
  },
);
const code = await new Promise((resolve) => tests.once("close", (code) => resolve(code ?? 1)));
await litellm.stop();
process.exit(code);
