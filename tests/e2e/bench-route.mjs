// How fast `POST /api/v1/route` answers under load, compared with another binary in the same run.
// `cargo xtask bench route` runs it with WAYPOST_BINARY and WAYPOST_AGAINST.
//
// The two binaries are loaded in turns, so that whatever else the machine does slows both down.
// Each figure is the median of the rounds.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Client } from "./lib/http.mjs";
import { startKeychain } from "./lib/keychain.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const CONNECTIONS = 16;
const ROUNDS = 3;
const SECONDS = Number(process.env.WAYPOST_BENCH_SECONDS ?? 10);
const AGENTS = 10_000;
const EDITS_PER_SECOND = 10;

const SCRIPT = fileURLToPath(new URL("./lib/route.lua", import.meta.url));
const BINARIES = [process.env.WAYPOST_AGAINST, process.env.WAYPOST_BINARY];

/** Loads a server with one request, again and again. */
async function load({ waypost, client }, body) {
  const { name, value } = client.cookie;
  const child = spawn(
    "wrk",
    [`--threads=2`, `--connections=${CONNECTIONS}`, `--duration=${SECONDS}s`, "--timeout=30s", `--script=${SCRIPT}`,
     `--header=cookie: ${name}=${value}`, `${waypost.url}/api/v1/route`, "--", JSON.stringify(body)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => (output += chunk));
  await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  const result = JSON.parse(output.match(/^result: (.*)$/m)?.[1] ?? `"${output}"`);
  if (result.failed + result.broken !== 0) throw new Error(`the load failed: ${output}`);
  // A server that stalls for the whole round answers nothing: it took that long at least.
  if (result.requests === 0) return { rate: 0, p50: result.microseconds, p99: result.microseconds };
  return { rate: (result.requests * 1e6) / result.microseconds, p50: result.p50, p99: result.p99 };
}

const median = (numbers) => numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)];

/** The medians of what each server did, `[against, now]`, loaded in turns. */
async function measure(servers, body) {
  const rounds = servers.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, server] of servers.entries()) rounds[index].push(await load(server, body));
  }
  return rounds.map((results) => ({
    rate: median(results.map(({ rate }) => rate)),
    p50: median(results.map(({ p50 }) => p50)),
    p99: median(results.map(({ p99 }) => p99)),
  }));
}

const figure = (name, values) => console.log(`figure: ${name} ${values.join(" ")}`);

function report(scenario, results) {
  figure(`${scenario}/requests_per_second`, results.map(({ rate }) => rate));
  // Nanoseconds, as times are everywhere on the page.
  figure(`${scenario}/p50`, results.map(({ p50 }) => p50 * 1e3));
  figure(`${scenario}/p99`, results.map(({ p99 }) => p99 * 1e3));
}

/** A server of each binary, signed in; stopped after `work`. */
async function withServers(env, options, work) {
  const servers = [];
  try {
    for (const binary of BINARIES) {
      const waypost = await startWaypost({ ...env, RUST_LOG: "warn" }, { ...options, binary });
      servers.push({ waypost, client: await Client.signIn(waypost) });
    }
    return await work(servers);
  } finally {
    for (const { waypost } of servers) await waypost.stop();
  }
}

const KEY = { value: "sk-or-v1-bench-0123456789" };
const BY_REF = { ref: "openrouter/moonshotai/kimi-k2" };

async function plain() {
  await withServers({}, {}, async (servers) => {
    for (const { client } of servers) await client.call("PUT", "/providers/openrouter/key", KEY);
    const results = await measure(servers, BY_REF);
    report("by_ref", results);
    figure("by_ref/rate_against_before", [1, results[1].rate / results[0].rate]);
  });
}

async function hungKeychain() {
  const keychain = await startKeychain();
  try {
    await withServers(keychain.env, { secrets: "keychain" }, async (servers) => {
      for (const { client } of servers) await client.call("PUT", "/providers/openrouter/key", KEY);
      const healthy = await measure(servers, BY_REF);
      report("keychain_answers", healthy);
      keychain.hang();
      const hung = await measure(servers, BY_REF);
      report("keychain_hangs", hung);
      figure("keychain_hangs/p99_against_healthy", hung.map(({ p99 }, index) => p99 / healthy[index].p99));
      keychain.resume();
    });
  } finally {
    keychain.resume();
    await keychain.stop();
  }
}

const document = (number, model) =>
  ({ yaml: `name: agent-${number}\nmodel:\n  primary: openrouter/moonshotai/${model}\n` });

/** Adds the agents over several connections at a time. */
async function addAgents({ client }) {
  const numbers = Array.from({ length: AGENTS }, (_, number) => number).values();
  const add = async () => {
    for (const number of numbers) await client.call("POST", "/agents", document(number, "kimi-k2"));
  };
  await Promise.all(Array.from({ length: 4 }, add));
}

/** Edits one agent ten times a second. What it returns ends that and gives the rate that was reached. */
function startEditing({ client }) {
  const start = performance.now();
  let edits = 0;
  let last = Promise.resolve();
  const timer = setInterval(() => {
    last = last.then(async () => {
      await client.call("PUT", "/agents/agent-7", document(7, `kimi-${edits}`));
      edits += 1;
    });
  }, 1_000 / EDITS_PER_SECOND);
  return () => {
    clearInterval(timer);
    return (edits * 1_000) / (performance.now() - start);
  };
}

async function edits() {
  await withServers({}, {}, async (servers) => {
    for (const server of servers) {
      await server.client.call("PUT", "/providers/openrouter/key", KEY);
      await addAgents(server);
    }
    const body = { agent: "agent-4711" };
    const quiet = await measure(servers, body);
    report("10,000_agents", quiet);
    const edited = [];
    const rates = [];
    // One at a time: editing both would load the one that is not measured, too.
    for (const server of servers) {
      const stop = startEditing(server);
      edited.push(...(await measure([server], body)));
      rates.push(stop());
    }
    report("10,000_agents_with_edits", edited);
    figure("10,000_agents_with_edits/edits_per_second", rates);
    figure("10,000_agents_with_edits/rate_against_quiet", edited.map(({ rate }, index) => rate / quiet[index].rate));
  });
}

await plain();
await hungKeychain();
await edits();
