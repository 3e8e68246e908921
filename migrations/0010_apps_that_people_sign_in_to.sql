-- Where an app's sign-ins by OpenID Connect may go back to. One of the three at most isn't empty:
-- it says what kind of client the app is (docs/decisions/0060).
alter table apps
  add column web_redirect_uris text[] not null default '{}',
  add column spa_redirect_uris text[] not null default '{}',
  add column public_client_redirect_uris text[] not null default '{}';
