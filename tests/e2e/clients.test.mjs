// The clients that people use, unchanged, through Waypost to a real LiteLLM proxy: the SDKs of OpenAI
// and Anthropic for Python and Node, and Claude Code.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client } from "./lib/http.mjs";
import { LITELLM_MODELS, startLiteLLM } from "./lib/litellm.mjs";
import { startRecording } from "./lib/recording.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const CLIENTS = fileURLToPath(new URL("./clients/", import.meta.url));
const PYTHON =
  process.env.WAYPOST_PYTHON ?? path.join(homedir(), ".cache/waypost/openai-3.57.0-anthropic-2.14.0/bin/python");

/** The example of the documentation: each of the three goes to its own upstream. */
const PASSTHROUGH = `name: support-bot
model: { primary: customer-alias, passthrough: true, source: customer-litellm }
subagents:
  # The same string as the root's: only its scope keeps the two apart.
  analyst:
    model: { primary: customer-alias, passthrough: true, source: child-litellm }
  writer:
    model: { primary: anthropic/claude-sonnet-4 }
`;
const GATEWAY = "name: researcher\nmodel: { primary: research/openai/gpt-4o }\n";

/** How each SDK is started, and which of a server's addresses is its base URL. */
const SDKS = [
  { name: "openai for Python", command: PYTHON, args: ["send.py", "openai"], base: "/v1", path: "/v1/chat/completions" },
  { name: "openai for Node", command: process.execPath, args: ["send.mjs", "openai"], base: "/v1", path: "/v1/chat/completions" },
  { name: "anthropic for Python", command: PYTHON, args: ["send.py", "anthropic"], base: "", path: "/v1/messages" },
  { name: "anthropic for Node", command: process.execPath, args: ["send.mjs", "anthropic"], base: "", path: "/v1/messages" },
];

