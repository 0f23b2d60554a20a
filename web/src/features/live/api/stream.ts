/**
 * The live stream: Server-Sent Events over `fetch`, because `EventSource` can't send the bearer token.
 *
 * It reconnects with growing pauses and asks with `Last-Event-ID` for what it missed. A tab in the background lets its
 * connection go after a while (a browser has six per host for all tabs) and catches up when it is looked at.
 */

import { createParser, type EventSourceMessage } from "eventsource-parser";

import { backOffMs } from "./back-off.ts";

export type LiveStatus = "connecting" | "live" | "reconnecting" | "paused";

export interface StreamOptions {
  /** Opens the stream; given the id of the last event seen. */
  readonly open: (lastEventId: string | null, signal: AbortSignal) => Promise<Response>;
  readonly onMessage: (message: EventSourceMessage) => void;
  readonly onStatus: (status: LiveStatus) => void;
  /** The stream starts at this moment, so what was read before may be old. */
  readonly onGap: () => void;
}

/** The service says something at least every 15 s; after this long, the connection is taken for dead. */
const silenceMs = 40_000;
/** The service ends each stream after some minutes, which is no trouble; one that ends sooner than this is. */
const settledMs = 10_000;
/** How long a tab in the background keeps its connection. */
const hiddenMs = 60_000;

export class LiveStream {
  readonly #options: StreamOptions;
  #lastEventId: string | null = null;
  #failures = 0;
  #connection: AbortController | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #hiding: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  start(): void {
    document.addEventListener("visibilitychange", this.#onVisibility);
    window.addEventListener("online", this.#onOnline);
    this.#options.onStatus("connecting");
    void this.#connect();
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    window.removeEventListener("online", this.#onOnline);
    clearTimeout(this.#hiding);
    this.#disconnect();
  }

  readonly #onVisibility = (): void => {
    clearTimeout(this.#hiding);
    if (document.visibilityState === "hidden") {
      this.#hiding = setTimeout(() => this.#pause(), hiddenMs);
    } else if (this.#connection === null) {
      this.#reconnectNow();
    }
  };

  readonly #onOnline = (): void => {
    if (document.visibilityState === "visible") this.#reconnectNow();
  };

  #pause(): void {
    this.#disconnect();
    this.#options.onStatus("paused");
  }

  #reconnectNow(): void {
    this.#disconnect();
    this.#failures = 0;
    this.#options.onStatus("reconnecting");
    void this.#connect();
  }

  #disconnect(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#watchdog);
    this.#connection?.abort();
    this.#connection = null;
  }

  async #connect(): Promise<void> {
    const connection = new AbortController();
    const startedAt = Date.now();
    this.#connection = connection;
    const endedWell = await this.#follow(connection).then(
      () => true,
      () => false,
    );
    if (this.#connection !== connection) return;
    if (Date.now() - startedAt < settledMs) this.#failures += 1;
    else this.#failures = endedWell ? 0 : 1;
    this.#retryLater();
  }

  async #follow(connection: AbortController): Promise<void> {
    this.#watch(connection);
    const response = await this.#options.open(this.#lastEventId, connection.signal);
    if (!response.ok || response.body === null) throw new Error(`the stream: ${response.status}`);
    if (connection.signal.aborted) return;
    if (this.#lastEventId === null) this.#options.onGap();
    this.#options.onStatus("live");
    await this.#read(response.body, connection);
  }

  async #read(body: ReadableStream<Uint8Array>, connection: AbortController): Promise<void> {
    const parser = createParser({ onEvent: (message) => this.#take(message) });
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (connection.signal.aborted) return;
      this.#watch(connection);
      parser.feed(decoder.decode(value, { stream: true }));
    }
  }

  #take(message: EventSourceMessage): void {
    if (message.id !== undefined) this.#lastEventId = message.id;
    this.#options.onMessage(message);
  }

  #watch(connection: AbortController): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => connection.abort(), silenceMs);
  }

  #retryLater(): void {
    clearTimeout(this.#watchdog);
    this.#connection = null;
    if (this.#failures > 0) this.#options.onStatus("reconnecting");
    this.#retry = setTimeout(() => void this.#connect(), backOffMs(this.#failures, Math.random()));
  }
}
