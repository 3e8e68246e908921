import { makeStyles, Tab, TabList, tokens } from '@fluentui/react-components';
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { PageTitle } from '../../ui/page-title.tsx';

const TABS = [
  { path: '/licenses', label: 'Licenses' },
  { path: '/licenses/auto-claim', label: 'Auto-claim policy' },
] as const;

const useStyles = makeStyles({ tabs: { marginBottom: tokens.spacingVerticalM, marginInlineStart: '-12px' } });

/** Billing > Licenses: the frame of its two tabs, which are features of their own. */
export function LicensesPage() {
  const styles = useStyles();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  return (
    <>
      <PageTitle title="Licenses" />
      <TabList
        className={styles.tabs}
        selectedValue={pathname.startsWith('/licenses/auto-claim') ? '/licenses/auto-claim' : '/licenses'}
        onTabSelect={(_, { value }) => void navigate({ to: TABS.find(({ path }) => path === value)!.path })}
      >
        {TABS.map(({ path, label }) => (
          <Tab key={path} value={path}>
            {label}
          </Tab>
        ))}
      </TabList>
      <Outlet />
    </>
  );
}
