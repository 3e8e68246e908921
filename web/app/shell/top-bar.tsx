import {
  Avatar,
  Button,
  Link,
  makeStyles,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Text,
  tokens,
} from '@fluentui/react-components';
import { NavigationRegular, QuestionCircleRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { usePerson } from '../../ui/person.ts';
import { useTheme, type ThemeChoice } from '../../ui/theme.tsx';
import { goToSignOut } from '../openid.ts';
import { useSession } from '../session-provider.tsx';
import { ShortcutsDialog } from './shortcuts.tsx';

const useStyles = makeStyles({
  bar: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    height: '48px',
    flexShrink: 0,
    paddingInline: tokens.spacingHorizontalM,
    backgroundColor: tokens.colorNeutralBackground3,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  name: { flexGrow: 1, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  // A name may need several lines.
  who: { height: 'auto', paddingBlock: tokens.spacingVerticalXS, lineHeight: tokens.lineHeightBase200 },
  person: { maxWidth: '280px', overflowWrap: 'anywhere' },
});

const THEMES: readonly { value: ThemeChoice; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

/** The bar at the top: where one is, help, and who one is. */
export function TopBar({ onOpenNavigation }: { onOpenNavigation: (() => void) | undefined }) {
  const styles = useStyles();
  return (
    <header className={styles.bar}>
      {onOpenNavigation && (
        <Button
          appearance="subtle"
          icon={<NavigationRegular />}
          aria-label="Open navigation"
          onClick={onOpenNavigation}
        />
      )}
      <Text weight="semibold" size={400} className={styles.name}>
        Autoclaim admin center
      </Text>
      <Link href="/docs" target="_blank" aria-label="API reference (new tab)">
        <QuestionCircleRegular fontSize={20} aria-hidden />
      </Link>
      <PersonMenu />
    </header>
  );
}

function PersonMenu() {
  const styles = useStyles();
  const person = usePerson();
  const session = useSession();
  const { choice, choose } = useTheme();
  const [isShowingShortcuts, setShowingShortcuts] = useState(false);
  return (
    <>
      <Menu
        checkedValues={{ theme: [choice] }}
        onCheckedValueChange={(_, { checkedItems }) => choose(checkedItems[0] as ThemeChoice)}
      >
        <MenuTrigger disableButtonEnhancement>
          <Button
            appearance="transparent"
            icon={<Avatar name={person.displayName} size={28} aria-hidden />}
            aria-label={`Account of ${person.displayName}`}
          />
        </MenuTrigger>
        <MenuPopover>
          <MenuList className={styles.person}>
            <MenuGroup>
              <MenuGroupHeader className={styles.who}>
                {person.displayName}
                <br />
                {person.userPrincipalName}
              </MenuGroupHeader>
            </MenuGroup>
            <MenuDivider />
            <MenuGroup>
              <MenuGroupHeader>Theme</MenuGroupHeader>
              {THEMES.map(({ value, label }) => (
                <MenuItemRadio key={value} name="theme" value={value}>
                  {label}
                </MenuItemRadio>
              ))}
            </MenuGroup>
            <MenuDivider />
            <MenuItem onClick={() => setShowingShortcuts(true)}>Keyboard shortcuts</MenuItem>
            <MenuItem onClick={() => goToSignOut(session.token)}>Sign out</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      <ShortcutsDialog open={isShowingShortcuts} onClose={() => setShowingShortcuts(false)} />
    </>
  );
}
