import { join } from 'node:path';
import { startServerProcess } from '../../../simulator/services/server-process.ts';
import { makeBuild } from '../builds/build.ts';
import { printedToken } from '../rig/printed-token.ts';
import { startRig } from '../rig/rig.ts';
import type { FaultRow, Outcome, RunOptions } from '../row.ts';

const AT_ONCE = 50;
const PASSWORD = 'correct horse battery first';

async function setUp(url: string, token: string, username: string): Promise<number> {
  const answer = await fetch(`${url}/api/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, username, password: PASSWORD }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Fifty people set up a new installation at the same moment, through two servers, each with that server's token. */
async function run({ dir, isControl, patches }: RunOptions): Promise<Outcome> {
  const project = await makeBuild(join(dir, 'build'), patches);
  await using rig = await startRig({ dir, project });
  await rig.server.kill();
  await rig.sql`truncate users cascade`;
  await rig.server.start();
  const otherDir = join(dir, 'other-server');
  const { environment } = rig.server;
  const other = await startServerProcess({ dir: otherDir, environment, project });
  try {
    const tokens = [await printedToken(rig.server.dir), await printedToken(otherDir)];
    const urls = [rig.server.url, other.url];
    const statuses = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, n) =>
        // Each token is also taken by the server that did not print it.
        setUp(urls[n % 2]!, tokens[Math.floor(n / 2) % 2]!, `first-admin-${n}`),
      ),
    );
    const admins = await rig.sql`select from users`;
    const later = await Promise.all(urls.map((url) => setUp(url, tokens[0]!, 'too-late')));
    const open = await Promise.all(
      urls.map(async (url) => (await fetch(`${url}/api/setup`)).status),
    );

    const violations: string[] = [];
    const made = statuses.filter((status) => status === 200).length;
    if (admins.length !== 1) violations.push(`${admins.length} administrators instead of 1`);
    if (made !== 1) violations.push(`${made} set-ups were answered 200`);
    // 503: more passwords at once than may be hashed.
    const strange = statuses.filter((status) => ![200, 404, 503].includes(status));
    if (strange.length > 0) violations.push(`set-ups were answered ${strange.join(', ')}`);
    if ([...later, ...open].some((status) => status !== 404)) {
      violations.push(`after it, set-up is answered ${[...later, ...open].join(', ')}, not 404`);
    }
    return {
      injected: `${AT_ONCE} set-ups at once on 2 servers`,
      kept: null,
      stored: null,
      duplicates: null,
      lost: null,
      violations,
      figures: isControl ? {} : { answers: countsOf(statuses) },
    };
  } finally {
    await other.stop();
  }
}

function countsOf(statuses: readonly number[]): string {
  const counts = Object.entries(Object.groupBy(statuses, (status) => status));
  return counts.map(([status, all]) => `${all?.length} × ${status}`).join(', ');
}

export const firstAdmin: FaultRow = {
  number: 20,
  name: 'first-admin',
  fault: 'fifty first set-ups at the same moment, on two servers',
  inCi: true,
  control: {
    without: 'the check inside of the insert',
    patches: [
      {
        file: 'server/features/people/setup-token.ts',
        find: '      where not exists (select from users)\n      returning id',
        replace: '      returning id',
      },
    ],
  },
  run,
};
