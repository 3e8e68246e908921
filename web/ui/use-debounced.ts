import { useEffect, useState } from 'react';

/** A value that follows another once it has stood still: one request for a word, not one for each letter. */
export function useDebounced<T>(value: T, afterMs = 300): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}
