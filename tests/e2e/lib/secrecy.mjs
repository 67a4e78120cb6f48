// Looking for a secret everywhere it must not be.

import assert from "node:assert/strict";

/** The forms in which a text could appear in a file or an answer. */
function forms(secret) {
  return [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64").replace(/=+$/, ""),
    Buffer.from(secret).toString("hex"),
    [...secret].reverse().join(""),
  ];
}

/** Fails where the secret is in a file, in what the control plane printed or in any answer. */
export async function assertNowhere(secret, { waypost, record }) {
  const places = [
    ["the control plane's output", Buffer.from(waypost.output)],
    ...(await waypost.files()).map(({ file, content }) => [file, content]),
    ...(await record.all()).map(({ url, text }) => [`the answer of ${url}`, Buffer.from(text)]),
  ];
  assert.ok(places.length > 10, "there is something to look through");
  for (const form of forms(secret)) {
    const found = places.filter(([, content]) => content.includes(form)).map(([place]) => place);
    assert.deepEqual(found, [], "the secret is in");
  }
}
