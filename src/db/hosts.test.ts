import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultOfHosts, hostsOf, tellHosts } from './hosts.ts';

describe('the hosts of a DATABASE_URL', () => {
  const at = (host: string, port = 5432) => ({ host, port });

  it('are read in both of libpq’s forms, and the rest of the URL is kept', () => {
    assert.deepEqual(hostsOf('postgresql://ann:p%40ss@one,two:5433/name?sslmode=verify-full'), {
      url: 'postgresql://ann:p%40ss@one:5432/name?sslmode=verify-full',
      hosts: [at('one'), at('two', 5433)],
    });
    assert.deepEqual(hostsOf('postgres:///name?host=one,two&port=5433,5434&target_session_attrs=read-write&user=ann'), {
      url: 'postgres://one:5433/name?user=ann',
      hosts: [at('one', 5433), at('two', 5434)],
    });
    assert.deepEqual(hostsOf('postgresql://ann@/name?host=one,two&port=5433')?.hosts, [
      at('one', 5433),
      at('two', 5433),
    ]);
    assert.deepEqual(hostsOf('postgresql://[::1]:5433,[fe80::1]/name'), {
      url: 'postgresql://[::1]:5433/name',
      hosts: [at('::1', 5433), at('fe80::1')],
    });
    assert.deepEqual(
      hostsOf('postgresql:///name?host=/run/one,/run/two')?.url,
      'postgresql://localhost:5432/name?host=%2Frun%2Fone',
    );
  });

  it('are nothing to us where there is one', () => {
    for (const url of [
      'postgresql://one/name',
      'postgresql://ann:a,b@one:5433/name',
      'postgresql:///name?host=/run/postgresql',
      'postgresql://localhost/name?application_name=a,b',
    ]) {
      assert.equal(hostsOf(url), undefined, url);
    }
  });

  it('are told without user and password', () => {
    assert.equal(tellHosts('postgresql://ann:secret@one,[::1]:5433/name'), 'one:5432, [::1]:5433');
  });

  it('are refused where they don’t go together, or where no host that takes writes is wanted', () => {
    assert.equal(faultOfHosts('postgresql://one,two/name?target_session_attrs=read-write'), undefined);
    assert.match(faultOfHosts('postgresql://one,two/name?target_session_attrs=standby')!, /must be read-write/);
    assert.equal(faultOfHosts('postgresql:///name?host=one,two,three&port=1,2'), 'it names 3 hosts and 2 ports');
    assert.equal(faultOfHosts('postgresql://one,two:0/name'), 'it names the port 0');
  });
});
