import { Icon } from "../components/Icon.tsx";
import { Link } from "../components/Link.tsx";
import type { LiveStatus } from "../features/live/api/stream.ts";
import { LiveSign } from "../features/live/components/LiveSign.tsx";
import { useSignOut } from "../features/session/api/use-sign-in.ts";
import type { User } from "../lib/api/types.ts";
import styles from "./TopBar.module.css";

interface TopBarProps {
  readonly live: LiveStatus;
  readonly user: User | undefined;
  readonly isSettings: boolean;
}

export function TopBar({ live, user, isSettings }: TopBarProps) {
  const signOut = useSignOut();
  return (
    <header className={styles.bar}>
      <div className={styles.inner}>
        <span className={styles.brand}>
          <img src="/favicon.svg" alt="" width="28" height="28" />
          Rondo
        </span>
        <LiveSign status={live} />
        <nav className={styles.nav} aria-label="Main">
          <Link to="/" className="button quiet" current={!isSettings}>
            <Icon name="list" />
            <span className={styles.label}>Tasks</span>
          </Link>
          <Link to="/settings" className="button quiet" current={isSettings}>
            <Icon name="settings" />
            <span className={styles.label}>Settings</span>
          </Link>
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
