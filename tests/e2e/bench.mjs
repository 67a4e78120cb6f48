// How soon the control plane is ready, and what it holds at rest. `cargo xtask bench` runs it.

import { filesOf } from "./lib/document.mjs";
import { memoryAtRest } from "./lib/memory.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const READY_WITHIN = 300;
const AT_REST_UNDER = 40;
const STARTS = 5;

const waypost = await startWaypost();
const ready = [waypost.readyAfter];
try {
  const first = await memoryAtRest(waypost.pid);
  for (let start = 1; start < STARTS; start += 1) {
    await waypost.halt();
    await waypost.start();
    ready.push(waypost.readyAfter);
  }
  const page = await (await fetch(waypost.url)).text();
  for (const file of filesOf(page)) {
    await (await fetch(waypost.url + file)).arrayBuffer();
  }
  const served = await memoryAtRest(waypost.pid);
  ready.sort((one, other) => one - other);
  const median = ready[Math.floor(STARTS / 2)];
  const list = ready.map((time) => time.toFixed(0)).join(", ");
  console.log(`ready after ${list} ms; the median may be ${READY_WITHIN}`);
  console.log(`figure: ready_after ${ready[0] * 1e6} ${median * 1e6}`);
  console.log(`figure: at_rest_at_first ${first}`);
  console.log(`figure: at_rest_after_serving_the_dashboard ${served}`);
  console.log(`at rest ${first.toFixed(1)} MB on an empty workspace`);
  console.log(`at rest ${served.toFixed(1)} MB after serving the dashboard; ${AT_REST_UNDER} allowed`);
  if (median > READY_WITHIN || Math.max(first, served) > AT_REST_UNDER) {
    console.error("over the limit");
    process.exitCode = 1;
  }
} finally {
  await waypost.stop();
}