describe("clients", () => {
  let litellm;
  let waypost;
  let client;
  let upstreams;
  let tokens;
  let folder;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "waypost-clients-"));
    litellm = await startLiteLLM({ streams: true });
    const [managed, root, child, research] = await Promise.all([1, 2, 3, 4].map(() => startRecording(litellm)));
    upstreams = { managed, root, child, research };
    waypost = await startWaypost({ LITELLM_BASE_URL: `${managed.url}/v1` });
    client = await Client.signIn(waypost);
    await client.call("PUT", "/providers/litellm/key", { value: managed.key });
    const gateway = { name: "research", kind: "gateway", base_url: `${research.url}/v1`, allow_private: true };
    await client.call("POST", "/providers", gateway);
    await client.call("PUT", "/providers/research/key", { value: research.key });
    const source = (slug, { url, key }) =>
      client.call("POST", "/sources", { name: slug, slug, base_url: `${url}/v1`, auth_value: key, allow_private: true, passthrough: true });
    await source("customer-litellm", root);
    await source("child-litellm", child);
    const agent = async (name, yaml) => {
      await client.call("POST", "/agents", { yaml });
      return (await client.call("POST", "/tokens", { kind: "agent", agent: name })).token;
    };
    tokens = {
      "support-bot": await agent("support-bot", PASSTHROUGH),
      researcher: await agent("researcher", GATEWAY),
    };
    for (const upstream of Object.values(upstreams)) upstream.take();
  });
  after(async () => {
    await waypost?.stop();
    for (const upstream of Object.values(upstreams ?? {})) await upstream.stop();
    await litellm?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Runs a program with nothing of this machine's environment, and gives what it prints. */
  const run = async (command, args, { env, input = "" } = {}) => {
    const options = { cwd: CLIENTS, env: { PATH: process.env.PATH, HOME: folder, ...env }, timeout: 120_000 };
    const running = promisify(execFile)(command, args, options);
    running.child.stdin.end(input);
    return (await running).stdout;
  };

  /** What has arrived at each upstream since the last look: where, with whose key, for which model. */
  const arrived = () =>
    Object.fromEntries(
      Object.entries(upstreams).map(([name, { key, take }]) => [
        name,
        take().map(({ url, authorization, headers, body }) => {
          assert.equal(authorization, `Bearer ${key}`, `${name} gets its own key`);
          const sent = JSON.stringify(headers);
          for (const token of Object.values(tokens)) assert.ok(!sent.includes(token), "a token stays in Waypost");
          return `${url} ${body.model}${body.stream ? " streamed" : ""}`;
        }),
      ]),
    );

  for (const { name, command, args, base, path: url } of SDKS) {
    it(`${name}: each agent's requests arrive at its own upstream with its own key`, async () => {
      const questions = [
        { token: tokens.researcher, model: "research/openai/gpt-4o" },
        { token: tokens["support-bot"], model: "customer-alias" },
        { token: tokens["support-bot"], model: "customer-alias::subagent::analyst" },
        { token: tokens["support-bot"], model: "anthropic/claude-sonnet-4::subagent::writer" },
        { token: "wpa_wrong", model: "research/openai/gpt-4o" },
      ];
      const output = await run(command, [...args, `${waypost.url}${base}`], { input: JSON.stringify(questions) });
      const [refused, ...answers] = JSON.parse(output).reverse();
      const expected = ["openai/gpt-4o", "customer-alias", "customer-alias", "anthropic/claude-sonnet-4"].map(
        (model) => ({ whole: LITELLM_MODELS[model], streamed: LITELLM_MODELS[model] }),
      );
      assert.deepEqual(answers.reverse(), expected);
      assert.equal(refused.error, "AuthenticationError");
      assert.match(refused.message, /waypost token create/, "it says what to do");
      // Each model was asked twice, the second time for a stream.
      const twice = (...models) => models.flatMap((model) => [`${url} ${model}`, `${url} ${model} streamed`]);
      assert.deepEqual(arrived(), {
        research: twice("openai/gpt-4o"),
        managed: twice("anthropic/claude-sonnet-4"),
        root: twice("customer-alias"),
        child: twice("customer-alias"),
      });
    });
  }

  it("Claude Code answers a prompt, with tools and a stream", async () => {
    const model = "research/anthropic/claude-sonnet-4";
    const program = path.join(CLIENTS, "node_modules/@anthropic-ai/claude-code/cli.js");
    const output = await run(process.execPath, [program, "--print", "--model", model, "Hello"], {
      env: {
        ANTHROPIC_BASE_URL: waypost.url,
        ANTHROPIC_AUTH_TOKEN: tokens.researcher,
        ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      },
    });
    assert.equal(output.trim(), LITELLM_MODELS["anthropic/claude-sonnet-4"]);
    const requests = upstreams.research.take();
    const asked = requests.find(({ body }) => body.tools?.length > 0);
    assert.ok(asked, "tools are sent");
    assert.equal(asked.url, "/v1/messages?beta=true");
    assert.equal(asked.body.stream, true);
    for (const { authorization, body } of requests) {
      assert.equal(authorization, `Bearer ${upstreams.research.key}`);
      assert.equal(body.model, "anthropic/claude-sonnet-4");
    }
  });

  it("a client sees each event of a stream before the upstream sends the next, and the last before its end", async () => {
    const upstream = createServer().listen(0, "127.0.0.1");
    await once(upstream, "listening");
    const base_url = `http://127.0.0.1:${upstream.address().port}/v1`;
    await client.call("POST", "/providers", { name: "held", kind: "gateway", base_url, allow_private: true });
    await client.call("PUT", "/providers/held/key", { value: "sk-held-0123456789" });
    const asked = once(upstream, "request");
    const following = spawn(process.execPath, ["follow.mjs", `${waypost.url}/v1`], {
      cwd: CLIENTS,
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const closed = once(following, "close");
    following.stdin.end(JSON.stringify({ token: tokens.researcher, model: "held/openai/gpt-4o" }));
    const lines = createInterface({ input: following.stdout })[Symbol.asyncIterator]();
    try {
      const [, answer] = await asked;
      answer.writeHead(200, { "content-type": "text/event-stream" });
      for (const content of ["one", "two", "three", "last"]) {
        const choices = [{ index: 0, delta: { content } }];
        answer.write(`data: ${JSON.stringify({ id: "a", object: "chat.completion.chunk", choices })}\n\n`);
        // Nothing more is sent until the client has it.
        assert.equal((await lines.next()).value, content);
      }
      answer.end("data: [DONE]\n\n");
      assert.equal((await lines.next()).value, "end");
      assert.deepEqual(await closed, [0, null]);
    } finally {
      following.kill();
      upstream.closeAllConnections();
      upstream.close();
    }
  });

  it("keeps every key and token out of the database and the log", async () => {
    const files = await waypost.files();
    assert.ok(files.length > 2, "there is something to look through");
    for (const secret of [...Object.values(upstreams).map(({ key }) => key), ...Object.values(tokens)]) {
      assert.ok(!waypost.output.includes(secret), "the log has it");
      for (const { file, content } of files) assert.ok(!content.includes(secret), `${file} has it`);
    }
  });
});
