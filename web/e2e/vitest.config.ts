import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    // In tests, BASE_URL is Vite's own.
    env: { RONDO_URL: process.env.BASE_URL ?? "http://127.0.0.1:3000" },
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
