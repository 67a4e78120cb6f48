// Processor time of a program and of those it has started, in nanoseconds, as the kernel counts it.

import { readdir, readFile } from "node:fs/promises";

async function children(pid) {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return list.split(" ").filter(Boolean);
}

export async function processorTime(pid) {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = threads.map(async (thread) => {
    const [time] = (await readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8")).split(" ");
    return Number(time);
  });
  times.push(...(await children(pid)).map(processorTime));
  return (await Promise.all(times)).reduce((sum, time) => sum + time, 0);
}
