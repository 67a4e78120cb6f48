// Loads the modules of a part. It takes the place of the script that wasm-split-cli writes, which
// loads each chunk by itself. A failed load is not kept: the next attempt starts over.
import { initSync } from "./waypost.js";

const loaded = new Map();

const load = (file) => {
  if (!loaded.has(file)) {
    const loading = WebAssembly.instantiateStreaming(fetch(file), { main: initSync() });
    loading.catch(() => loaded.delete(file));
    loaded.set(file, loading);
  }
  return loaded.get(file);
};

// Fetches what many pages need, so that the next one waits for less.
export const fetchAhead = () => {
  if (navigator.connection?.saveData) return;
  for (const href of ahead) {
    if (document.querySelector(`link[href="${href}"]`)) continue;
    const link = { rel: "prefetch", as: "fetch", crossOrigin: "", href };
    document.head.append(Object.assign(document.createElement("link"), link));
  }
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
