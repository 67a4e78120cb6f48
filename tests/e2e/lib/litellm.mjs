// A real LiteLLM proxy on loopback. Its models answer from its configuration, without a network.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { Program } from "./program.mjs";
import { freePort } from "./wait.mjs";

/** The models that it lists, and what each answers. */
export const LITELLM_MODELS = {
  "anthropic/claude-sonnet-4": "answer of anthropic/claude-sonnet-4",
  "customer-alias": "answer of customer-alias",
  "openai/gpt-4o": "answer of openai/gpt-4o",
};

/** The master key: random, so that finding it anywhere means that it leaked. */
const newKey = () => `sk-canary-${crypto.randomUUID()}`;

function configuration(key) {
  const models = Object.entries(LITELLM_MODELS).map(([name, answer]) => ({
    model_name: name,
    litellm_params: {
      model: name.includes("/") ? name : "openai/gpt-4o",
      api_key: "never-sent",
      mock_response: answer,
    },
  }));
  // JSON is YAML.
  return JSON.stringify({ model_list: models, general_settings: { master_key: key } }, null, 2);
}

/** Starts one and waits until it says that it is ready. */
export async function startLiteLLM() {
  const program =
    process.env.WAYPOST_LITELLM ??
    path.join(homedir(), ".cache/waypost/litellm-1.97.0/bin/litellm");
  const folder = await mkdtemp(path.join(tmpdir(), "waypost-litellm-"));
  const key = newKey();
  const port = await freePort();
  await writeFile(path.join(folder, "config.yaml"), configuration(key));
  const proxy = new Program(
    program,
    ["--config", "config.yaml", "--host", "127.0.0.1", "--port", String(port)],
    { cwd: folder, env: { ...process.env, HOME: folder, LITELLM_LOCAL_MODEL_COST_MAP: "True" } },
  );
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await proxy.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await proxy.ready(
      "LiteLLM to be ready",
      async () => (await fetch(`${url}/health/readiness`)).ok,
      { timeout: 180_000, every: 200 },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, key, stop };
}

/** The proxy that the whole run shares; a new one where a test file runs alone. */
export async function sharedLiteLLM() {
  const { WAYPOST_TEST_LITELLM_URL: url, WAYPOST_TEST_LITELLM_KEY: key } = process.env;
  return url ? { url, key, stop: async () => {} } : startLiteLLM();
}
