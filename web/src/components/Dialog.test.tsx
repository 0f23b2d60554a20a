import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { Dialog } from "./Dialog.tsx";

const onClose = vi.fn();

beforeEach(() => {
  onClose.mockClear();
  HTMLDialogElement.prototype.showModal = vi.fn(function (this: HTMLDialogElement) {
    this.open = true;
  });
  HTMLDialogElement.prototype.close = vi.fn();
});

function show(isUnsaved: boolean, isSaving = false) {
  render(
    <Dialog title="Edit" isUnsaved={isUnsaved} isSaving={isSaving} onClose={onClose}>
      <input aria-label="Title" />
    </Dialog>,
  );
}

/** A form with a field that says what is typed only when it is left. */
function ShyForm() {
  const [text, setText] = useState("");
  return (
    <Dialog title="Edit" isUnsaved={text !== ""} onClose={onClose}>
      <input aria-label="Tags" onBlur={({ target }) => setText(target.value)} />
    </Dialog>
  );
}

const dialog = () => screen.getByRole<HTMLDialogElement>("dialog");
/** What a browser does with Escape. */
const escape = () => fireEvent(dialog(), new Event("cancel", { cancelable: true }));
const question = () => screen.queryByText("What you wrote is not saved.");
const closesPage = () => window.dispatchEvent(new Event("beforeunload", { cancelable: true }));

describe("a dialog in which nothing is written", () => {
  test.each([
    ["Escape", escape],
    ["the cross", () => fireEvent.click(screen.getByLabelText("Close"))],
  ])("is closed by %s", (_, leave) => {
    show(false);
    leave();
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  test("lets the page go", () => {
    show(false);
    expect(closesPage()).toBe(true);
  });
});

describe("a dialog in which something is written", () => {
  test.each([
    ["Escape", escape],
    ["the cross", () => fireEvent.click(screen.getByLabelText("Close"))],
  ])("asks before %s closes it", async (_, leave) => {
    show(true);
    screen.getByLabelText("Title").focus();
    leave();
    expect(onClose).not.toHaveBeenCalled();
    expect(question()).toBeTruthy();
    await userEvent.keyboard("{Enter}");
    expect(onClose).not.toHaveBeenCalled();
    expect(question()).toBeNull();
    expect(document.activeElement).toBe(screen.getByLabelText("Title"));
    leave();
    fireEvent.click(screen.getByText("Discard"));
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  test("is closed by a second Escape, also where the browser does that by itself", () => {
    show(true);
    escape();
    escape();
    expect(onClose).toHaveBeenCalledTimes(1);
    const element = dialog();
    element.open = false;
    fireEvent(element, new Event("close"));
    expect(onClose).toHaveBeenCalledTimes(2);
  });

  test("asks again after somebody has written on, and takes nobody away from where they write", async () => {
    show(true);
    const title = screen.getByLabelText("Title");
    title.focus();
    escape();
    await userEvent.type(title, "More");
    expect(question()).toBeNull();
    expect(document.activeElement).toBe(title);
    escape();
    expect(onClose).not.toHaveBeenCalled();
    expect(question()).toBeTruthy();
  });

  test("asks also when that still waits in a field to be left", async () => {
    render(<ShyForm />);
    await userEvent.type(screen.getByLabelText("Tags"), "groceries");
    escape();
    expect(onClose).not.toHaveBeenCalled();
    await userEvent.click(screen.getByText("Keep editing"));
    expect(document.activeElement).toBe(screen.getByLabelText("Tags"));
  });

  test("waits for what is being saved", () => {
    show(true, true);
    escape();
    expect(question()).toBeNull();
    expect(onClose).not.toHaveBeenCalled();
  });

  test("keeps the page until somebody says that it may go", () => {
    show(true);
    expect(closesPage()).toBe(false);
  });
});
