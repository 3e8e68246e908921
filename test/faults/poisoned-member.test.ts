import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { judge } from './checker/checker.ts';
import { readState } from './checker/state.ts';
import { prepare, settle, tell, type Stage } from './history/episode.ts';
import { install, type Installation } from './history/installation.ts';

const SEED = 1;
const SEATS = 100;

describe('a sign-in that the database can not take', () => {
  let installation: Installation;
  let stage: Stage;
  before(async () => {
    installation = await install();
    await installation.start();
    stage = await prepare(installation, SEED, 60);
  });
  after(() => installation.close());

  it('fails alone, whoever arrives together with it, and is answered once it can be taken', async () => {
    const { recorder, organisation, urls } = stage;
    const { client, users, apps, purchases } = organisation.tenants[0];
    const url = urls[0]!;
    const { appId } = apps[0]!;
    const poisoned = users[23]!;
    const began = await readState(installation.pool, organisation.tenantIds, recorder.now);
    for (const subscriptionId of purchases) {
      await recorder.perform(url, client, { do: 'set quantity', subscriptionId, totalLicenses: SEATS });
    }
    await installation.pool.query(`
      create function poison() returns trigger language plpgsql as $$ begin
        if new.user_id = '${poisoned}' then raise exception 'poisoned'; end if;
        return new;
      end $$;
      create trigger poison before insert on claims for each row execute function poison()`);
    const signIn = (userId: string) =>
      recorder.perform(url, client, { do: 'sign in', appId, userId, correlationId: `of ${userId}` });
    const told = await Promise.all(users.map(signIn));
    for (const { request, status, answer } of told) {
      if (request.userId === poisoned) assert.ok(status! >= 500, `${status}`);
      else assert.deepEqual([status, answer.outcome], [200, 'claimed'], JSON.stringify(answer));
    }
    assert.match(installation.logs[0]!, /poisoned/);
    await installation.pool.query('drop trigger poison on claims');
    assert.equal((await signIn(poisoned)).answer.outcome, 'claimed');

    await settle(stage);
    const ended = await readState(installation.pool, organisation.tenantIds, recorder.now);
    const { operations } = recorder;
    const { logs } = installation;
    const faults = judge({ before: began, operations, after: ended, canaries: organisation.canaries, logs });
    assert.equal(faults.length, 0, tell(faults));
  });

  it('is refused with its request where its text is none', async () => {
    const { organisation, urls } = stage;
    const { client, users, apps } = organisation.tenants[0];
    const send = (who: string) =>
      fetch(`${urls[0]!}/v1.0/signIns`, {
        method: 'POST',
        headers: { authorization: `Bearer ${client.token}`, 'content-type': 'application/json' },
        // As text: half of a surrogate pair, which JSON can write and PostgreSQL can't keep.
        body: `{"appId":"${apps[1]!.appId}",${who}}`,
      });
    const answers = await Promise.all(
      users.map((userId, at) => send(at === 7 ? `"userPrincipalName":"\\ud800@x.example"` : `"userId":"${userId}"`)),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      users.map((_, at) => (at === 7 ? 400 : 200)),
    );
  });
});
