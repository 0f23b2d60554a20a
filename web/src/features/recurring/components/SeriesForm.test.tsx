import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, test, vi } from "vitest";

import { serveEngine } from "../../../lib/recurrence/served.ts";
import { newDraft, type SeriesDraft } from "../api/draft.ts";
import { SeriesForm } from "./SeriesForm.tsx";

const initial = newDraft(new Date(), "Europe/Berlin");

function Form({ part, onSubmit }: { part: Partial<SeriesDraft>; onSubmit: () => void }) {
  const [draft, setDraft] = useState({ ...initial, title: "Bins", ...part });
  return (
    <SeriesForm
      draft={draft}
      series={null}
      knownTags={[]}
      isPending={false}
      error={null}
      onChange={(change) => setDraft({ ...draft, ...change })}
      onSubmit={onSubmit}
      onClose={vi.fn()}
    />
  );
}

function show(part: Partial<SeriesDraft> = {}) {
  const onSubmit = vi.fn();
  render(
    <QueryClientProvider
      client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}
    >
      <Form part={part} onSubmit={onSubmit} />
    </QueryClientProvider>,
  );
  return onSubmit;
}

describe("the form of a recurring task", () => {
  test("says in words what is picked, and when that is", async () => {
    serveEngine();
    show({ preset: "daily" });
    expect(
      await screen.findByText("Every day at 09:00", undefined, { timeout: 10_000 }),
    ).toBeTruthy();
    await userEvent.selectOptions(screen.getByLabelText("Ends"), "count");
    await userEvent.clear(screen.getByLabelText("Times"));
    await userEvent.type(screen.getByLabelText("Times"), "2");
    expect(await screen.findByText("Every day at 09:00, 2 times")).toBeTruthy();
    expect(screen.getByRole("list", { name: "Next times" }).children).toHaveLength(2);
  });

  test("says by which clocks the times are, where they are not one's own", async () => {
    serveEngine();
    show({ preset: "daily", zone: "Pacific/Kiritimati" });
    const clocks = /^By the clocks of Pacific\/Kiritimati, where it is \w{3} \d\d:\d\d\.$/;
    expect(await screen.findByText(clocks, undefined, { timeout: 10_000 })).toBeTruthy();
  });

  test("says what is wrong with a rule while it is written", async () => {
    serveEngine();
    show({ preset: "custom", custom: "FREQ=WEEKLY;BYDAY=2MO" });
    expect(
      await screen.findByText(/BYDAY with a number/, undefined, { timeout: 10_000 }),
    ).toBeTruthy();
  });

  test("keeps its start while another is half typed, and can't be sent until that is whole", async () => {
    const onSubmit = show({ preset: "monthly-date", date: "2027-01-31" });
    const start = screen.getByLabelText<HTMLInputElement>("Starts on");
    fireEvent.change(start, { target: { value: "" } });
    expect(start.value).toBe("");
    expect(screen.getByLabelText("Repeats").textContent).toContain("Monthly on the 31st");
    await userEvent.click(screen.getByRole("button", { name: "Add" }));
    expect(onSubmit).not.toHaveBeenCalled();
    fireEvent.change(start, { target: { value: "2027-02-28" } });
    expect(start.value).toBe("2027-02-28");
    expect(screen.getByLabelText("Repeats").textContent).toContain("Monthly on the 28th");
  });

  test("takes no start that the engine does not", () => {
    show({ date: "3000-01-01" });
    expect(screen.getByLabelText<HTMLInputElement>("Starts on").checkValidity()).toBe(false);
  });

  test("can be sent when there is no preview", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
    const onSubmit = show();
    expect(await screen.findByText(/There is no preview at the moment/)).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Add" }));
    expect(onSubmit).toHaveBeenCalledOnce();
  });
});
