import "fake-indexeddb/auto";

import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// A deadline, not a wait: a machine may be busy.
configure({ asyncUtilTimeout: 10_000 });

// jsdom knows none of these.
HTMLElement.prototype.showPopover = () => undefined;
HTMLElement.prototype.hidePopover = () => undefined;
// It answers with a promise, as in new browsers: an effect that returned it would break the page at its end.
Object.assign(HTMLElement.prototype, { scrollIntoView: () => Promise.resolve() });

afterEach(() => {
  cleanup();
  localStorage.clear();
});
