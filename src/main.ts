import cluster from 'node:cluster';
import { runCommandLine } from './cli/command-line.ts';
import { readConfig, type Config } from './config.ts';

// The program: `main.ts serve` (or nothing) starts the server, all else is a command (cli/). What a
// person should read of the server goes to stdout, the log to stderr. The server is loaded where it is
// started: a command shouldn't wait for it.

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function run(): Promise<void> {
  const [{ announce }, { explainFailure }, { openLog }, { serve }, { stopOnSignals }] = await Promise.all([
    import('./start-up/announce.ts'),
    import('./start-up/failure.ts'),
    import('./start-up/log.ts'),
    import('./start-up/serve.ts'),
    import('./start-up/stop.ts'),
  ]);
  let config: Config | undefined;
  let log = openLog('info');
  try {
    config = readConfig();
    log = openLog(config.logLevel);
    // Logged as all else is, since an error's own print may hold what it is about; a supervisor starts anew.
    process.on('uncaughtException', (err) => {
      log.fatal({ err }, 'A fault that nothing caught: the process ends.');
      process.exit(1);
    });
    if (cluster.isWorker) {
      const { work } = await import('./start-up/worker.ts');
      await work(config, log.child({ worker: cluster.worker?.id }));
      return;
    }
    for (const name of config.unknownSettings) say(`Warning: ${name} is no setting of this version; it has no effect.`);
    const starting = serve(config, log, say);
    stopOnSignals(() => starting.then((server) => server.stop()), say);
    say(announce(config, (await starting).organisation));
  } catch (err) {
    log.debug({ err }, 'The start failed.');
    process.stderr.write(`${explainFailure(err, config)}\n`);
    process.exit(1);
  }
}

// A terminal or pipe that is gone is no reason to stop serving.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

await runCommandLine(process.argv.slice(2), run);
