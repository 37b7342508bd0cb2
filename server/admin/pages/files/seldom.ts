export { AccountPage } from '../account/account-page.tsx';
export { AuditPage } from '../people/audit-page.tsx';
export { PeoplePage } from '../people/people-page.tsx';
export { SystemPage } from '../system/system-page.tsx';
