import { useRef, type ChangeEvent } from "react";

import { Icon } from "../../../components/Icon.tsx";
import { Menu } from "../../../components/Menu.tsx";
import { Notice } from "../../../components/Notice.tsx";
import { showToast } from "../../../components/toasts.ts";
import { messageOf } from "../../../lib/api/problem.ts";
import type { ImportResult } from "../../../lib/api/types.ts";
import { acceptedFiles, useExport, useImport, type FileFormat } from "../api/transfer.ts";
import { countOf } from "./names.ts";
import styles from "./TransferMenu.module.css";

/** Tasks out to a file and in from one. */
export function TransferMenu() {
  const exported = useExport();
  const imported = useImport();
  const file = useRef<HTMLInputElement>(null);
  const isBusy = exported.isPending || imported.isPending;

  const save = (format: FileFormat) =>
    exported.mutate(format, {
      onError: (error) => showToast({ kind: "bad", text: `No file was made. ${messageOf(error)}` }),
    });
  const load = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const chosen = target.files?.[0];
    target.value = "";
    if (chosen === undefined) return;
    imported.mutate(chosen, {
      onSuccess: (result) => showToast({ kind: "good", text: resultWords(result, chosen.name) }),
    });
  };
  return (
    <>
      <Menu label={isBusy ? "Working…" : "Import and export"} icon="menu">
        <button type="button" onClick={() => save("json")}>
          Export as JSON
        </button>
        <button type="button" onClick={() => save("csv")}>
          Export as CSV
        </button>
        <button type="button" onClick={() => save("ical")}>
          Export as iCalendar
        </button>
        <button type="button" onClick={() => file.current?.click()}>
          <Icon name="plus" />
          Import a file…
        </button>
      </Menu>
      <input
        ref={file}
        type="file"
        accept={acceptedFiles}
        hidden
        aria-label="File to import"
        onChange={load}
      />
      {imported.isError && (
        <ImportFailure
          name={imported.variables.name}
          error={imported.error}
          onDismiss={imported.reset}
        />
      )}
    </>
  );
}

interface ImportFailureProps {
  readonly name: string;
  readonly error: Error;
  readonly onDismiss: () => void;
}

/** What is wrong with a file: it stays while one mends that. */
function ImportFailure({ name, error, onDismiss }: ImportFailureProps) {
  const dismiss = (
    <button type="button" className="button" onClick={onDismiss}>
      Dismiss
    </button>
  );
  return (
    <div className={styles.failure}>
      <Notice kind="bad" action={dismiss}>
        <strong>{name} was not added.</strong> {messageOf(error)}
      </Notice>
    </div>
  );
}

function resultWords({ created, skipped }: ImportResult, name: string): string {
  const added = `Added ${countOf(created, "task")} from ${name}`;
  return skipped === 0 ? `${added}.` : `${added}; ${skipped} already there.`;
}
