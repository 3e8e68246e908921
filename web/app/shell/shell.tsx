import { makeStyles, tokens } from '@fluentui/react-components';
import { Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useIsNarrow } from '../../ui/use-is-narrow.ts';
import { RunningWork } from './running-work.tsx';
import { SideNavigation } from './side-navigation.tsx';
import { useShortcuts } from './shortcuts.tsx';
import { TopBar } from './top-bar.tsx';

const useStyles = makeStyles({
  page: { display: 'flex', flexDirection: 'column', height: '100vh' },
  below: { display: 'flex', flexGrow: 1, minHeight: 0 },
  content: {
    flexGrow: 1,
    minWidth: 0,
    overflowY: 'auto',
    padding: `${tokens.spacingVerticalXL} ${tokens.spacingHorizontalXXL}`,
    backgroundColor: tokens.colorNeutralBackground1,
    '@media (max-width: 640px)': { padding: tokens.spacingHorizontalL },
  },
  skip: {
    position: 'absolute',
    left: '-9999px',
    ':focus': {
      left: tokens.spacingHorizontalM,
      top: tokens.spacingVerticalM,
      zIndex: 1000,
      padding: tokens.spacingHorizontalM,
      backgroundColor: tokens.colorNeutralBackground1,
      color: tokens.colorNeutralForeground1,
    },
  },
});

/** What surrounds every page: the bar at the top, the navigation at the left. */
export function Shell() {
  const styles = useStyles();
  const isNarrow = useIsNarrow();
  const [isNavigationOpen, setNavigationOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useShortcuts();

  useEffect(() => {
    setNavigationOpen(false);
    main.current?.scrollTo(0, 0);
  }, [pathname]);

  return (
    <div className={styles.page}>
      <a
        className={styles.skip}
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to content
      </a>
      <TopBar onOpenNavigation={isNarrow ? () => setNavigationOpen(true) : undefined} />
      <div className={styles.below}>
        <SideNavigation
          isNarrow={isNarrow}
          isOpen={!isNarrow || isNavigationOpen}
          onClose={() => setNavigationOpen(false)}
        />
        <main ref={main} id="content" tabIndex={-1} className={styles.content}>
          <Outlet />
        </main>
      </div>
      <RunningWork />
    </div>
  );
}
