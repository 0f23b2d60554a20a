import { RecurringView } from "../features/recurring/components/RecurringView.tsx";
import { useTags } from "../features/tags/api/tags.ts";

/** The recurring tasks. Without the tags the form only suggests none. */
export function RecurringPage() {
  const tags = useTags();
  return (
    <>
      <title>Recurring · Rondo</title>
      <h1 className="unseen">Recurring tasks</h1>
      <RecurringView knownTags={tags.data?.map((tag) => tag.name) ?? []} />
    </>
  );
}
