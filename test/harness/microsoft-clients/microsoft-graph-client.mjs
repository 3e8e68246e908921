// Microsoft's older client with @azure/identity, as its documentation uses them: a program of somebody
// else's, in a process of its own, which trusts the server's certificate by NODE_EXTRA_CA_CERTS. It tells
// what it got as JSON.
import { ClientSecretCredential } from '@azure/identity';
import { BatchRequestContent, BatchResponseContent, Client, PageIterator } from '@microsoft/microsoft-graph-client';
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js';

const { AUTOCLAIM_URL: url, AUTOCLAIM_TENANT: tenant } = process.env;
const { AUTOCLAIM_CLIENT_ID: clientId, AUTOCLAIM_CLIENT_SECRET: secret } = process.env;

// The two addresses that are changed: where tokens come from, and where Graph is.
const credential = new ClientSecretCredential(tenant, clientId, secret, {
  authorityHost: url,
  disableInstanceDiscovery: true,
});
const authProvider = new TokenCredentialAuthenticationProvider(credential, { scopes: [`${url}/.default`] });
const graph = Client.initWithMiddleware({ authProvider, baseUrl: url, customHosts: new Set([new URL(url).hostname]) });

const told = {};
told.organization = (await graph.api('/organization').get()).value[0].displayName;

/** A round of a delta query: what it told, and where the next begins. */
const follow = async (link) => {
  const items = [];
  const pages = new PageIterator(graph, await graph.api(link).get(), (item) => items.push(item) > 0);
  await pages.iterate();
  return { items, next: pages.getDeltaLink() };
};
const users = await follow('/users/delta?$select=displayName&$top=100');
const groups = await follow('/groups/delta');
told.followed = [users.items.length, groups.items.length];

const json = { 'Content-Type': 'application/json' };
const step = (id, path, more = {}, dependsOn = undefined) => ({
  id,
  request: new Request(`${url}/v1.0${path}`, more),
  ...(dependsOn && { dependsOn }),
});
const post = (body) => ({ method: 'POST', headers: json, body: JSON.stringify(body) });
const name = 'lee.batch@contoso.example';
const batch = new BatchRequestContent([
  step('make', '/users', post({ displayName: 'Lee', userPrincipalName: name, usageLocation: 'US' })),
  step('read', `/users/${name}?$select=displayName,usageLocation`, {}, ['make']),
  step(
    'group',
    '/groups',
    post({ displayName: 'Batched', mailEnabled: false, mailNickname: 'batched', securityEnabled: true }),
    ['read'],
  ),
  step('wrong', '/users', post({ displayName: 'Nobody' }), ['group']),
  step('never', '/users/$count', {}, ['wrong']),
]);
const answers = new BatchResponseContent(await graph.api('/$batch').post(await batch.getContent()));
told.batch = Object.fromEntries([...answers.getResponses()].map(([id, { status }]) => [id, status]));
told.read = await answers.getResponseById('read').json();
const { id: groupId } = await answers.getResponseById('group').json();

const { id: userId } = await graph.api(`/users/${name}`).get();
await graph.api(`/groups/${groupId}/members/$ref`).post({ '@odata.id': `${url}/v1.0/directoryObjects/${userId}` });
await graph.api(`/users/${userId}`).delete();
const later = [await follow(users.next), await follow(groups.next)];
told.users = later[0].items.map((user) => [user.id === userId, user['@removed']?.reason]);
told.groups = later[1].items.map((group) => [
  group.id === groupId,
  group['members@delta'].map((member) => [member.id === userId, member['@removed']?.reason]),
]);

console.log(JSON.stringify(told));
