// @ts-check
/**
 * Makes a JavaScript module of the recurrence engine, the very component that `cargo xtask build` made, for the page to run.
 * What is newer than the component is left as it is.
 */

import { transpile, writeFiles } from "@bytecodealliance/jco-transpile";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

const page = join(import.meta.dirname, "..");
const component = join(page, "../target/wasm32-wasip2/component/rondo_recurrence_component.wasm");
const folder = join(page, "src/lib/recurrence/engine.gen");

/** When the file was written; 0 if there is none. */
const writtenAt = (/** @type {string} */ path) =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

const [made, ...from] = await Promise.all(
  [join(folder, "engine.js"), component, import.meta.filename, join(page, "package-lock.json")].map(
    writtenAt,
  ),
);
if (from[0] === 0) {
  process.stderr.write(
    `There is no recurrence engine at ${component}: run \`cargo xtask build\`.\n`,
  );
  process.exit(1);
}
if (made === undefined || made <= Math.max(...from)) {
  const { files } = await transpile(component, {
    outDir: folder,
    name: "engine",
    instantiation: "async",
    nodejsCompat: false,
    wasiShim: false,
    base64Cutoff: 0,
    noComponentErrorWrapping: true,
  });
  await rm(folder, { recursive: true, force: true });
  await writeFiles(files);
}
