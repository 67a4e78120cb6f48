// Starts the dashboard. The document has a preload for the module, so that it is on its way already.
import init from "./waypost.js";

init({ module_or_path: fetch("MAIN_MODULE") });
