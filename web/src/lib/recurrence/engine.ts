/**
 * The recurrence engine of the service, here: `wit/recurrence`, transpiled by jco. So a preview is what will be. It is
 * 200 KB to load, and is loaded when a rule is first looked at.
 */

import type { ImportObject } from "./engine.gen/engine.js";
import type {
  Accepted,
  Fault,
  Outlook,
  Series,
} from "./engine.gen/interfaces/todo-recurrence-engine.js";

export type { Accepted, Fault, Outlook, Series };
export type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

/** What the engine is asked; `wit/recurrence/recurrence.wit` says what each answer means. */
export interface Engine {
  validate(series: Series): Answer<Accepted>;
  /** The next `count` occurrences after `after`, or from the start of the series on. */
  preview(series: Series, after: Date | null, count: number): Answer<Outlook>;
  summarize(rrule: string): Answer<string>;
}

const modules = import.meta.glob<string>("./engine.gen/*.wasm", {
  query: "?url",
  import: "default",
  eager: true,
});

/** Fetches and starts an engine. */
export async function loadEngine(): Promise<Engine> {
  const { instantiate } = await import("./engine.gen/engine.js");
  // Its types take a promise of a module for a module, and so miss that there is something to wait for.
  const { engine } = await Promise.resolve(instantiate(compile, nothing));
  return {
    validate: (series) => answer(() => engine.validate(series)),
    preview: (series, after, count) =>
      answer(() => engine.preview(series, after === null ? undefined : instantOf(after), count)),
    summarize: (rrule) => answer(() => engine.summarize(rrule)),
  };
}

/** An instant as the engine counts them: in whole seconds. */
export function instantOf(time: Date): bigint {
  return BigInt(Math.floor(time.getTime() / 1000));
}

/** The time of an instant of the engine. */
export function dateOf(instant: bigint): Date {
  return new Date(Number(instant) * 1000);
}

async function compile(name: string): Promise<WebAssembly.Module> {
  const url = modules[`./engine.gen/${name}`];
  if (url === undefined) throw new Error(`the recurrence engine has no part ${name}`);
  return WebAssembly.compileStreaming(fetch(url));
}

/**
 * The engine asks nothing of the world. Rust's standard library would, to tell of a fault in the engine itself; then
 * the call fails here.
 */
function refuse(): never {
  throw new Error("the recurrence engine is broken");
}
const nothing = {
  "wasi:cli/environment": { getEnvironment: () => [] },
  "wasi:cli/exit": { exit: refuse },
  "wasi:cli/stderr": { getStderr: refuse },
  "wasi:cli/stdin": { getStdin: refuse },
  "wasi:cli/stdout": { getStdout: refuse },
  "wasi:cli/terminal-input": { TerminalInput: refuse },
  "wasi:cli/terminal-output": { TerminalOutput: refuse },
  "wasi:cli/terminal-stderr": { getTerminalStderr: refuse },
  "wasi:cli/terminal-stdin": { getTerminalStdin: refuse },
  "wasi:cli/terminal-stdout": { getTerminalStdout: refuse },
  "wasi:io/error": { Error: refuse },
  "wasi:io/poll": { Pollable: refuse },
  "wasi:io/streams": { InputStream: refuse, OutputStream: refuse },
} as unknown as ImportObject;

/** The transpiled functions throw what the interface calls a fault. */
function answer<T>(ask: () => T): Answer<T> {
  try {
    return { ok: true, value: ask() };
  } catch (error) {
    if (isFault(error)) return { ok: false, fault: error };
    throw error;
  }
}

function isFault(error: unknown): error is Fault {
  return typeof error === "object" && error !== null && "part" in error && "message" in error;
}
