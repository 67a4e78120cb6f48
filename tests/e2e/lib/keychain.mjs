// A keychain on its own message bus, which can stop answering.

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Program } from "./program.mjs";

/**
 * Starts one. Programs that are given its `env` find it. `hang()` makes it accept calls and answer
 * none of them, until `resume()`.
 */
export async function startKeychain() {
  const folder = await mkdtemp(path.join(tmpdir(), "waypost-keychain-"));
  const runtime = path.join(folder, "runtime");
  await mkdir(runtime, { mode: 0o700 });
  const home = { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: runtime };
  const bus = new Program("dbus-daemon", ["--session", "--nofork", "--print-address"], { env: home });
  const started = [bus];
  const stop = async () => {
    for (const program of started.reverse()) await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const address = await bus.ready("the address of the bus", async () => bus.output.match(/^unix:\S+$/m)?.[0]);
    const env = { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtime };
    await writeFile(path.join(folder, "password"), "password");
    // The shell becomes the daemon, so that signals reach it.
    const unlocked = "exec gnome-keyring-daemon --foreground --unlock --components=secrets <password";
    const keyring = new Program("sh", ["-c", unlocked], { cwd: folder, env: { ...home, ...env } });
    started.push(keyring);
    await keyring.ready("the keychain to be on the bus", () => isOnTheBus({ ...home, ...env }));
    return {
      env,
      hang: () => process.kill(keyring.pid, "SIGSTOP"),
      resume: () => process.kill(keyring.pid, "SIGCONT"),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whether a program on the bus offers the Secret Service. */
async function isOnTheBus(env) {
  const arguments_ = ["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"];
  const child = spawn("dbus-send", arguments_, { env, stdio: ["ignore", "pipe", "ignore"] });
  let reply = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => (reply += chunk));
  await new Promise((resolve) => child.once("close", resolve));
  return reply.includes("boolean true");
}
