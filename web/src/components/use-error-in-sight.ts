import { useEffect, useRef } from "react";

/**
 * For a form: when it is refused, the first field at fault takes the focus, and is brought into sight with what is wrong
 * with it; where no field is at fault, the message is. In a dialog that is longer than the screen, either may lie elsewhere.
 */
export function useErrorInSight(error: Error | null) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (error === null) return;
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (field === null || field === undefined) {
      form.current?.querySelector('[role="alert"]')?.scrollIntoView({ block: "nearest" });
      return;
    }
    field.focus({ preventScroll: true });
    noteOf(field)?.scrollIntoView({ block: "nearest" });
    field.scrollIntoView({ block: "nearest" });
  }, [error]);
  return form;
}

function noteOf(field: HTMLElement): HTMLElement | null {
  const id = field.getAttribute("aria-describedby");
  return id === null ? null : document.getElementById(id);
}
