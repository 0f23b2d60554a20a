import { useState } from "react";

import { ConfirmDialog } from "../../../components/ConfirmDialog.tsx";
import { Failure } from "../../../components/Notice.tsx";
import { Secret } from "../../../components/Secret.tsx";
import { SettingsCard } from "../../../components/SettingsCard.tsx";
import { timeWords } from "../../../lib/time/words.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { useCreateFeed, useFeeds, useRevokeFeed, type CalendarFeed } from "../api/feeds.ts";
import styles from "./CalendarSettings.module.css";

export function CalendarSettings() {
  const create = useCreateFeed();
  const [revoking, setRevoking] = useState<CalendarFeed | null>(null);
  const forget = (id: string) => {
    if (create.data?.id === id) create.reset();
  };
  return (
    <SettingsCard
      title="Calendar addresses"
      intro="At a private address, your calendar program shows your tasks. Who knows the address can read them."
    >
      <div>
        <button
          type="button"
          className="button primary"
          disabled={create.isPending}
          onClick={() => create.mutate()}
        >
          {create.isPending ? "Making…" : "Make an address"}
        </button>
      </div>
      {create.isError && <Failure doing="No address was made." error={create.error} />}
      {create.data && (
        <Secret key={create.data.id} what="address" text={create.data.address}>
          In your calendar program, subscribe to a calendar by this address; if the program shows
          only events, no to-dos, add <code>?as=events</code> to its end.
        </Secret>
      )}
      <FeedList onRevoke={setRevoking} />
      {revoking && (
        <RevokeFeed feed={revoking} onRevoked={forget} onClose={() => setRevoking(null)} />
      )}
    </SettingsCard>
  );
}

function FeedList({ onRevoke }: { readonly onRevoke: (feed: CalendarFeed) => void }) {
  const feeds = useFeeds();
  return (
    <>
      {feeds.isPending && <p className="soft">Loading the addresses…</p>}
      {feeds.isError && (
        <Failure
          doing="The addresses could not be loaded."
          error={feeds.error}
          onRetry={() => void feeds.refetch()}
        />
      )}
      {feeds.data?.length === 0 && <p className="soft">There are none yet.</p>}
      <ul className={styles.feeds} aria-label="Calendar addresses">
        {feeds.data?.map((feed) => (
          <FeedLine key={feed.id} feed={feed} onRevoke={() => onRevoke(feed)} />
        ))}
      </ul>
    </>
  );
}

function FeedLine({
  feed,
  onRevoke,
}: {
  readonly feed: CalendarFeed;
  readonly onRevoke: () => void;
}) {
  const zone = useZone();
  const words = (time: string) => timeWords(new Date(time), zone);
  const made = words(feed.created_at);
  return (
    <li className={styles.line}>
      <div className={styles.times}>
        <strong>Made {made}</strong>
        <p className="soft">
          {feed.last_used_at === null ? "Never used" : `Last used ${words(feed.last_used_at)}`}
        </p>
      </div>
      <button
        type="button"
        className="button"
        aria-label={`Revoke the address made ${made}`}
        onClick={onRevoke}
      >
        Revoke
      </button>
    </li>
  );
}

function RevokeFeed({
  feed,
  onRevoked,
  onClose,
}: {
  readonly feed: CalendarFeed;
  readonly onRevoked: (id: string) => void;
  readonly onClose: () => void;
}) {
  const revoke = useRevokeFeed();
  const made = timeWords(new Date(feed.created_at), useZone());
  const done = () => {
    onRevoked(feed.id);
    onClose();
  };
  return (
    <ConfirmDialog
      title={`Revoke the address made ${made}?`}
      consequence="Calendar programs that subscribe to it get no more of your tasks; what they have already read, they may keep."
      action="Revoke"
      isPending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate(feed.id, { onSuccess: done })}
      onClose={onClose}
    />
  );
}
