// axe-core, run in the page as it is.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Fails where axe finds anything to object to, and says what and where. */
export async function assertAccessible(page, where) {
  // Evaluated by the browser itself and not through an element, which the page's policy forbids.
  await page.evaluate(source);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ["violations"] }),
  );
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\n    ${node.html}\n    ${node.failureSummary}`),
  );
  assert.equal(found.length, 0, `axe on ${where}:\n  ${found.join("\n  ")}`);
}
