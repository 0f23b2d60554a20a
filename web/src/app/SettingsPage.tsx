import { CalendarSettings } from "../features/calendar-feeds/components/CalendarSettings.tsx";
import { NotificationSettings } from "../features/channels/components/NotificationSettings.tsx";
import { PasswordForm } from "../features/profile/components/PasswordForm.tsx";
import { ProfileForm } from "../features/profile/components/ProfileForm.tsx";
import { TagSettings } from "../features/tags/components/TagSettings.tsx";
import { TokenSettings } from "../features/tokens/components/TokenSettings.tsx";
import type { User } from "../lib/api/types.ts";
import { PageTitle } from "./PageTitle.tsx";

export function SettingsPage({ user }: { readonly user: User | undefined }) {
  return (
    <>
      <PageTitle view="Settings" />
      <h1>Settings</h1>
      {user === undefined ? (
        <p className="soft" role="status">
          Loading your profile…
        </p>
      ) : (
        <>
          <ProfileForm user={user} />
          <PasswordForm email={user.email} />
        </>
      )}
      <NotificationSettings />
      <TagSettings />
      <TokenSettings />
      <CalendarSettings />
    </>
  );
}
