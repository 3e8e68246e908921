import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { lazyPart, type LazyPart } from '../ui/lazy-part.tsx';
import { FirstPage } from './shell/first-page.tsx';
import { NotFound } from './shell/not-found.tsx';
import { RouteFailure } from './shell/route-failure.tsx';
import { Shell } from './shell/shell.tsx';

// Every page, pane and filter has an address of its own. Panes and filters are search parameters
// of their page, so that it stays as it is behind them; each page reads its own.

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: RouteFailure,
  validateSearch: (search: Record<string, unknown>): Record<string, string | undefined> =>
    Object.fromEntries(Object.entries(search).map(([name, value]) => [name, asText(value)])),
});

/** The router reads ?page=7 as a number. */
function asText(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}

const page = <Path extends string>(path: Path, component: LazyPart) =>
  createRoute({ getParentRoute: () => root, path, component });

const licenses = page(
  '/licenses',
  lazyPart(async () => (await import('./pages/licenses-page.tsx')).LicensesPage),
);

const routes = [
  licenses.addChildren([
    createRoute({
      getParentRoute: () => licenses,
      path: '/',
      component: lazyPart(async () => (await import('../features/licenses/licenses-tab.tsx')).LicensesTab),
    }),
    createRoute({
      getParentRoute: () => licenses,
      path: '/auto-claim',
      component: lazyPart(async () => (await import('../features/policies/policies-tab.tsx')).PoliciesTab),
    }),
  ]),
  page(
    '/licenses/auto-claim/add',
    lazyPart(async () => (await import('../features/policies/wizard/wizard-page.tsx')).WizardPage),
  ),
  createRoute({
    getParentRoute: () => root,
    path: '/',
    component: FirstPage,
  }),
  page(
    '/reports',
    lazyPart(async () => (await import('../features/reports/reports-page.tsx')).ReportsPage),
  ),
  page(
    '/reports/auto-claim',
    lazyPart(async () => (await import('../features/reports/claims-report-page.tsx')).ClaimsReportPage),
  ),
  page(
    '/reports/sign-ins',
    lazyPart(async () => (await import('../features/reports/sign-ins-page.tsx')).SignInsPage),
  ),
  page(
    '/audit',
    lazyPart(async () => (await import('../features/audit/audit-page.tsx')).AuditPage),
  ),
  page(
    '/products',
    lazyPart(async () => (await import('../features/products/products-page.tsx')).ProductsPage),
  ),
  page(
    '/users',
    lazyPart(async () => (await import('../features/users/users-page.tsx')).UsersPage),
  ),
  page(
    '/groups',
    lazyPart(async () => (await import('../features/groups/groups-page.tsx')).GroupsPage),
  ),
  page(
    '/my-licenses',
    lazyPart(async () => (await import('../features/my-licenses/my-licenses-page.tsx')).MyLicensesPage),
  ),
  page(
    '/settings',
    lazyPart(async () => (await import('../features/settings/settings-page.tsx')).SettingsPage),
  ),
  page(
    '/settings/apps',
    lazyPart(async () => (await import('../features/apps/apps-page.tsx')).AppsPage),
  ),
  page(
    '/settings/identity-providers',
    lazyPart(
      async () => (await import('../features/identity-providers/identity-providers-page.tsx')).IdentityProvidersPage,
    ),
  ),
  page(
    '/settings/hooks',
    lazyPart(async () => (await import('../features/hooks/hooks-page.tsx')).HooksPage),
  ),
  page(
    '/settings/provisioning',
    lazyPart(async () => (await import('../features/provisioning/provisioning-page.tsx')).ProvisioningPage),
  ),
  page(
    '/homepage',
    lazyPart(async () => (await import('../features/home/home-page.tsx')).HomePage),
  ),
];

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: 'intent',
  // In the page's place: the bar and the navigation stay.
  defaultErrorComponent: RouteFailure,
  scrollRestoration: true,
});

/**
 * Loads the parts of the page that the address names, while who is here is still being found out:
 * with one after the other, a page came a third of a second later.
 */
export function preloadPage(): void {
  const [matched] = router.getMatchedRoutes(location.pathname);
  for (const { options } of matched) {
    const part = options.component as Partial<LazyPart> | undefined;
    void part?.preload?.();
  }
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
