// What the dashboard's document says about the files that it needs.

/** The files that it names by their addresses, each once. */
export const filesOf = (html) => [
  ...new Set([...html.matchAll(/"(\/[^"\s]+\.(?:js|css|wasm))"/g)].map(([, path]) => path)),
];

/** Its tables: the files of each part's modules, and the pages as `[address, heading, part, requests]`. */
export function tablesOf(html) {
  const table = (name) => JSON.parse(html.match(new RegExp(`const ${name} = (.*?);\\n`, "s"))[1]);
  return { modules: table("modules"), pages: table("pages") };
}
