import {
  makeStyles,
  NavCategory,
  NavCategoryItem,
  NavDrawer,
  NavDrawerBody,
  NavItem,
  NavSubItem,
  NavSubItemGroup,
} from '@fluentui/react-components';
import {
  DocumentTableSearchRegular,
  HomeRegular,
  PeopleRegular,
  PeopleTeamRegular,
  PersonKeyRegular,
  ReceiptRegular,
  DataBarVerticalRegular,
  SettingsRegular,
} from '@fluentui/react-icons';
import { useLocation, useNavigate } from '@tanstack/react-router';
import type { ComponentType, MouseEvent } from 'react';
import { usePerson } from '../../ui/person.ts';
import { NAVIGATION, type IconName, type Place, type Section } from './navigation.ts';

const ICONS: Record<IconName, ComponentType<{ fontSize: number }>> = {
  home: HomeRegular,
  users: PeopleRegular,
  groups: PeopleTeamRegular,
  billing: ReceiptRegular,
  reports: DataBarVerticalRegular,
  settings: SettingsRegular,
  audit: DocumentTableSearchRegular,
  licenses: PersonKeyRegular,
};

const useStyles = makeStyles({ inline: { width: '240px', flexShrink: 0 } });

interface Properties {
  readonly isNarrow: boolean;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** The places that this person may go to; over the page on a narrow window, beside it else. */
export function SideNavigation({ isNarrow, isOpen, onClose }: Properties) {
  const styles = useStyles();
  const person = usePerson();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const mayGo = ({ scopes }: Place) => scopes.length === 0 || scopes.some((scope) => person.may(scope));
  const sections = NAVIGATION.map((section) => ({ ...section, places: section.places.filter(mayGo) })).filter(
    ({ places }) => places.length > 0,
  );
  const places = sections.flatMap((section) => section.places);
  // The nearest: /settings/hooks is below /settings, and a place of its own.
  const current = places
    .filter(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
    .toSorted((one, other) => other.path.length - one.path.length)[0];
  const go = (path: string) => (event: MouseEvent) => {
    // A click with a key held opens another tab or window, as for any link.
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onClose();
    void navigate({ to: path });
  };

  return (
    <NavDrawer
      className={styles.inline}
      type={isNarrow ? 'overlay' : 'inline'}
      open={isOpen}
      onOpenChange={(_, { open }) => !open && onClose()}
      selectedValue={current?.path ?? ''}
      selectedCategoryValue={sections.find((section) => current && section.places.includes(current))?.label}
      defaultOpenCategories={sections.map(({ label }) => label)}
      aria-label="Main"
      // Over the page it is a dialog, which closes by Escape.
      role={isNarrow ? 'dialog' : 'navigation'}
      tabIndex={-1}
    >
      <NavDrawerBody>
        {sections.map((section) =>
          isPlaceOfItsOwn(section) ? (
            <NavItem
              key={section.label}
              as="a"
              href={section.places[0]!.path}
              value={section.places[0]!.path}
              icon={icon(section.icon)}
              onClick={go(section.places[0]!.path)}
            >
              {section.label}
            </NavItem>
          ) : (
            <NavCategory key={section.label} value={section.label}>
              <NavCategoryItem icon={icon(section.icon)}>{section.label}</NavCategoryItem>
              <NavSubItemGroup>
                {section.places.map(({ label, path }) => (
                  <NavSubItem key={path} as="a" href={path} value={path} onClick={go(path)}>
                    {label}
                  </NavSubItem>
                ))}
              </NavSubItemGroup>
            </NavCategory>
          ),
        )}
      </NavDrawerBody>
    </NavDrawer>
  );
}

function icon(name: IconName) {
  const Icon = ICONS[name];
  return <Icon fontSize={20} />;
}

function isPlaceOfItsOwn({ label, places }: Section): boolean {
  return places.length === 1 && places[0]!.label === label;
}
