import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Notifications } from '../ui/notifications.tsx';
import { ThemeProvider } from '../ui/theme.tsx';
import { queryClient } from './query-client.ts';
import { router } from './router.tsx';
import { SessionProvider } from './session-provider.tsx';

export function App() {
  return (
    <ThemeProvider>
      <QueryClientProvider client={queryClient}>
        <SessionProvider>
          <Notifications>
            <RouterProvider router={router} />
          </Notifications>
        </SessionProvider>
      </QueryClientProvider>
    </ThemeProvider>
  );
}
