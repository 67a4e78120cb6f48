// Follows one streamed answer with OpenAI's SDK and prints the text of each event, a line each, as soon
// as it arrives.
// usage: node follow.mjs BASE_URL < {"token": …, "model": …}

import { text } from "node:stream/consumers";
import OpenAI from "openai";

const { token, model } = JSON.parse(await text(process.stdin));
const client = new OpenAI({ apiKey: token, baseURL: process.argv[2], maxRetries: 0 });
const messages = [{ role: "user", content: "Hello" }];
for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
  console.log(chunk.choices[0]?.delta.content ?? "");
}
console.log("end");
