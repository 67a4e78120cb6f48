// An upstream with its own key. It notes what arrives and lets a LiteLLM proxy answer, so that several
// upstreams can be distinguished although one LiteLLM serves them all.

import http from "node:http";

export async function startRecording(litellm) {
  const key = `sk-canary-${crypto.randomUUID()}`;
  const received = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const { authorization } = request.headers;
      received.push({ url: request.url, authorization, headers: request.headers, body: JSON.parse(body.toString() || "{}") });
      if (authorization !== `Bearer ${key}`) return response.writeHead(401).end();
      const headers = { ...request.headers, authorization: `Bearer ${litellm.key}`, host: new URL(litellm.url).host };
      const passed = http.request(`${litellm.url}${request.url}`, { method: request.method, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      passed.on("error", () => response.destroy());
      passed.end(body);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    key,
    received,
    url: `http://127.0.0.1:${server.address().port}`,
    /** What has arrived since the last call. */
    take: () => received.splice(0),
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}
