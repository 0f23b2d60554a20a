import { Dialog } from "./Dialog.tsx";
import { Failure } from "./Notice.tsx";

interface ConfirmDialogProps {
  readonly title: string;
  readonly consequence: string;
  readonly action: string;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that can't be taken back. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div className="stack">
        <p>{props.consequence}</p>
        {props.error !== null && <Failure doing="It was not done." error={props.error} />}
        <div className="actions">
          <button type="button" className="button" onClick={props.onClose}>
            Keep
          </button>
          <button
            type="button"
            className="button danger"
            disabled={props.isPending}
            onClick={props.onConfirm}
          >
            {props.isPending ? "Working…" : props.action}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
