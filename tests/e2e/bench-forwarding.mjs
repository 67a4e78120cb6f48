// How fast Waypost forwards, and what that takes, beside direct calls to the same upstream, nginx,
// Portkey and LiteLLM. `cargo xtask bench forwarding` runs it; with WAYPOST_BENCH_QUICK everything is
// done once, which shows that it works and measures nothing.
//
// All servers are measured in turns in one run, so that whatever else the machine does slows all of
// them down.

import { Client } from "./lib/http.mjs";
import { measure, startUpstream } from "./lib/load.mjs";
import { memoryAtRest, peakMemory } from "./lib/memory.mjs";
import { startLiteLLMBefore, startNginx, startPortkey, target } from "./lib/peers.mjs";
import { processorTime } from "./lib/processor.mjs";
import { until } from "./lib/wait.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const QUICK = Boolean(process.env.WAYPOST_BENCH_QUICK);
const scaled = (number, quick) => (QUICK ? quick : number);

/** No agent may have more than 256 requests under way. */
const AGENTS = 8;
const MODEL = "bench/openai/gpt-4o";
const EDITS_PER_SECOND = 10;
/** Agents beside them while one is edited. */
const OTHER_AGENTS = QUICK ? 50 : 10_000;
const REQUESTS_PER_SECOND = 2_000;
const BODY_BYTES = 32 * 1024 * 1024;

/** A row of the page: direct, nginx, Waypost, Portkey, LiteLLM. What is missing stays empty. */
const figure = (name, { direct, nginx, waypost, portkey, litellm }) =>
  console.log(`figure: ${name} ${[direct, nginx, waypost, portkey, litellm].map((value) => value ?? NaN).join(" ")}`);

/** A gateway before the upstream, with agents and a token of each. */
async function setUp(client, upstream) {
  const provider = { name: "bench", kind: "gateway", base_url: `http://${upstream}/v1`, allow_private: true };
  await client.call("POST", "/providers", provider);
  await client.call("PUT", "/providers/bench/key", { value: "sk-bench-0123456789" });
  const tokens = [];
  for (let number = 0; number < AGENTS; number += 1) {
    const name = `agent-${number}`;
    await client.call("POST", "/agents", { yaml: document(number, MODEL) });
    tokens.push((await client.call("POST", "/tokens", { kind: "agent", agent: name, label: "bench" })).token);
  }
  return tokens;
}

const document = (number, model) => `name: agent-${number}\nmodel: { primary: ${model} }\n`;

/** Records have consecutive numbers; each log begins at another one. */
const latestRecord = async (client) => (await client.call("GET", "/requests")).latest;

/** Every request is in the request log, or counted as dropped: what is measured includes recording it. */
async function assertRecorded(client, before, sent) {
  const dropped = await until("every request to be recorded", async () => {
    const { latest, log } = await client.call("GET", "/requests");
    return latest - before + log.dropped === sent && log;
  }).then((log) => log.dropped);
  figure("one_connection/records_dropped", { waypost: dropped });
}

async function oneConnection(client, direct, nginx, waypost, programs) {
  const rounds = scaled(50, 1);
  const requests = scaled(400, 20);
  const recorded = await latestRecord(client);
  const before = await Promise.all(programs.map(processorTime));
  const times = await measure({ measure: "latency", targets: [direct, nginx, waypost], rounds, requests });
  const after = await Promise.all(programs.map(processorTime));
  for (const percentile of ["p50", "p99"]) {
    const [none, plain, ours] = ["direct", "nginx", "waypost"].map((name) => times[name][percentile]);
    figure(`one_connection/${percentile}`, { direct: none, nginx: plain, waypost: ours });
    figure(`one_connection/${percentile}_added`, { nginx: plain - none, waypost: ours - none });
    figure(`one_connection/${percentile}_added_against_nginx`, { waypost: (ours - none) / (plain - none) });
  }
  for (const value of ["max", "slow"]) {
    figure(`one_connection/${value}`, { direct: times.direct[value], nginx: times.nginx[value], waypost: times.waypost[value] });
  }
  figure("one_connection/slow_beyond_direct", { waypost: times.waypost.slow - times.direct.slow });
  // The first round does not count in the times, but is work all the same.
  const [plain, ours] = after.map((time, index) => (time - before[index]) / ((rounds + 1) * requests));
  figure("one_connection/processor_time", { nginx: plain, waypost: ours });
  figure("one_connection/processor_time_against_nginx", { waypost: ours / plain });
  await assertRecorded(client, recorded, (rounds + 1) * requests);
}

async function streams(direct, nginx, waypost) {
  const targets = [direct, nginx, waypost];
  const first = await measure({ measure: "stream", targets, rounds: scaled(3_000, 20), events: 1 });
  for (const percentile of ["p50", "p99"]) {
    const [none, plain, ours] = ["direct", "nginx", "waypost"].map((name) => first[name].first_event[percentile]);
    figure(`first_event/${percentile}`, { direct: none, nginx: plain, waypost: ours });
    figure(`first_event/${percentile}_added`, { nginx: plain - none, waypost: ours - none });
  }
  const events = scaled(10_000, 100);
  const many = await measure({ measure: "stream", targets, rounds: scaled(40, 2), events });
  const [none, plain, ours] = ["direct", "nginx", "waypost"].map((name) => many[name].whole.p50 / events);
  figure("per_event/whole", { direct: none, nginx: plain, waypost: ours });
  figure("per_event/added", { nginx: plain - none, waypost: ours - none });
}

