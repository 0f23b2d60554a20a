import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Notice } from "./Notice.tsx";
import styles from "./Secret.module.css";

interface SecretProps {
  /** What it is, in the sentence that says to copy it: "token". */
  readonly what: string;
  readonly text: string;
  /** How it is used. */
  readonly children?: ReactNode;
}

/** Something that was just made and is told only now, to be taken along. */
export function Secret({ what, text, children }: SecretProps) {
  return (
    <Notice kind="info" action={"clipboard" in navigator && <Copy text={text} />}>
      Copy the {what} now; it is not shown again.
      <code className={styles.text}>{text}</code>
      {children !== undefined && <p className={styles.how}>{children}</p>}
    </Notice>
  );
}

function Copy({ text }: { readonly text: string }) {
  const copy = useMutation({ mutationFn: () => navigator.clipboard.writeText(text) });
  return (
    <>
      {copy.isError && <p role="alert">It was not copied. Select it and copy it yourself.</p>}
      <button type="button" className="button" onClick={() => copy.mutate()}>
        {copy.isSuccess ? "Copied" : "Copy"}
      </button>
    </>
  );
}
