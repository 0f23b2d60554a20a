import { Icon } from "../components/Icon.tsx";
import { Link } from "../components/Link.tsx";
import type { LiveStatus } from "../features/live/api/stream.ts";
import { LiveSign } from "../features/live/components/LiveSign.tsx";
import { Bell } from "../features/notifications/components/Bell.tsx";
import { useSignOut } from "../features/session/api/use-sign-in.ts";
import type { User } from "../lib/api/types.ts";
import styles from "./TopBar.module.css";
import { views, type View } from "./views.ts";

interface TopBarProps {
  readonly live: LiveStatus;
  readonly user: User | undefined;
  readonly view: View;
}

export function TopBar({ live, user, view }: TopBarProps) {
  const signOut = useSignOut();
  return (
    <header className={styles.bar}>
      <div className={styles.inner}>
        <span className={styles.brand}>
          <img src="/favicon.svg" alt="" width="28" height="28" />
          Rondo
        </span>
        <LiveSign status={live} />
        <Bell />
        <nav className={styles.nav} aria-label="Main">
          {views.map(({ view: one, to, icon, name }) => (
            <Link key={one} to={to} className="button quiet" current={one === view}>
              <Icon name={icon} />
              <span className={styles.label}>{name}</span>
            </Link>
          ))}
          <button
            type="button"
            className="button quiet"
            title={user === undefined ? "Sign out" : `Sign ${user.name ?? user.email} out`}
            onClick={() => signOut.mutate()}
          >
            <Icon name="out" />
            <span className={styles.label}>Sign out</span>
          </button>
        </nav>
      </div>
    </header>
  );
}
