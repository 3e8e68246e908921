import {
  Button,
  Link,
  makeStyles,
  SearchBox,
  Skeleton,
  SkeletonItem,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useState } from 'react';
import { countryName } from '../../ui/countries.ts';
import { PageTitle } from '../../ui/page-title.tsx';
import { usePane } from '../../ui/search-parameter.ts';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { FirstSignInPane } from './first-sign-in-pane.tsx';
import { OwnedAppsPane } from './owned-apps-pane.tsx';
import { useSetting, type AutoClaimSetting } from './setting-api.ts';
import { UsageLocationPane } from './usage-location-pane.tsx';

interface Row {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly state: (setting: AutoClaimSetting) => string;
}

/** In the order of their names, as in the Microsoft 365 admin center. */
const ROWS: readonly Row[] = [
  {
    key: 'usage-location',
    name: 'Default usage location',
    description: 'The country that counts for people whose own isn’t set, when they claim a license.',
    state: ({ defaultUsageLocation }) =>
      defaultUsageLocation === null ? 'Not set' : countryName(defaultUsageLocation),
  },
  {
    key: 'owned-apps',
    name: 'User owned apps and services',
    description: 'Let users auto-claim licenses.',
    state: ({ isEnabled }) => (isEnabled ? 'On' : 'Off'),
  },
  {
    key: 'first-sign-in',
    name: 'Users on first sign-in',
    description: 'Create people who sign in through your identity provider and aren’t users yet.',
    state: ({ createUsersOnSignIn, allowedDomains }) =>
      !createUsersOnSignIn ? 'Off' : allowedDomains.length === 0 ? 'On, for no domain' : 'On',
  },
];

const useStyles = makeStyles({
  search: { marginBottom: tokens.spacingVerticalM, width: '320px', maxWidth: '100%' },
  wide: { '@media (max-width: 640px)': { display: 'none' } },
  state: { width: '120px' },
});

/** Settings > Org settings. */
export function SettingsPage() {
  const styles = useStyles();
  const [searched, setSearched] = useState('');
  const { data: setting, error, refetch } = useSetting();
  const { value: pane, open, close } = usePane('pane');
  const rows = ROWS.filter(({ name, description }) =>
    `${name} ${description}`.toLowerCase().includes(searched.trim().toLowerCase()),
  );

  return (
    <>
      <PageTitle title="Org settings" />
      <SearchBox
        aria-keyshortcuts="Alt+Q"
        className={styles.search}
        placeholder="Search all settings"
        aria-label="Search all settings"
        value={searched}
        onChange={(_, { value }) => setSearched(value)}
      />
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {rows.length === 0 ? (
        <EmptyState
          title="No setting has these words"
          action={<Button onClick={() => setSearched('')}>Show all</Button>}
        />
      ) : (
        <Table aria-label="Settings">
          <TableHeader>
            <TableRow>
              <TableHeaderCell>Name</TableHeaderCell>
              <TableHeaderCell className={styles.wide}>Description</TableHeaderCell>
              <TableHeaderCell className={styles.state}>Now</TableHeaderCell>
            </TableRow>
          </TableHeader>
          <TableBody>
            {rows.map((row) => (
              <TableRow key={row.key} onClick={() => open(row.key)}>
                <TableCell>
                  <Link as="button" onClick={() => open(row.key)}>
                    {row.name}
                  </Link>
                </TableCell>
                <TableCell className={styles.wide}>
                  <Text>{row.description}</Text>
                </TableCell>
                <TableCell>{setting ? row.state(setting) : <Waiting />}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
      {setting && pane === 'owned-apps' && <OwnedAppsPane setting={setting} onClose={close} />}
      {setting && pane === 'first-sign-in' && <FirstSignInPane setting={setting} onClose={close} />}
      {setting && pane === 'usage-location' && <UsageLocationPane setting={setting} onClose={close} />}
    </>
  );
}

function Waiting() {
  return (
    <Skeleton aria-label="Loading">
      <SkeletonItem size={16} />
    </Skeleton>
  );
}
