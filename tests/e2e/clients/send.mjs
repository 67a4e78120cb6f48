// Sends the same question with an SDK, once at once and once as a stream, and prints both answers.
// usage: node send.mjs openai|anthropic BASE_URL MODEL, with the token in WAYPOST_TOKEN

import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const [api, baseURL, model] = process.argv.slice(2);
const messages = [{ role: "user", content: "Hello" }];
const options = { apiKey: process.env.WAYPOST_TOKEN, baseURL, maxRetries: 0 };

async function openai() {
  const { completions } = new OpenAI(options).chat;
  const whole = await completions.create({ model, messages });
  let streamed = "";
  for await (const chunk of await completions.create({ model, messages, stream: true })) {
    streamed += chunk.choices[0]?.delta.content ?? "";
  }
  return { whole: whole.choices[0].message.content, streamed };
}

async function anthropic() {
  const client = new Anthropic(options);
  const question = { model, messages, max_tokens: 64 };
  const whole = await client.messages.create(question);
  const streamed = await client.messages.stream(question).finalText();
  return { whole: whole.content[0].text, streamed };
}

console.log(JSON.stringify(await { openai, anthropic }[api]()));
