import { RecurringView } from "../features/recurring/components/RecurringView.tsx";
import { Reminders } from "../features/reminders/components/Reminders.tsx";
import { useTags } from "../features/tags/api/tags.ts";
import type { TaskInstance } from "../lib/api/types.ts";
import { goTo } from "../lib/location.ts";
import { openTask, withoutOpenTask } from "../lib/place.ts";
import { PageTitle } from "./PageTitle.tsx";

/** The recurring tasks. Without the tags the form only suggests none. */
export function RecurringPage({ address }: { readonly address: URL }) {
  const tags = useTags();
  return (
    <>
      <PageTitle view="Recurring" />
      <h1 className="unseen">Recurring tasks</h1>
      <RecurringView
        knownTags={tags.data?.map((tag) => tag.name) ?? []}
        opened={address.searchParams.get(openTask)}
        onCloseOpened={() => goTo(withoutOpenTask(address), "replace")}
        remindersOf={remindersOf}
      />
    </>
  );
}

function remindersOf({ id, scheduled_for }: TaskInstance, taskId: string) {
  return <Reminders about={{ taskId, instanceId: id }} dueAt={new Date(scheduled_for)} />;
}
