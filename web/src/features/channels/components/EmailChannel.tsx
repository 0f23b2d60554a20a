import type { NotificationSettings } from "../../../lib/api/types.ts";
import { Channel } from "./Channel.tsx";

export function EmailChannel({ settings }: { readonly settings: NotificationSettings }) {
  return (
    <Channel
      channel="email"
      title="E-mail"
      about={`To ${settings.email_address}.`}
      settings={settings}
      missing={settings.available.email ? null : "Whoever runs this Rondo has not set up e-mail."}
    />
  );
}
