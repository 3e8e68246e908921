import { Combobox, Field, makeStyles, Option, Tag, TagGroup, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, type Page } from './api.ts';
import { useDebounced } from './use-debounced.ts';

/** Something that can be chosen. */
export interface Choice {
  readonly id: string;
  readonly name: string;
  /** What tells it from others of the same name: a user principal name. */
  readonly detail?: string;
}

interface Properties<T> {
  readonly label: string;
  readonly hint?: string;
  readonly validationMessage?: string | undefined;
  /** Begins with the noun. */
  readonly queryKey: readonly string[];
  /** The path that finds them by what was typed ('' finds the first few). */
  readonly pathOf: (search: string) => string;
  readonly choiceOf: (found: T) => Choice;
  readonly chosen: readonly Choice[];
  readonly onChange: (chosen: readonly Choice[]) => void;
  /** Only one can be chosen; choosing another replaces it. */
  readonly isSingle?: boolean;
}

const useStyles = makeStyles({
  tags: {
    flexWrap: 'wrap',
    rowGap: tokens.spacingVerticalXS,
    marginBottom: tokens.spacingVerticalXS,
    maxWidth: '100%',
  },
  tag: { maxWidth: '100%' },
  box: { width: '100%', maxWidth: '420px', minWidth: 0 },
  list: { maxHeight: '280px' },
});

/** Chooses users, groups or products by typing: the server searches, so there may be any number of them. */
export function Picker<T>(properties: Properties<T>) {
  const { label, hint, validationMessage, queryKey, pathOf, choiceOf, chosen, onChange, isSingle = false } = properties;
  const styles = useStyles();
  const api = useApi();
  const [typed, setTyped] = useState('');
  const [isOpen, setOpen] = useState(false);
  const search = useDebounced(typed.trim());
  const path = pathOf(search);
  const { data, isPending, isError } = useQuery({
    queryKey: [...queryKey, 'picker', path],
    queryFn: ({ signal }) => api.get<Page<T>>(path, signal),
    enabled: isOpen,
  });
  const choices = (data?.value ?? []).map(choiceOf).filter(({ id }) => !chosen.some((one) => one.id === id));
  return (
    <Field label={label} hint={hint} validationMessage={validationMessage}>
      {(field) => (
        <div>
          {chosen.length > 0 && (
            <TagGroup
              className={styles.tags}
              aria-label={`Chosen: ${label}`}
              onDismiss={(_, { value }) => onChange(chosen.filter(({ id }) => id !== value))}
            >
              {chosen.map(({ id, name }) => (
                <Tag key={id} value={id} className={styles.tag} dismissible dismissIcon={{ 'aria-label': 'Remove' }}>
                  {name}
                </Tag>
              ))}
            </TagGroup>
          )}
          <Combobox
            {...field}
            freeform
            className={styles.box}
            listbox={{ className: styles.list }}
            placeholder="Type to search"
            value={typed}
            selectedOptions={[]}
            open={isOpen}
            onOpenChange={(_, { open }) => setOpen(open)}
            onChange={(event) => {
              setTyped(event.target.value);
              // What is pasted opens the list, too.
              setOpen(true);
            }}
            onOptionSelect={(_, { optionValue }) => {
              const choice = choices.find(({ id }) => id === optionValue);
              setTyped('');
              if (choice) onChange(isSingle ? [choice] : [...chosen, choice]);
            }}
          >
            {choices.map(({ id, name, detail }) => (
              <Option key={id} value={id} text={name}>
                {detail ? `${name} (${detail})` : name}
              </Option>
            ))}
            {choices.length === 0 && (
              <Option key="none" value="" text="" disabled>
                {isError ? 'The server can’t be asked now.' : isPending ? 'Searching …' : 'Nothing found'}
              </Option>
            )}
          </Combobox>
        </div>
      )}
    </Field>
  );
}
