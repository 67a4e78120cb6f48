// Other gateways in front of an upstream, to compare Waypost with: nginx as a plain reverse proxy,
// Portkey and LiteLLM. Each gives a target: where to send the same request, and how.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Program } from "./program.mjs";
import { freePort } from "./wait.mjs";

const PATH = "/v1/chat/completions";

/** The request that each target gets. */
export const body = (model) =>
  JSON.stringify({
    model,
    messages: [
      { role: "system", content: "Answer in one sentence." },
      { role: "user", content: "What is the capital of France?" },
    ],
    temperature: 0.2,
  });

export const target = (name, host, headers, model) =>
  ({ name, host, path: PATH, headers: Object.entries(headers), body: body(model) });

/** Starts a program in a temporary folder and waits until it answers a chat request. */
async function start(name, command, args, { files = {}, env = {}, headers = {}, model = "bench", port }) {
  const folder = await mkdtemp(path.join(tmpdir(), `waypost-${name}-`));
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text);
  const program = new Program(command, args(folder), { cwd: folder, env: { PATH: process.env.PATH, HOME: folder, ...env } });
  const host = `127.0.0.1:${port}`;
  const stop = async () => {
    await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const answers = () =>
    fetch(`http://${host}${PATH}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: body(model),
    });
  try {
    await program.ready(`${name} to answer`, async () => (await answers()).ok, { timeout: 180_000, every: 100 });
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: program.pid, target: target(name, host, headers, model), stop };
}

/** nginx with one worker, connections to the upstream that stay open, and no log. */
export async function startNginx(upstream) {
  const port = await freePort();
  const configuration = `
worker_processes 1;
daemon off;
pid nginx.pid;
error_log stderr;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  client_max_body_size 0;
  keepalive_requests 1000000000;
  tcp_nodelay on;
  upstream bench { server ${upstream}; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://bench;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering off;
    }
  }
}
`;
  const nginx = process.env.WAYPOST_NGINX ?? "/usr/sbin/nginx";
  const args = (folder) => ["-p", folder, "-c", "nginx.conf", "-e", "stderr"];
  return start("nginx", nginx, args, { files: { "nginx.conf": configuration }, port });
}

export async function startPortkey(upstream) {
  const program =
    process.env.WAYPOST_PORTKEY ??
    fileURLToPath(new URL("../peers/node_modules/@portkey-ai/gateway/build/start-server.js", import.meta.url));
  const port = await freePort();
  const headers = {
    authorization: "Bearer never-checked",
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": `http://${upstream}/v1`,
  };
  return start("portkey", process.execPath, () => [program, `--port=${port}`, "--headless"], {
    env: { NODE_ENV: "production", TRUSTED_CUSTOM_HOSTS: "127.0.0.1" },
    headers,
    port,
  });
}

export async function startLiteLLMBefore(upstream) {
  const program =
    process.env.WAYPOST_LITELLM ?? path.join(homedir(), ".cache/waypost/litellm-1.97.0/bin/litellm");
  const port = await freePort();
  const key = `sk-${crypto.randomUUID()}`;
  // JSON is YAML.
  const configuration = JSON.stringify({
    model_list: [
      {
        model_name: "bench",
        litellm_params: { model: "openai/bench", api_base: `http://${upstream}/v1`, api_key: "never-checked" },
      },
    ],
    general_settings: { master_key: key },
  });
  const args = () => ["--config", "config.yaml", "--host", "127.0.0.1", "--port", `${port}`];
  return start("litellm", program, args, {
    files: { "config.yaml": configuration },
    env: { LITELLM_LOCAL_MODEL_COST_MAP: "True" },
    headers: { authorization: `Bearer ${key}` },
    port,
  });
}
