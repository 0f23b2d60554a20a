import type { MouseEvent, ReactNode } from "react";

import { goTo } from "../lib/location.ts";

interface LinkProps {
  readonly to: string;
  readonly className?: string | undefined;
  readonly current?: boolean;
  /** Done besides when the link is followed in this tab. */
  readonly onFollow?: () => void;
  readonly children: ReactNode;
}

/** A link within the page; opens in a new tab as links do. */
export function Link({ to, className, current = false, onFollow, children }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    onFollow?.();
    goTo(to);
    window.scrollTo(0, 0);
  };
  return (
    <a href={to} className={className} aria-current={current ? "page" : undefined} onClick={follow}>
      {children}
    </a>
  );
}
