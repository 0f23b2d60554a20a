import { join } from "node:path";

import { build, type Plugin } from "vite";

const name = "sw.js";

/** Builds the service worker as one file at the root, which is where it may serve the whole page from. */
export function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    async generateBundle() {
      this.emitFile({ type: "asset", fileName: name, source: await bundled() });
    },
    configureServer({ middlewares }) {
      middlewares.use(`/${name}`, (_, response, next) => {
        response.setHeader("content-type", "text/javascript");
        bundled().then((code) => response.end(code), next);
      });
    },
  };
}

async function bundled(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      copyPublicDir: false,
      lib: {
        entry: join(import.meta.dirname, "../sw/sw.ts"),
        formats: ["iife"],
        name: "sw",
        fileName: "sw",
      },
    },
  });
  const [output] = [built].flat();
  if (output === undefined || !("output" in output)) throw new Error(`${name} was not built`);
  return output.output[0].code;
}
