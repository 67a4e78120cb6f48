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

const mocked = ([name, answer]) => ({
  model_name: name,
  litellm_params: {
    model: name.includes("/") ? name : "openai/gpt-4o",
    api_key: "never-sent",
    mock_response: answer,
  },
});

/**
 * The same model, answered by another of the same proxy. What is mocked is never streamed to
 * Anthropic's clients; what comes from an upstream is.
 */
const relayed = ([name, answer], { url, key }) => [
  mocked([`mock-${name.replace("/", "-")}`, answer]),
  {
    model_name: name,
    litellm_params: { model: `hosted_vllm/mock-${name.replace("/", "-")}`, api_base: `${url}/v1`, api_key: key },
  },
];

function configuration({ url, key, streams }) {
  const models = Object.entries(LITELLM_MODELS).flatMap((model) =>
    streams ? relayed(model, { url, key }) : [mocked(model)],
  );
  // JSON is YAML.
  return JSON.stringify(
    {
      model_list: models,
      general_settings: { master_key: key },
      // Clients ask for more than a mocked model knows.
      litellm_settings: { drop_params: true },
    },
    null,
    2,
  );
}

/**
 * Starts one and waits until it says that it is ready. With `streams` it streams to the clients of
 * every API; it then lists more models than [`LITELLM_MODELS`].
 */
export async function startLiteLLM({ streams = false } = {}) {
  const program =
    process.env.WAYPOST_LITELLM ??
    path.join(homedir(), ".cache/waypost/litellm-1.97.0/bin/litellm");
  const folder = await mkdtemp(path.join(tmpdir(), "waypost-litellm-"));
  const key = newKey();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(path.join(folder, "config.yaml"), configuration({ url, key, streams }));
  const proxy = new Program(
    program,
    ["--config", "config.yaml", "--host", "127.0.0.1", "--port", String(port)],
    { cwd: folder, env: { ...process.env, HOME: folder, LITELLM_LOCAL_MODEL_COST_MAP: "True" } },
  );
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
