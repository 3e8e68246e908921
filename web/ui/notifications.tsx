import { Toast, ToastBody, Toaster, ToastTitle, useId, useToastController } from '@fluentui/react-components';
import { createContext, useContext, useMemo, type ReactNode } from 'react';

/** Says what happened, in a corner of the page; a screen reader reads it out. */
export interface Notify {
  success(title: string, body?: string): void;
  error(title: string, body?: string): void;
}

const NotifyContext = createContext<Notify>({ success: () => undefined, error: () => undefined });

export const useNotify = () => useContext(NotifyContext);

export function Notifications({ children }: { children: ReactNode }) {
  const toasterId = useId('notifications');
  const { dispatchToast } = useToastController(toasterId);
  const notify = useMemo<Notify>(() => {
    const show = (intent: 'success' | 'error') => (title: string, body?: string) =>
      dispatchToast(
        <Toast>
          <ToastTitle>{title}</ToastTitle>
          {body && <ToastBody>{body}</ToastBody>}
        </Toast>,
        // What went wrong stays until it has been read.
        { intent, timeout: intent === 'error' ? -1 : 5_000 },
      );
    return { success: show('success'), error: show('error') };
  }, [dispatchToast]);
  return (
    <NotifyContext.Provider value={notify}>
      {children}
      <Toaster toasterId={toasterId} position="top-end" />
    </NotifyContext.Provider>
  );
}
