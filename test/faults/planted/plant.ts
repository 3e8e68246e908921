import { registerHooks } from 'node:module';
import type { Plant } from './plants.ts';

// Loaded into a server before its own program (NODE_OPTIONS=--import=…): replaces text of its
// sources as they are read, so that the product itself carries no switch for its tests. A text that
// isn't there ends the start: the plant has to follow the source.

const plants = JSON.parse(process.env['PLANTED'] ?? '[]') as Plant[];

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const here = plants.filter(({ file }) => url.endsWith(`/${file}`));
    if (here.length === 0) return loaded;
    let source = Buffer.from(loaded.source as Uint8Array).toString('utf8');
    for (const { file, find, put } of here) {
      if (!source.includes(find)) throw new Error(`The text to be replaced isn't in ${file} any more: ${find}`);
      source = source.replaceAll(find, () => put);
      process.stderr.write(`planted in ${file}\n`);
    }
    return { ...loaded, source };
  },
});
