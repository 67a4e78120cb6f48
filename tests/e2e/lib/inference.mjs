// Requests that Waypost forwards, as a runtime sends them.

import assert from "node:assert/strict";
import { until } from "./wait.mjs";

/** A new token of an agent. */
export async function agentToken(client, agent, label = "e2e") {
  const { token } = await client.call("POST", "/tokens", { kind: "agent", agent, label });
  return token;
}

/** Sends one chat completion and gives `{id, status, body}`. */
export async function complete(waypost, token, model, body = {}) {
  const response = await fetch(`${waypost.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }], ...body }),
  });
  const id = response.headers.get("x-waypost-request-id");
  return { id, status: response.status, body: await response.text() };
}

/** Sends one that is answered, and waits until it is recorded. */
export async function completeAndRecord(waypost, client, token, model) {
  const answer = await complete(waypost, token, model);
  assert.equal(answer.status, 200, answer.body);
  await until("the record of the request", () => client.call("GET", `/requests/${answer.id}`));
  return answer;
}
