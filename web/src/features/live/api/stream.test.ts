import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { LiveStream, type LiveStatus } from "./stream.ts";

/** A service whose connections the test holds in its hands. */
class Service {
  readonly asked: (string | null)[] = [];
  readonly signals: AbortSignal[] = [];
  answer: "open" | "fail" | 503 = "open";
  #writer: ReadableStreamDefaultController<Uint8Array> | null = null;

  readonly open = (lastEventId: string | null, signal: AbortSignal): Promise<Response> => {
    this.asked.push(lastEventId);
    this.signals.push(signal);
    if (this.answer === "fail") return Promise.reject(new TypeError("no network"));
    if (this.answer === 503) return Promise.resolve(new Response(null, { status: 503 }));
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#writer = controller;
        signal.addEventListener("abort", () => controller.error(signal.reason));
      },
    });
    return Promise.resolve(new Response(body));
  };

  write(text: string | Uint8Array): Promise<unknown> {
    this.#writer?.enqueue(typeof text === "string" ? new TextEncoder().encode(text) : text);
    return vi.advanceTimersByTimeAsync(0);
  }

  close(): Promise<unknown> {
    this.#writer?.close();
    this.#writer = null;
    return vi.advanceTimersByTimeAsync(0);
  }
}

let service: Service;
let statuses: LiveStatus[];
let messages: string[];
let gaps: number;
let stream: LiveStream;

beforeEach(async () => {
  vi.useFakeTimers();
  service = new Service();
  statuses = [];
  messages = [];
  gaps = 0;
  stream = new LiveStream({
    open: service.open,
    onMessage: ({ event, data }) => messages.push(`${event ?? "message"} ${data}`),
    onStatus: (status) => statuses.push(status),
    onGap: () => (gaps += 1),
  });
  stream.start();
  await vi.advanceTimersByTimeAsync(0);
});

afterEach(() => {
  stream.stop();
  vi.useRealTimers();
});

function look(state: DocumentVisibilityState): Promise<unknown> {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  document.dispatchEvent(new Event("visibilitychange"));
  return vi.advanceTimersByTimeAsync(0);
}

describe("the live stream", () => {
  test("hands on messages, however they are cut on their way", async () => {
    const bytes = new TextEncoder().encode(
      'id: 7\nevent: task.created\ndata: {"a":"ü"}\n\n: still\n\n',
    );
    for (const byte of bytes) await service.write(Uint8Array.of(byte));
    expect(messages).toEqual(['task.created {"a":"ü"}']);
    expect(statuses).toEqual(["connecting", "live"]);
  });

  test("starts with a gap, because what was read before may be old", () => {
    expect(gaps).toBe(1);
  });

  test("resumes after the last event when the service closes, without a gap", async () => {
    await service.write("id: 41\nevent: x\ndata: 1\n\nid: 42\nevent: x\ndata: 2\n\n");
    await service.close();
    expect(statuses.at(-1)).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(service.asked).toEqual([null, "42"]);
    expect(statuses.at(-1)).toBe("live");
    expect(gaps).toBe(1);
  });

  test("a stream that ends after its time is followed by another without a word", async () => {
    await vi.advanceTimersByTimeAsync(30_000);
    await service.close();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(service.asked).toHaveLength(2);
    expect(statuses).not.toContain("reconnecting");
  });

  test("a stream that ends at once each time is asked for ever more rarely", async () => {
    for (let i = 0; i < 200; i += 1) {
      await service.close();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(service.asked.length).toBeLessThan(30);
  });

  test("tries again with growing pauses while the service is away", async () => {
    service.answer = "fail";
    await service.close();
    await vi.advanceTimersByTimeAsync(60_000);
    const tries = service.asked.length;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(12);
    service.answer = "open";
    await vi.advanceTimersByTimeAsync(30_000);
    expect(statuses.at(-1)).toBe("live");
  });

  test("an answer that is no stream counts as a failure", async () => {
    service.answer = 503;
    await service.close();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(statuses.at(-1)).toBe("reconnecting");
  });

  test("a connection that falls silent is given up; comments keep it", async () => {
    for (let i = 0; i < 4; i += 1) {
      await vi.advanceTimersByTimeAsync(15_000);
      await service.write(": still\n\n");
    }
    expect(service.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(42_000);
    expect(service.signals[0]?.aborted).toBe(true);
    expect(service.asked).toHaveLength(2);
  });

  test("a tab in the background lets go after a while and catches up when looked at", async () => {
    await service.write("id: 5\nevent: x\ndata: 1\n\n");
    await look("hidden");
    for (let i = 0; i < 4; i += 1) {
      await vi.advanceTimersByTimeAsync(15_000);
      if (i < 3) await service.write(": still\n\n");
    }
    expect(statuses.at(-1)).toBe("paused");
    await vi.advanceTimersByTimeAsync(600_000);
    expect(service.asked).toHaveLength(1);
    await look("visible");
    expect(service.asked).toEqual([null, "5"]);
    expect(statuses.at(-1)).toBe("live");
  });

  test("a short look elsewhere keeps the connection", async () => {
    await look("hidden");
    await vi.advanceTimersByTimeAsync(10_000);
    await look("visible");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(service.asked).toHaveLength(1);
  });

  test("does nothing any more once it is stopped", async () => {
    stream.stop();
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(120_000);
    expect(service.asked).toHaveLength(1);
    expect(service.signals[0]?.aborted).toBe(true);
  });
});
