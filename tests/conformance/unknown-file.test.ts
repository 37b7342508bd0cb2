import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { unknownFile } from '#contract/unknown.ts';
import { identify } from '../../agent/identify.ts';
import { unknownFileOf } from '../../agent/scan/unknown-file.ts';
import { cgminer, loopbackDevice } from '../../agent/testing/loopback-device.ts';
import { runConformance } from './run.ts';

const RECORDING = '../../agent/families/antminer-stock/recordings/classic-three-boards.json';
const recorded = z.object({ replies: z.record(z.string(), z.string()) });

it('replays the file of unknown devices: who is known by now is named, the others are not', async () => {
  const text = await readFile(join(import.meta.dirname, RECORDING), 'utf8');
  const { replies } = recorded.parse(JSON.parse(text));
  await using known = await loopbackDevice({ 4028: cgminer(replies) });
  await using stranger = await loopbackDevice({
    80: {
      http: (_request, response) => {
        response.writeHead(401, { 'www-authenticate': 'Digest realm="Wunder", nonce="1"' });
        response.end(
          '<title>printer-of-alice</title><input name="hostname" value="printer-of-alice">',
        );
      },
    },
  });
  const devices = await Promise.all(
    [known, stranger].map(async ({ host, openPorts, context }) => {
      const { exchanges } = await identify(host, openPorts, context);
      return { host, openPorts, exchanges };
    }),
  );
  const file = unknownFileOf(devices, new Date('2026-11-22T07:11:00Z'));
  unknownFile.parse(file);
  expect(JSON.stringify(file)).not.toContain('alice');

  const folder = await mkdtemp(join(tmpdir(), 'hashyard-unknown-'));
  try {
    const path = join(folder, 'unknown.json');
    await writeFile(path, JSON.stringify(file));
    const { sets } = await runConformance(path, null);
    expect(sets).toMatchObject([
      {
        title: 'unknown/device-1',
        identified: expect.stringContaining('AntMiner · S19 Pro'),
        faults: [],
      },
      { title: 'unknown/device-2', identified: 'unknown', faults: ['not identified'] },
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
