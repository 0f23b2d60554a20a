import { Failure } from "../../../components/Notice.tsx";
import { SettingsCard } from "../../../components/SettingsCard.tsx";
import { useNotificationSettings } from "../api/settings.ts";
import { EmailChannel } from "./EmailChannel.tsx";
import { PushChannel } from "./PushChannel.tsx";
import { QuietHours } from "./QuietHours.tsx";
import { WebhookChannel } from "./WebhookChannel.tsx";

/** Where notifications go besides the page, and when they do not. */
export function NotificationSettings() {
  const query = useNotificationSettings();
  return (
    <SettingsCard
      title="Notifications"
      intro="When a reminder falls due, this page tells you. Choose where else you are told."
    >
      {query.isPending && <p className="soft">Loading the choices…</p>}
      {query.isError && (
        <Failure
          doing="The choices could not be loaded."
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {query.data && (
        <>
          {query.data.available.web_push && <PushChannel settings={query.data} />}
          <WebhookChannel settings={query.data} />
          <EmailChannel settings={query.data} />
          <QuietHours key={JSON.stringify(query.data.quiet_hours)} settings={query.data} />
        </>
      )}
    </SettingsCard>
  );
}
