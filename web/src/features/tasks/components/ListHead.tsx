import { Icon } from "../../../components/Icon.tsx";
import styles from "./ListHead.module.css";
import { countOf } from "./names.ts";
import { TransferMenu } from "./TransferMenu.tsx";

interface ListHeadProps {
  readonly total: number | undefined;
  readonly isSelecting: boolean;
  readonly canSelect: boolean;
  readonly onSelect: () => void;
}

export function ListHead({ total, isSelecting, canSelect, onSelect }: ListHeadProps) {
  return (
    <div className={styles.head}>
      <p className="soft" role="status">
        {total === undefined ? "" : countOf(total, "task")}
      </p>
      <button
        type="button"
        className="button quiet"
        aria-pressed={isSelecting}
        disabled={!canSelect && !isSelecting}
        onClick={onSelect}
      >
        <Icon name="select" />
        Select
      </button>
      <TransferMenu />
    </div>
  );
}
