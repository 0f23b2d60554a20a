import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { precompress } from "./scripts/precompress.ts";
import { serviceWorker } from "./scripts/service-worker.ts";

const backend = process.env.BASE_URL ?? "http://127.0.0.1:3000";

export default defineConfig({
  plugins: [react(), serviceWorker(), precompress()],
  build: {
    // The page's Content-Security-Policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": { target: backend, changeOrigin: true } } },
  test: {
    environment: "jsdom",
    include: ["{src,sw}/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    testTimeout: 20_000,
    setupFiles: ["src/test-setup.ts"],
  },
});
