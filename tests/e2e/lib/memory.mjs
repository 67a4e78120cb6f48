// Resident memory of a process, in megabytes, as the kernel counts it.

import { readFile, writeFile } from "node:fs/promises";
import { until } from "./wait.mjs";

async function read(pid, field) {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(status.match(new RegExp(`^${field}:\\s+(\\d+) kB`, "m"))[1]) / 1024;
}

/** Resident memory once it has kept still for a second. */
export async function memoryAtRest(pid) {
  let last = await read(pid, "VmRSS");
  let since = performance.now();
  return until(
    "memory to keep still",
    async () => {
      const now = await read(pid, "VmRSS");
      if (Math.abs(now - last) > 0.1) [last, since] = [now, performance.now()];
      return performance.now() - since > 1_000 && now;
    },
    { timeout: 30_000, every: 100 },
  );
}

/** The most that is resident while `work` runs. */
export async function peakMemory(pid, work) {
  // Begins the kernel's count anew.
  await writeFile(`/proc/${pid}/clear_refs`, "5");
  await work();
  return read(pid, "VmHWM");
}
