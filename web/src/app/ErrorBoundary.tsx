import { Component, type ReactNode } from "react";

import { Notice } from "../components/Notice.tsx";

interface ErrorBoundaryProps {
  readonly children: ReactNode;
}

/** What is shown when the page itself has a fault. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly isBroken: boolean }> {
  override readonly state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    const reload = (
      <button type="button" className="button" onClick={() => location.reload()}>
        Reload
      </button>
    );
    return (
      <main>
        <Notice kind="bad" action={reload}>
          <strong>This page has a fault.</strong> Your tasks are safe. Reload it to go on.
        </Notice>
      </main>
    );
  }
}
