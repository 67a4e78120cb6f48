// Runs the end-to-end tests: `node run.mjs [NAME…]` for the files whose name contains a NAME.
//
// Each file starts its own servers, so that several run at a time. One LiteLLM proxy serves all
// files that only read from it, since starting one takes a while.

import { readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { run } from "node:test";
import { spec as Spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { startLiteLLM } from "./lib/litellm.mjs";

/** A browser and a control plane keep about a core busy; more than three files are no faster. */
const CONCURRENCY = Math.min(3, availableParallelism());

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

/** Prints how long each file took, the longest first. */
function report(times) {
  console.log();
  for (const [file, time] of [...times].sort(([, one], [, other]) => other - one)) {
    console.log(`${(time / 1000).toFixed(1).padStart(10)} s  ${path.basename(file)}`);
  }
}

const litellm = await startLiteLLM();
process.env.WAYPOST_TEST_LITELLM_URL = litellm.url;
process.env.WAYPOST_TEST_LITELLM_KEY = litellm.key;
process.env.WAYPOST_TEST_LOG ??= "debug";
const times = new Map();
const tests = run({
  files: files.map((name) => path.join(folder, name)),
  concurrency: CONCURRENCY,
  timeout: 300_000,
});
const note = ({ file, nesting, details }) => {
  if (nesting === 0 && file) times.set(file, (times.get(file) ?? 0) + details.duration_ms);
};
tests.on("test:pass", note);
tests.on("test:fail", (test) => {
  process.exitCode = 1;
  note(test);
});
for await (const text of tests.compose(new Spec())) process.stdout.write(text);
await litellm.stop();
report(times);
