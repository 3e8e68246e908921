import { readdirSync, readFileSync } from 'node:fs';

const KIB_PER_MB = 1_000_000 / 1_024;

/** Memory of a process over time. */
export interface MemoryWatch {
  /** What it had at each look until now, in MB (of a million bytes), since the last time of asking. */
  take(): number[];
  stop(): void;
}

/** Looks again and again at the resident memory of a process and those that it has started; by Linux's /proc. */
export function watchMemory(processId: number, everyMs = 200): MemoryWatch {
  let samples: number[] = [];
  const timer = setInterval(() => {
    const size = memoryOf(processId);
    if (size > 0) samples.push(size);
  }, everyMs);
  return {
    take() {
      const taken = samples;
      samples = [];
      return taken;
    },
    stop: () => clearInterval(timer),
  };
}

/** In MB; 0 where it can't be told. */
export function memoryOf(processId: number): number {
  const sizes = family(processId).map((id) => Number(/^VmRSS:\s+(\d+) kB/m.exec(statusOf(id))?.[1] ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0) / KIB_PER_MB;
}

function family(processId: number): number[] {
  const parents = new Map<number, number>();
  try {
    for (const name of readdirSync('/proc')) {
      const parent = /^PPid:\s+(\d+)/m.exec(/^\d+$/.test(name) ? statusOf(Number(name)) : '')?.[1];
      if (parent !== undefined) parents.set(Number(name), Number(parent));
    }
  } catch {
    return [processId];
  }
  const found = [processId];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found;
}

function statusOf(processId: number): string {
  try {
    return readFileSync(`/proc/${processId}/status`, 'utf8');
  } catch {
    return ''; // it has just ended, or this isn't Linux
  }
}
