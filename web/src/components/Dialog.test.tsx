import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
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

function show(isUnsaved: boolean) {
  render(
    <Dialog title="Edit" isUnsaved={isUnsaved} onClose={onClose}>
      <input aria-label="Title" />
    </Dialog>,
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

  test("keeps the page until somebody says that it may go", () => {
    show(true);
    expect(closesPage()).toBe(false);
  });
});
