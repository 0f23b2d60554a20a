import { CalendarSettings } from "../features/calendar-feeds/components/CalendarSettings.tsx";
import { PasswordForm } from "../features/profile/components/PasswordForm.tsx";
import { ProfileForm } from "../features/profile/components/ProfileForm.tsx";
import { TagSettings } from "../features/tags/components/TagSettings.tsx";
import { TokenSettings } from "../features/tokens/components/TokenSettings.tsx";
import type { User } from "../lib/api/types.ts";

export function SettingsPage({ user }: { readonly user: User | undefined }) {
  return (
    <>
      <title>Settings · Rondo</title>
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
      <TagSettings />
      <TokenSettings />
      <CalendarSettings />
    </>
  );
}
