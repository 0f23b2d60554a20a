import { Failure } from "../components/Notice.tsx";
import { useKeepPush } from "../features/channels/api/devices.ts";
import { useAddress } from "../lib/location.ts";
import { useMe } from "../lib/session/me.ts";
import { browserZone } from "../lib/time/zone.ts";
import { ZoneContext } from "../lib/time/zone-context.ts";
import styles from "./Inside.module.css";
import { useLiveUpdates } from "./live-updates.ts";
import { RecurringPage } from "./RecurringPage.tsx";
import { SettingsPage } from "./SettingsPage.tsx";
import { TasksPage } from "./TasksPage.tsx";
import { TopBar } from "./TopBar.tsx";
import { viewAt } from "./views.ts";

/** The page of somebody who is signed in. */
export function Inside() {
  const me = useMe();
  const address = useAddress();
  const live = useLiveUpdates();
  useKeepPush();
  const view = viewAt(address);
  return (
    <ZoneContext value={me.data?.timezone ?? browserZone()}>
      <a className={styles.skip} href="#main">
        Skip to the content
      </a>
      <TopBar live={live} user={me.data} view={view} />
      <main id="main" tabIndex={-1} className={styles.main}>
        {me.isError && (
          <Failure
            doing="Your profile could not be loaded."
            error={me.error}
            onRetry={() => void me.refetch()}
          />
        )}
        {view === "tasks" && <TasksPage address={address} />}
        {view === "recurring" && <RecurringPage address={address} />}
        {view === "settings" && <SettingsPage user={me.data} />}
      </main>
    </ZoneContext>
  );
}
