import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    // BASE_URL is Vite's own once the tests run.
    env: { RONDO_URL: process.env.RONDO_URL ?? process.env.BASE_URL ?? "http://127.0.0.1:3000" },
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A deadline, not a wait: a machine may be busy.
    expect: { poll: { timeout: 30_000 } },
  },
});
