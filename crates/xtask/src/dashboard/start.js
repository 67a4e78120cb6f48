// Starts the dashboard. The document has a preload for the module, so that it is on its way already.
import init from "./waypost.js";
import { loadAhead } from "./__wasm_split.js";

const { base, early } = window.waypostStart;
await init({ module_or_path: fetch(`${base}MAIN_MODULE`) });

// The first page has what it asked for, and nothing else to do.
await Promise.allSettled(Object.values(early));
window.requestIdleCallback?.(loadAhead);
