import "fake-indexeddb/auto";

import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// A deadline, not a wait: a machine may be busy.
configure({ asyncUtilTimeout: 10_000 });

// jsdom knows none of these.
HTMLElement.prototype.showPopover = () => undefined;
HTMLElement.prototype.hidePopover = () => undefined;
HTMLElement.prototype.scrollIntoView = () => undefined;

afterEach(() => {
  cleanup();
  localStorage.clear();
});
