import { LICENSE_HEADERS } from '../../../../contract/forward-auth-headers.ts';

/** The reverse proxies whose configuration can be copied. */
export const PROXIES = { nginx: 'nginx', traefik: 'Traefik', caddy: 'Caddy' } as const;
export type Proxy = keyof typeof PROXIES;

/** An app behind a proxy, as its configuration has to name it. */
export interface Guarded {
  /** What the proxy asks: `<base URL>/forward-auth?app=<appId>`. */
  readonly address: string;
  readonly appId: string;
  readonly origins: readonly string[];
  /** Where the proxy signs people in itself: how it says whom, and proves that it may. */
  readonly trusted: { readonly userHeader: string; readonly secret: string } | undefined;
}

const OWN = '/autoclaim-forward-auth';
const SECRET = 'X-Autoclaim-Proxy-Secret';
/** Where the app itself listens, which nobody here knows. */
const APP = 'http://127.0.0.1:8080';

/** A whole configuration to begin with; test/proxies runs it in the proxy itself where there is one. */
export function configurationOf(proxy: Proxy, guarded: Guarded): string {
  return CONFIGURATIONS[proxy](guarded, guarded.address.slice(0, guarded.address.lastIndexOf('/forward-auth')));
}

const CONFIGURATIONS: Readonly<Record<Proxy, (guarded: Guarded, baseUrl: string) => string>> = {
  nginx: nginxConfiguration,
  traefik: traefikConfiguration,
  caddy: caddyConfiguration,
};

function nginxConfiguration({ address, appId, trusted }: Guarded, baseUrl: string): string {
  const variable = (header: string) =>
    `$autoclaim_${header.slice('X-License-'.length).toLowerCase().replaceAll('-', '_')}`;
  const upstream = (header: string) => `$upstream_http_${header.toLowerCase().replaceAll('-', '_')}`;
  return `# In the server block of the app.
location / {
    auth_request ${OWN}-ask;
${LICENSE_HEADERS.map((header) => `    auth_request_set ${variable(header)} ${upstream(header)};`).join('\n')}
${LICENSE_HEADERS.map((header) => `    proxy_set_header ${header} ${variable(header)};`).join('\n')}

    error_page 401 = ${OWN}/sign-in?app=${appId};
    error_page 403 = ${OWN}/refused?app=${appId};
    error_page 500 =503 ${OWN}/unavailable;

    # The app itself.
    proxy_set_header Host $host;
    proxy_pass ${APP};
}
location = ${OWN}-ask {
    internal;
    proxy_pass ${address};
    proxy_ssl_server_name on;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header X-Original-URL $scheme://$http_host$request_uri;${
      trusted === undefined
        ? ''
        : `
    # Who was signed in by nginx: by auth_basic here.
    proxy_set_header ${trusted.userHeader} $remote_user;
    proxy_set_header ${SECRET} "${trusted.secret}";`
    }
}
location ${OWN}/ {
    proxy_pass ${baseUrl}${OWN}/;
    proxy_ssl_server_name on;
    proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
}`;
}

function traefikConfiguration({ address, origins, trusted }: Guarded, baseUrl: string): string {
  const hosts = origins.map((origin) => `Host(\`${new URL(origin).hostname}\`)`).join(' || ') || 'Host(`your app`)';
  const rule = origins.length > 1 ? `(${hosts})` : hosts;
  const chain = trusted === undefined ? ['autoclaim'] : ['autoclaim-secret', 'autoclaim', 'autoclaim-no-secret'];
  return `# A file of the file provider.
http:
  routers:
    app:
      rule: ${rule}
      middlewares: [${chain.join(', ')}]${
        trusted === undefined ? '' : ` # behind the one that signs people in and sets ${trusted.userHeader}`
      }
      service: app
    app-sign-in:
      rule: ${rule} && PathPrefix(\`${OWN}/\`)
      service: autoclaim
  middlewares:
    autoclaim:
      forwardAuth:
        address: ${address}
        authResponseHeaders: [${LICENSE_HEADERS.join(', ')}]${
          trusted === undefined
            ? ''
            : `
    autoclaim-secret:
      headers:
        customRequestHeaders:
          ${SECRET}: "${trusted.secret}"
    autoclaim-no-secret: # The app isn't told it.
      headers:
        customRequestHeaders:
          ${SECRET}: ""`
        }
  services:
    autoclaim:
      loadBalancer:
        passHostHeader: false
        servers:
          - url: ${baseUrl}
    app: # The app itself.
      loadBalancer:
        servers:
          - url: ${APP}`;
}

function caddyConfiguration({ address, origins, trusted }: Guarded, baseUrl: string): string {
  const { origin } = new URL(baseUrl);
  const asked = address.slice(origin.length);
  const rewrite = baseUrl === origin ? '' : `\n            rewrite * ${baseUrl.slice(origin.length)}{uri}`;
  return `${origins.join(', ') || 'https://your.app.example'} {
    route {
        # What a browser says of licenses is dropped.
        request_header -X-License-*
        handle ${OWN}/* {${rewrite}
            reverse_proxy ${origin} {
                header_up Host {upstream_hostport}
            }
        }
        handle {
            forward_auth ${origin} {
                uri ${asked}
                header_up Host {upstream_hostport}${
                  trusted === undefined
                    ? ''
                    : `
                # Who was signed in by Caddy: by basicauth here.
                header_up ${trusted.userHeader} {http.auth.user.id}
                header_up ${SECRET} "${trusted.secret}"`
                }
                copy_headers ${LICENSE_HEADERS.join(' ')}
            }
            # The app itself.
            reverse_proxy ${APP}
        }
    }
}`;
}
