// Asks the same question of several models with an SDK, each at once and then as a stream, and
// prints the answers, or the error in place of them.
// usage: node send.mjs openai|anthropic BASE_URL < [{"token": …, "model": …}]

import { text } from "node:stream/consumers";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const [api, baseURL] = process.argv.slice(2);
const messages = [{ role: "user", content: "Hello" }];

async function openai(options, model) {
  const { completions } = new OpenAI(options).chat;
  const whole = await completions.create({ model, messages });
  let streamed = "";
  for await (const chunk of await completions.create({ model, messages, stream: true })) {
    streamed += chunk.choices[0]?.delta.content ?? "";
  }
  return { whole: whole.choices[0].message.content, streamed };
}

async function anthropic(options, model) {
  const client = new Anthropic(options);
  const question = { model, messages, max_tokens: 64 };
  const whole = await client.messages.create(question);
  const streamed = await client.messages.stream(question).finalText();
  return { whole: whole.content[0].text, streamed };
}

const answers = [];
for (const { token, model } of JSON.parse(await text(process.stdin))) {
  const asked = { openai, anthropic }[api]({ apiKey: token, baseURL, maxRetries: 0 }, model);
  answers.push(await asked.catch((error) => ({ error: error.constructor.name, message: error.message })));
}
console.log(JSON.stringify(answers));
