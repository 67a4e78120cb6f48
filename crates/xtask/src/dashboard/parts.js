// Loads the modules of a part. It takes the place of the script that wasm-split-cli writes, which
// loads each chunk by itself. A failed load is not kept: the next attempt starts over.
import { initSync } from "./waypost.js";

const { base } = window.waypostStart;
const loaded = new Map();

const load = (file) => {
  if (!loaded.has(file)) {
    const loading = WebAssembly.instantiateStreaming(fetch(base + file), { main: initSync() });
    loading.catch(() => loaded.delete(file));
    loaded.set(file, loading);
  }
  return loaded.get(file);
};

// Loads what many pages need, so that the next one waits for less.
export const loadAhead = () => {
  if (navigator.connection?.saveData) return;
  for (const file of ahead) load(file).catch(() => {});
};

const part = (files) => async (callback, data) => {
  let success = true;
  try {
    await Promise.all(files.map(load));
  } catch (error) {
    console.error(error);
    success = false;
  }
  initSync().__indirect_function_table.get(callback)(data, success);
};