async function throughput(targets, programs) {
  const rounds = scaled(3, 1);
  const seconds = scaled(5, 0.2);
  const times = () =>
    Promise.all(Object.entries(programs).map(async ([name, pid]) => [name, await processorTime(pid)]));
  const before = Object.fromEntries(await times());
  const result = await measure({
    measure: "throughput",
    targets,
    rounds,
    connections: 16,
    seconds,
  });
  const after = await times();
  const of = (read) => Object.fromEntries(targets.map(({ name }) => [name, read(result[name])]));
  figure("16_connections/requests_per_second", of(({ rate }) => rate));
  figure("16_connections/p50", of(({ times }) => times.p50));
  figure("16_connections/p99", of(({ times }) => times.p99));
  // The client and the upstream share the cores: what a request costs says more than how many there were.
  const costs = after.map(([name, time]) => [name, (time - before[name]) / (result[name].rate * rounds * seconds)]);
  figure("16_connections/processor_time", Object.fromEntries(costs));
  for (const peer of ["nginx", "portkey", "litellm"]) {
    const ratio = result.waypost.rate / result[peer]?.rate;
    if (ratio) figure(`16_connections/rate_against_${peer}`, { waypost: ratio });
  }
}

/** Edits one agent ten times a second until the work is done, and gives how many edits a second that were. */
async function whileEditing(client, work) {
  const start = performance.now();
  let edits = 0;
  let last = Promise.resolve();
  const timer = setInterval(() => {
    last = last.then(async () => {
      edits += 1;
      await client.call("PUT", "/agents/agent-1", { yaml: document(1, `${MODEL}-${edits}`) });
    });
  }, 1_000 / EDITS_PER_SECOND);
  try {
    return { result: await work(), rate: (edits * 1_000) / (performance.now() - start) };
  } finally {
    clearInterval(timer);
    await last;
  }
}

/** Adds agents over several connections at a time. */
async function addAgents(client) {
  const numbers = Array.from({ length: OTHER_AGENTS }, (_, number) => AGENTS + number).values();
  const add = async () => {
    for (const number of numbers) await client.call("POST", "/agents", { yaml: document(number, MODEL) });
  };
  await Promise.all(Array.from({ length: 4 }, add));
}

async function changes(client, waypost) {
  const load = () =>
    measure({
      measure: "paced",
      targets: [waypost],
      connections: 16,
      per_second: REQUESTS_PER_SECOND,
      seconds: scaled(5, 0.5),
    });
  await addAgents(client);
  const rounds = { quiet: [], edited: [], edits: [] };
  for (let round = 0; round < scaled(5, 1); round += 1) {
    rounds.quiet.push((await load()).waypost.times.p99);
    const { result, rate } = await whileEditing(client, load);
    rounds.edited.push(result.waypost.times.p99);
    rounds.edits.push(rate);
  }
  const median = (numbers) => numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)];
  const [quiet, edited, rate] = [rounds.quiet, rounds.edited, rounds.edits].map(median);
  figure("changes/edits_per_second", { waypost: rate });
  figure("changes/p99_without", { waypost: quiet });
  figure("changes/p99", { waypost: edited });
  figure("changes/p99_against_without", { waypost: edited / quiet });
}

async function manyStreams(pid, targets) {
  const streams = scaled(1_000, 50);
  const seconds = scaled(60, 1);
  const milliseconds = 200;
  const events = (seconds * 1_000) / milliseconds;
  let complete;
  const peak = await peakMemory(pid, async () => {
    ({ complete } = await measure({ measure: "many_streams", targets, streams, events, milliseconds }));
  });
  figure("many_streams/complete", { waypost: complete });
  figure("many_streams/memory_peak", { waypost: peak });
}

async function largeBody(pid, waypost) {
  const large = { ...waypost, body: { model: MODEL, bytes: BODY_BYTES } };
  const send = () => measure({ measure: "latency", targets: [large], rounds: 1, requests: 1 });
  const before = await memoryAtRest(pid);
  const peak = await peakMemory(pid, send);
  figure("body_of_32_MiB/memory_added", { waypost: peak - before });
}

const upstream = await startUpstream();
const started = [upstream];
try {
  const nginx = await startNginx(upstream.address);
  started.push(nginx);
  // The request log is on; the program's own log would have a line for each request, too.
  const waypost = await startWaypost({ WAYPOST_LOG: "warn" });
  started.push(waypost);
  const client = await Client.signIn(waypost);
  const tokens = await setUp(client, upstream.address);
  const targets = tokens.map((token) =>
    target("waypost", `127.0.0.1:${waypost.port}`, { authorization: `Bearer ${token}` }, MODEL));
  const direct = target("direct", upstream.address, {}, "bench");

  figure("idle/memory", { waypost: await memoryAtRest(waypost.pid) });
  await oneConnection(client, direct, nginx.target, targets[0], [nginx.pid, waypost.pid]);
  await streams(direct, nginx.target, targets[0]);
  await manyStreams(waypost.pid, targets);
  await largeBody(waypost.pid, targets[0]);
  figure("idle_again/memory", { waypost: await memoryAtRest(waypost.pid) });
  await changes(client, targets[0]);
  const portkey = await startPortkey(upstream.address);
  started.push(portkey);
  const litellm = await startLiteLLMBefore(upstream.address);
  started.push(litellm);
  await throughput([direct, nginx.target, targets[0], portkey.target, litellm.target], {
    nginx: nginx.pid,
    waypost: waypost.pid,
    portkey: portkey.pid,
    litellm: litellm.pid,
  });
} finally {
  for (const server of started.reverse()) await server.stop();
}
