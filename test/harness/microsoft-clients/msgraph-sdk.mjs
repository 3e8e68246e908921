// Microsoft's SDK (kiota) as its documentation uses it: a program of somebody else's, in a process of
// its own, which trusts the server's certificate by NODE_EXTRA_CA_CERTS. It tells what it got as JSON.
import { ClientSecretCredential } from '@azure/identity';
import { AzureIdentityAuthenticationProvider } from '@microsoft/kiota-authentication-azure';
import { createGraphServiceClient, GraphRequestAdapter } from '@microsoft/msgraph-sdk';
import { createUserCollectionResponseFromDiscriminatorValue } from '@microsoft/msgraph-sdk/models/index.js';
import { PageIterator } from '@microsoft/msgraph-sdk-core';
import '@microsoft/msgraph-sdk-users';

const { AUTOCLAIM_URL: url, AUTOCLAIM_TENANT: tenant, SKU_ID: skuId } = process.env;
const { AUTOCLAIM_CLIENT_ID: clientId, AUTOCLAIM_CLIENT_SECRET: secret } = process.env;

// The two addresses that are changed: where tokens come from, and where Graph is.
const credential = new ClientSecretCredential(tenant, clientId, secret, {
  authorityHost: url,
  disableInstanceDiscovery: true,
});
const hosts = new Set([new URL(url).hostname]);
const authentication = new AzureIdentityAuthenticationProvider(credential, [`${url}/.default`], undefined, hosts);
const adapter = new GraphRequestAdapter(authentication);
adapter.baseUrl = `${url}/v1.0`;
const graph = createGraphServiceClient(adapter);

const told = {};
const eventual = { ConsistencyLevel: 'eventual' };

const first = await graph.users.get({
  queryParameters: { top: 100, select: ['id', 'displayName', 'userPrincipalName'] },
});
const names = [];
const pages = new PageIterator(
  adapter,
  first,
  (user) => names.push(user.userPrincipalName) > 0,
  createUserCollectionResponseFromDiscriminatorValue,
  { headers: {} },
);
await pages.iterate();
told.listed = names.length;
told.distinct = new Set(names).size;
told.count = await graph.users.count.get({ headers: eventual });
const unlicensed = await graph.users.get({
  queryParameters: { filter: 'assignedLicenses/$count eq 0', count: true, top: 1, select: ['id'] },
  headers: eventual,
});
told.unlicensed = unlicensed.odataCount;

const begun = await graph.users.delta.get({
  queryParameters: { select: ['displayName', 'assignedLicenses'], top: 999 },
});
told.inDelta = begun.value.length;

const made = await graph.users.post({
  accountEnabled: true,
  displayName: 'Adele Vance',
  mailNickname: 'adele.sdk',
  userPrincipalName: 'adele.sdk@contoso.example',
  usageLocation: 'US',
  passwordProfile: { password: 'correct horse 1 Battery', forceChangePasswordNextSignIn: true },
});
const user = graph.users.byUserId(made.id);
await user.patch({ jobTitle: 'Painter' });
const assigned = await user.assignLicense.post({ addLicenses: [{ skuId, disabledPlans: [] }], removeLicenses: [] });
told.assigned = assigned.id === made.id;
told.details = (await user.licenseDetails.get()).value.map(({ skuPartNumber }) => skuPartNumber);
const read = await user.get({ queryParameters: { select: ['jobTitle', 'assignedLicenses'] } });
told.read = [read.jobTitle, read.assignedLicenses.map((license) => license.skuId)];
told.groups = (await user.memberOf.get()).value.length;

const next = await graph.users.delta.withUrl(begun.odataDeltaLink).get();
told.changed = next.value.map(({ id, displayName, assignedLicenses }) => [
  id === made.id,
  displayName,
  assignedLicenses.length,
]);

const refused = async (work) => {
  try {
    await work();
    return 'nothing was refused';
  } catch (error) {
    return [error.responseStatusCode, error.errorEscaped?.code, error.errorEscaped?.message];
  }
};
told.refused = await refused(() =>
  user.assignLicense.post({ addLicenses: [], removeLicenses: ['11111111-1111-1111-1111-111111111111'] }),
);
await user.delete();
told.gone = (await refused(() => user.get())).slice(0, 2);

console.log(JSON.stringify(told));
