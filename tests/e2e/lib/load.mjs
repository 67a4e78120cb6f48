// The program that puts load on gateways, and the upstream behind them.

import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Program } from "./program.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const BINARY =
  process.env.WAYPOST_LOAD ??
  path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, "target"), "release/waypost-load");

/** Starts the upstream and gives its address. */
export async function startUpstream() {
  const program = new Program(BINARY, ["upstream"]);
  const address = await program.ready(
    "the upstream to listen",
    async () => program.output.match(/^listening on (\S+)$/m)?.[1],
    { every: 5 },
  );
  return { address, stop: () => program.stop() };
}

/** Measures what is asked for; see crates/load. A request that fails ends the measurement. */
export async function measure(what) {
  const child = spawn(BINARY, ["measure"], { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => (output += chunk));
  child.stdin.end(JSON.stringify(what));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`${what.measure} failed: ${output}`);
  return JSON.parse(output);
}
