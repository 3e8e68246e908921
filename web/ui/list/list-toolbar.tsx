import { Dropdown, makeStyles, Option, SearchBox, tokens } from '@fluentui/react-components';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useDebounced } from '../use-debounced.ts';
import { SEARCH_LENGTH_MAX, type ListState } from './list-state.ts';

const useStyles = makeStyles({
  toolbar: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    marginBottom: tokens.spacingVerticalM,
  },
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXS, flexGrow: 1 },
  search: { width: '260px', maxWidth: '100%' },
  filter: { minWidth: '160px' },
});

interface Properties {
  readonly state: ListState;
  /** What is searched: "Search users". Without it there is no search box. */
  readonly searchLabel?: string;
  readonly filters?: ReactNode;
  /** Buttons at the left. */
  readonly actions?: ReactNode;
}

/** Above a list: what can be done with it, its filters, its search. */
export function ListToolbar({ state, searchLabel, filters, actions }: Properties) {
  const styles = useStyles();
  return (
    <div className={styles.toolbar}>
      <div className={styles.actions}>{actions}</div>
      {filters}
      {searchLabel && <Search label={searchLabel} state={state} />}
    </div>
  );
}

function Search({ label, state }: { label: string; state: ListState }) {
  const styles = useStyles();
  const [typed, setTyped] = useState(state.search);
  const settled = useDebounced(typed);
  const sent = useRef(state.search);
  useEffect(() => {
    if (settled.trim() === sent.current) return;
    sent.current = settled.trim();
    state.setSearch(sent.current);
  });
  // The back button, or "Clear filters", has changed it.
  if (state.search !== sent.current && settled === typed) {
    sent.current = state.search;
    setTyped(state.search);
  }
  return (
    <SearchBox
      aria-keyshortcuts="Alt+Q"
      className={styles.search}
      aria-label={label}
      placeholder={label}
      maxLength={SEARCH_LENGTH_MAX}
      value={typed}
      onChange={(_, { value }) => setTyped(value)}
    />
  );
}

interface FilterProperties {
  readonly state: ListState;
  readonly name: string;
  readonly label: string;
  /** The choices by their value; "All" is added. */
  readonly choices: Readonly<Record<string, string>>;
}

/** A filter with few choices. */
export function ListFilter({ state, name, label, choices }: FilterProperties) {
  const styles = useStyles();
  const value = state.filter(name) ?? '';
  return (
    <Dropdown
      className={styles.filter}
      aria-label={label}
      value={value === '' ? `${label}: All` : `${label}: ${choices[value] ?? value}`}
      selectedOptions={[value]}
      onOptionSelect={(_, { optionValue }) => state.setFilter(name, optionValue)}
    >
      <Option value="">All</Option>
      {Object.entries(choices).map(([choice, text]) => (
        <Option key={choice} value={choice}>
          {text}
        </Option>
      ))}
    </Dropdown>
  );
}
