// A real OpenBao server, which speaks the API of HashiCorp Vault.

import { homedir } from "node:os";
import path from "node:path";
import { Program } from "./program.mjs";
import { freePort } from "./wait.mjs";

/** Where `cargo xtask tools` installs it. The tests of `crates/secrets` use the same release. */
const PROGRAM = path.join(homedir(), ".cache/waypost/openbao-2.7.2/bin/bao");

/** Starts it with an empty KV engine at `secret`. It forgets everything when it stops. */
export async function startOpenBao() {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const token = `root-${crypto.randomUUID()}`;
  const program = new Program(
    PROGRAM,
    ["server", "-dev", "-dev-no-store-token", `-dev-root-token-id=${token}`, `-dev-listen-address=127.0.0.1:${port}`],
    { env: { PATH: process.env.PATH, HOME: homedir() } },
  );
  await program.ready("OpenBao to be unsealed", async () => {
    const answer = await fetch(`${url}/v1/sys/health`).catch(() => null);
    return answer?.status === 200;
  });
  return { url, token, stop: () => program.stop() };
}
