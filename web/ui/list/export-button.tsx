import { Button, Spinner } from '@fluentui/react-components';
import { ArrowDownloadRegular, DismissRegular } from '@fluentui/react-icons';
import { useEffect, useRef, useState } from 'react';
import { useApi } from '../api.ts';
import { saveFile } from '../download.ts';
import { useNotify } from '../notifications.tsx';
import { count, formatNumber } from '../number.ts';
import { exportRows, type CsvColumn } from './export-rows.ts';

interface Properties<Row> {
  /** Of the list's first page, as it is narrowed and ordered. */
  readonly path: string;
  readonly columns: readonly CsvColumn<Row>[];
  /** audit.csv */
  readonly fileName: string;
  /** One and several: ["change", "changes"]. */
  readonly noun: readonly [one: string, several: string];
}

/** Makes a CSV file of all the rows that the list is narrowed to; shows how far it is, and can be given up. */
export function ExportButton<Row>({ path, columns, fileName, noun }: Properties<Row>) {
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
      saveFile(await exportRows(api, path, columns, onProgress, controller.signal), fileName);
      notify.success(`${count(total, ...noun)} exported`);
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
