// Takes the pictures of the README from the release binary with the sample workspace.

import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { sharedLiteLLM } from "./lib/litellm.mjs";
import { startWaypost } from "./lib/waypost.mjs";

const folder = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
await mkdir(folder, { recursive: true });
