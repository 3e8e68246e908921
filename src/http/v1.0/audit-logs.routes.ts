import type { FastifyRequest } from 'fastify';
import {
  AuditPath,
  DirectoryAudit,
  DirectoryAuditPage,
  LoggedSignIn,
  LoggedSignInPage,
} from '../../../contract/audit.ts';
import type { Permission } from '../../../contract/permission.ts';
import { notFound } from '../../engine/refused.ts';
import { answered, readEntity, readPage } from '../odata/page.ts';
import { parseEntityQuery, parseListQuery, rawQuery } from '../odata/query.ts';
import type { Server, ServerContext } from '../server.ts';
import { DIRECTORY_AUDIT_RESOURCE, SIGN_IN_RESOURCE } from './audit-resource.ts';

const config = { access: ['AuditLog.Read.All'] satisfies Permission[] };
const tags = ['Audit logs'];

/** Who changed what, and every decided sign-in. */
export function auditLogRoutes(server: Server, { config: { baseUrl }, db, signInLog }: ServerContext): void {
  const audits = (request: FastifyRequest) =>
    db.query.selectFrom('audit_entries as e').where('e.tenant_id', '=', request.principal.tenantId);
  const signIns = (request: FastifyRequest) =>
    db.query.selectFrom('sign_ins as s').where('s.tenant_id', '=', request.principal.tenantId);

  server.get(
    '/auditLogs/directoryAudits',
    { config, schema: { tags, summary: 'List who changed what', response: { 200: answered(DirectoryAuditPage) } } },
    (request) => readPage(audits(request), parseListQuery(rawQuery(request), DIRECTORY_AUDIT_RESOURCE), baseUrl),
  );

  server.get(
    '/auditLogs/directoryAudits/:id',
    {
      config,
      schema: { tags, summary: 'Read one change', params: AuditPath, response: { 200: answered(DirectoryAudit) } },
    },
    async (request) => {
      const { id } = request.params;
      const query = parseEntityQuery(rawQuery(request), DIRECTORY_AUDIT_RESOURCE);
      const found = await readEntity(audits(request).where('e.audit_id', '=', id), query, baseUrl);
      if (!found) throw notFound(id);
      return found;
    },
  );

  server.get(
    '/auditLogs/signIns',
    {
      config,
      schema: { tags, summary: 'List sign-ins and their decisions', response: { 200: answered(LoggedSignInPage) } },
    },
    async (request) => {
      const list = parseListQuery(rawQuery(request), SIGN_IN_RESOURCE);
      await signInLog.flush();
      return readPage(signIns(request), list, baseUrl);
    },
  );

  server.get(
    '/auditLogs/signIns/:id',
    {
      config,
      schema: { tags, summary: 'Read one sign-in', params: AuditPath, response: { 200: answered(LoggedSignIn) } },
    },
    async (request) => {
      const { id } = request.params;
      const query = parseEntityQuery(rawQuery(request), SIGN_IN_RESOURCE);
      await signInLog.flush();
      const found = await readEntity(signIns(request).where('s.sign_in_id', '=', id), query, baseUrl);
      if (!found) throw notFound(id);
      return found;
    },
  );
}
