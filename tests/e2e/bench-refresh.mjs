// What many refreshes of long lists at once hold at most, and what stays afterwards.
// `cargo xtask bench refresh` runs it.

import http from "node:http";
import { Client } from "./lib/http.mjs";
import { memoryAtRest, peakMemory } from "./lib/memory.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const SOURCES = 40;
const MODELS = 45_000;

/** A list as a gateway writes it, with other ids at each path. */
function list(path) {
  const owner = path.split("/")[1];
  const data = Array.from({ length: MODELS }, (_, number) => ({
    id: `${owner}/model-${number}`,
    object: "model",
    created: 1_700_000_000 + number,
    owned_by: owner,
  }));
  return JSON.stringify({ object: "list", data });
}

/** An upstream for all sources: each has its own path. */
async function startUpstream() {
  const server = http.createServer(({ url }, response) => {
    response.setHeader("content-type", "application/json");
    response.end(list(url));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const upstream = await startUpstream();
const waypost = await startWaypost({ RUST_LOG: "warn" });
try {
  const client = await Client.signIn(waypost);
  const slugs = Array.from({ length: SOURCES }, (_, number) => `source-${number}`);
  for (const slug of slugs) {
    const base_url = `http://127.0.0.1:${upstream.address().port}/${slug}/v1`;
    await client.call("POST", "/sources", { name: slug, slug, base_url, allow_private: true });
  }
  const refresh = async (slug) => {
    const { outcome, added, unchanged } = await client.call("POST", `/sources/${slug}/refresh`);
    const count = added.length + unchanged.length;
    if (outcome !== "ok" || count !== MODELS) throw new Error(`${slug}: ${outcome}, ${count} models`);
  };
  const figure = (name, value) => console.log(`figure: ${name} ${value}`);
  figure("before", await memoryAtRest(waypost.pid));
  for (const round of ["first", "again"]) {
    const peak = await peakMemory(waypost.pid, () => Promise.all(slugs.map(refresh)));
    figure(`${round}/peak`, peak);
    figure(`${round}/at_rest`, await memoryAtRest(waypost.pid));
  }
} finally {
  await waypost.stop();
  upstream.close();
}
