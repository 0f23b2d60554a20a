import type { SeriesDraft } from "../api/draft.ts";

/** What a part of the form is given. */
export interface FieldsProps {
  readonly draft: SeriesDraft;
  /** What the service says is wrong with a field. */
  readonly errorOf: (field: string) => string | undefined;
  readonly onChange: (change: Partial<SeriesDraft>) => void;
}
