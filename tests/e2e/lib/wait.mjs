// Waiting for what is really wanted, never for a time that is hoped to be enough.

import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Asks again and again until the answer is truthy, and gives it. */
export async function until(what, ask, { timeout = 15_000, every = 50 } = {}) {
  const end = performance.now() + timeout;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      throw new Error(`gave up waiting for ${what} after ${timeout} ms`, { cause: last });
    }
    await pause(every);
  }
}

/** A free port of the loopback interface. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
