import { Button, Spinner } from '@fluentui/react-components';
import { ArrowDownloadRegular, DismissRegular } from '@fluentui/react-icons';
import { useEffect, useRef, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { saveFile } from '../../ui/download.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { count, formatNumber } from '../../ui/number.ts';
import { exportEntries } from './export-entries.ts';

/** Makes a CSV file of all the entries that the list is narrowed to; shows how far it is, and can be given up. */
export function ExportButton({ path }: { path: string }) {
  const api = useApi();
  const notify = useNotify();
  const [done, setDone] = useState<number>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const run = async () => {
    const controller = new AbortController();
    running.current = controller;
    setDone(0);
    try {
      let total = 0;
      const onProgress = (now: number) => {
        total = now;
        setDone(now);
      };
      saveFile(await exportEntries(api, path, onProgress, controller.signal), 'audit.csv');
      notify.success(`${count(total, 'change')} exported`);
    } catch (error) {
      if (!controller.signal.aborted)
        notify.error('The export didn’t work', error instanceof Error ? error.message : '');
    }
    setDone(undefined);
  };
  if (done === undefined) {
    return (
      <Button icon={<ArrowDownloadRegular />} onClick={() => void run()}>
        Export
      </Button>
    );
  }
  return (
    <>
      <Spinner size="tiny" label={`${formatNumber(done)} exported so far`} />
      <Button appearance="subtle" icon={<DismissRegular />} onClick={() => running.current?.abort()}>
        Stop
      </Button>
    </>
  );
}
