import { Combobox, Field, Input, makeStyles, Option } from '@fluentui/react-components';
import { useState } from 'react';
import { countryName, countryTyped, matchingCountries } from './countries.ts';

interface Properties {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly validationMessage?: string | undefined;
  /** The country's code; '' for none. */
  readonly value: string;
  readonly onChange: (code: string) => void;
  /** It can be read and not changed. */
  readonly isReadOnly?: boolean;
}

const useStyles = makeStyles({
  box: { minWidth: 0 },
  list: { maxHeight: '280px' },
});

/** Chooses a country by its name or code, by typing or from the list; what is typed and is none goes with the focus. */
export function CountryBox({ label, hint, validationMessage, value, onChange, isReadOnly = false }: Properties) {
  const styles = useStyles();
  /** What is being typed, and what was chosen before: it counts again until a name or code is whole. */
  const [typed, setTyped] = useState<{ text: string; before: string }>();
  const [isOpen, setOpen] = useState(false);
  const change = (code: string) => code !== value && onChange(code);
  const type = (text: string) => {
    const before = typed?.before ?? value;
    setTyped({ text, before });
    // What is pasted opens the list, too.
    setOpen(text.trim() !== '');
    change(text.trim() === '' ? '' : (countryTyped(text)?.code ?? before));
  };
  const choose = (code: string) => {
    setTyped(undefined);
    setOpen(false);
    change(code);
  };
  const matching = matchingCountries(typed?.text ?? '');
  return (
    <Field label={label} hint={hint} validationMessage={validationMessage}>
      {isReadOnly ? (
        <Input readOnly value={countryName(value)} />
      ) : (
        <Combobox
          clearable
          freeform
          className={styles.box}
          listbox={{ className: styles.list }}
          placeholder="None"
          autoComplete="off"
          value={typed?.text ?? countryName(value)}
          selectedOptions={value === '' ? [] : [value]}
          open={isOpen}
          onOpenChange={(_, { open }) => setOpen(open)}
          onChange={(event) => type(event.target.value)}
          onBlur={() => setTyped(undefined)}
          onKeyDownCapture={(event) => {
            if (event.key !== 'Enter' && event.key !== 'Tab') return;
            const [only, other] = matching;
            // The one that is left needs no arrow key first. The library would choose what it had marked before.
            if (typed?.text.trim() && only && !other) {
              if (event.key === 'Enter') event.preventDefault();
              event.stopPropagation();
              choose(only.code);
            } else if (event.key === 'Tab') {
              // It would choose the first of the list for who only looked, and goes on.
              event.stopPropagation();
              setOpen(false);
            }
          }}
          onOptionSelect={(event, { optionValue }) => {
            // The library takes the choice back while another name is being typed; here it stays until there is one.
            if (optionValue || event.type !== 'change') choose(optionValue ?? '');
          }}
        >
          {matching.map(({ code, name }) => (
            <Option key={code} value={code} text={name}>
              {`${name} (${code})`}
            </Option>
          ))}
          {matching.length === 0 && (
            <Option key="none" value="" text="" disabled>
              No country has this name or code
            </Option>
          )}
        </Combobox>
      )}
    </Field>
  );
}
