import assert from 'node:assert/strict';
import { goOn } from './app-client.ts';
import { openBrowser, type TestPerson } from './people.ts';
import type { TestServer } from './server.ts';

/** A person types a program's code in a browser, confirms it, and signs in. */
export async function confirmDevice(server: TestServer, userCode: string, person: TestPerson): Promise<void> {
  const browser = openBrowser(server);
  const address = `${server.url}/${server.tenantId}/device`;
  const secretOf = (page: string) => /name="xsrf" value="([^"]+)"/.exec(page)![1]!;
  const first = await (await browser.get(address)).text();
  const typed = await browser.post(address, { xsrf: secretOf(first), user_code: userCode });
  const form = { xsrf: secretOf(await typed.text()), user_code: userCode, confirm: 'yes' };
  const next = await goOn(browser, server, await browser.post(address, form), address);
  const { userPrincipalName: userName, password } = person;
  const signedIn = await browser.post(next.page!.url, { userName, password });
  const end = await goOn(browser, server, signedIn, next.page!.url);
  assert.match(end.page!.text, /<h1>You are signed in<\/h1>/);
}
