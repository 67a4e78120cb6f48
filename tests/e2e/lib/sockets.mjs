// Listening sockets of the tests' own: one that only remembers, one that answers with models.

import http from "node:http";
import net from "node:net";

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server.address().port));
  });
}

/** Accepts every connection, answers nothing and keeps what it is sent. */
export async function startRecorder() {
  const connections = [];
  const sockets = new Set();
  const server = net.createServer((socket) => {
    const connection = { received: "" };
    connections.push(connection);
    sockets.add(socket);
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => (connection.received += chunk));
    // A client that gives up resets the connection, which is fine here.
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    connections,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * An OpenAI-compatible upstream. `models` is what it lists and `status` what it answers with; both
 * may be changed while it runs; `error` is the error of an answer that is none. `hold()` keeps answers back until `release()`.
 */
export async function startUpstream({ models = [], status = 200 } = {}) {
  const requests = [];
  let gate = null;
  const upstream = { models, status, requests };
  const server = http.createServer(async (request, response) => {
    requests.push({ method: request.method, url: request.url, headers: request.headers });
    if (gate) await gate.promise;
    const ok = upstream.status === 200;
    const body = ok
      ? { object: "list", data: upstream.models.map((id) => ({ id, object: "model" })) }
      : { error: upstream.error ?? { message: "no", type: "refused" } };
    response.writeHead(upstream.status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  const port = await listen(server, 0);
  return Object.assign(upstream, {
    url: `http://127.0.0.1:${port}`,
    hold() {
      let open;
      const promise = new Promise((resolve) => (open = resolve));
      gate = { promise, open };
    },
    release() {
      gate?.open();
      gate = null;
    },
    async stop() {
      upstream.release();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
