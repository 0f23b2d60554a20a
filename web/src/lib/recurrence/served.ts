import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { vi } from "vitest";

/** For tests: answers requests for the parts of the engine from the disk, as the service would. */
export function serveEngine(): void {
  vi.stubGlobal("fetch", async (url: string) => {
    const content = await readFile(join(import.meta.dirname, "../../..", url));
    return new Response(content, { headers: { "content-type": "application/wasm" } });
  });
}
