import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
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

const page = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => root, path, component });

const licenses = page(
  '/licenses',
  lazyRouteComponent(() => import('./pages/licenses-page.tsx'), 'LicensesPage'),
);

const routes = [
  licenses.addChildren([
    createRoute({
      getParentRoute: () => licenses,
      path: '/',
      component: lazyRouteComponent(() => import('../features/licenses/licenses-tab.tsx'), 'LicensesTab'),
    }),
    createRoute({
      getParentRoute: () => licenses,
      path: '/auto-claim',
      component: lazyRouteComponent(() => import('../features/policies/policies-tab.tsx'), 'PoliciesTab'),
    }),
  ]),
  page(
    '/licenses/auto-claim/add',
    lazyRouteComponent(() => import('../features/policies/wizard/wizard-page.tsx'), 'WizardPage'),
  ),
  createRoute({
    getParentRoute: () => root,
    path: '/',
    component: FirstPage,
  }),
  page(
    '/reports',
    lazyRouteComponent(() => import('../features/reports/reports-page.tsx'), 'ReportsPage'),
  ),
  page(
    '/reports/auto-claim',
    lazyRouteComponent(() => import('../features/reports/claims-report-page.tsx'), 'ClaimsReportPage'),
  ),
  page(
    '/audit',
    lazyRouteComponent(() => import('../features/audit/audit-page.tsx'), 'AuditPage'),
  ),
  page(
    '/products',
    lazyRouteComponent(() => import('../features/products/products-page.tsx'), 'ProductsPage'),
  ),
  page(
    '/users',
    lazyRouteComponent(() => import('../features/users/users-page.tsx'), 'UsersPage'),
  ),
  page(
    '/groups',
    lazyRouteComponent(() => import('../features/groups/groups-page.tsx'), 'GroupsPage'),
  ),
  page(
    '/my-licenses',
    lazyRouteComponent(() => import('../features/my-licenses/my-licenses-page.tsx'), 'MyLicensesPage'),
  ),
  page(
    '/settings',
    lazyRouteComponent(() => import('../features/settings/settings-page.tsx'), 'SettingsPage'),
  ),
  page(
    '/homepage',
    lazyRouteComponent(() => import('../features/home/home-page.tsx'), 'HomePage'),
  ),
];

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
