import { FluentProvider, webDarkTheme, webLightTheme } from '@fluentui/react-components';
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';

export type ThemeChoice = 'system' | 'light' | 'dark';

const KEY = 'autoclaim.theme';
const DARK = matchMedia('(prefers-color-scheme: dark)');

interface Theme {
  readonly choice: ThemeChoice;
  readonly isDark: boolean;
  choose(choice: ThemeChoice): void;
}

const ThemeContext = createContext<Theme>({
  choice: 'system',
  isDark: false,
  choose: () => undefined,
});

/** The theme that was chosen, whether it is dark now, and the way to choose another. */
export const useTheme = () => useContext(ThemeContext);

/** Fluent's light or dark theme: as chosen, else as the system has it. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const [choice, setChoice] = useState<ThemeChoice>(
    () => (localStorage.getItem(KEY) as ThemeChoice | null) ?? 'system',
  );
  const [isSystemDark, setSystemDark] = useState(DARK.matches);
  useEffect(() => {
    const follow = (event: MediaQueryListEvent) => setSystemDark(event.matches);
    DARK.addEventListener('change', follow);
    return () => DARK.removeEventListener('change', follow);
  }, []);
  const isDark = choice === 'dark' || (choice === 'system' && isSystemDark);
  const context = useMemo(
    () => ({
      choice,
      isDark,
      choose(next: ThemeChoice) {
        localStorage.setItem(KEY, next);
        setChoice(next);
      },
    }),
    [choice, isDark],
  );
  return (
    <ThemeContext.Provider value={context}>
      <FluentProvider theme={isDark ? webDarkTheme : webLightTheme} style={{ minHeight: '100%' }}>
        {children}
      </FluentProvider>
    </ThemeContext.Provider>
  );
}
