import type { Priority } from "./api/types.ts";

/** From the most important on. */
export const priorities = ["High", "Medium", "Low"] as const satisfies readonly Priority[];
