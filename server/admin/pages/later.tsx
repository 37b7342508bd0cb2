import { lazy } from 'react';

// The pages come in four files. The one of the page asked for is fetched at once, beside the first question to the
// server; the others when the browser has nothing else to do, so that no page is waited for later.
const fleet = () => import('./files/fleet.ts');
const parts = () => import('./files/parts.ts');
const agents = () => import('./files/agents.ts');
const seldom = () => import('./files/seldom.ts');

const FILES = [
  [/^\/(miners\/|problems|sites)/, parts],
  [/^\/agents/, agents],
  [/^\/(people|account|system)/, seldom],
] as const;

const idle =
  'requestIdleCallback' in globalThis
    ? requestIdleCallback
    : (work: () => void) => setTimeout(work, 2_000);

/** A file that does not come now is asked for again when its page is opened. */
const quietly = (load: () => Promise<unknown>) => void load().catch(() => {});

/** Fetches the file of the page at `path`, then the others. */
export function fetchPages(path: string): void {
  const [, first = fleet] = FILES.find(([pages]) => pages.test(path)) ?? [];
  quietly(first);
  idle(() => [fleet, parts, agents, seldom].forEach(quietly));
}

export const MinerPage = lazy(async () => ({ default: (await parts()).MinerPage }));
export const MinersPage = lazy(async () => ({ default: (await fleet()).MinersPage }));
export const Overview = lazy(async () => ({ default: (await fleet()).Overview }));
export const ProblemsPage = lazy(async () => ({ default: (await parts()).ProblemsPage }));
export const SitesPage = lazy(async () => ({ default: (await parts()).SitesPage }));
export const AddAgent = lazy(async () => ({ default: (await agents()).AddAgent }));
export const AgentPage = lazy(async () => ({ default: (await agents()).AgentPage }));
export const AgentsPage = lazy(async () => ({ default: (await agents()).AgentsPage }));
export const AccountPage = lazy(async () => ({ default: (await seldom()).AccountPage }));
export const AuditPage = lazy(async () => ({ default: (await seldom()).AuditPage }));
export const PeoplePage = lazy(async () => ({ default: (await seldom()).PeoplePage }));
export const SystemPage = lazy(async () => ({ default: (await seldom()).SystemPage }));
