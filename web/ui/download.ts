import { useCallback } from 'react';
import { useApi } from './api.ts';

/** Fetches a file with the person's token and hands it to the browser as a download. @throws ApiFailure */
export function useDownload(): (path: string, fileName: string, accept?: string) => Promise<void> {
  const api = useApi();
  return useCallback(
    async (path, fileName, accept = 'text/csv') => {
      const response = await api.fetch(path, { headers: { accept } });
      saveFile(await response.blob(), fileName);
    },
    [api],
  );
}

/** Hands a file that was made here to the browser as a download. */
export function saveFile(file: Blob, fileName: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
