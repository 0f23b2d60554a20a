import { useMutation } from "@tanstack/react-query";

import { Notice } from "../../../components/Notice.tsx";
import styles from "./CalendarSettings.module.css";

/** The address of a feed just made, to be taken along now. */
export function NewAddress({ address }: { readonly address: string }) {
  return (
    <Notice kind="info" action={"clipboard" in navigator && <Copy text={address} />}>
      Copy the address now; it is not shown again.
      <code className={styles.address}>{address}</code>
      <p className={styles.how}>
        In your calendar program, subscribe to a calendar by this address; if the program shows only
        events, no to-dos, add <code>?as=events</code> to its end.
      </p>
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
