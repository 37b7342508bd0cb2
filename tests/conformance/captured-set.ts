import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { unknownFile } from '#contract/unknown.ts';

/** Family of a set whose maker is not known. */
export const UNKNOWN = 'unknown';

const capturedFile = z.object({
  file: z.string(),
  /** `{"command":"summary"}`, `GET /cgi-bin/stats.cgi`, `POST /graphql  body: {…}`. */
  request: z.string(),
  transport: z.string(),
  port: z.number().int(),
  note: z.string().default(''),
});
const manifest = z.object({
  family: z.string(),
  files: z.array(capturedFile),
  notes: z.string().default(''),
});
const expected = z.object({ values: z.record(z.string(), z.unknown()).default({}) });

export interface CapturedReply extends z.output<typeof capturedFile> {
  text: string;
}

/** The replies of one device as captured, and what is known of it. */
export interface CapturedSet {
  family: string;
  name: string;
  replies: CapturedReply[];
  expected: Record<string, unknown>;
  /** Where a set holds several answers to one request, each is replayed in a run of its own. */
  variant: string | null;
}

/**
 * Sets of a folder (`<family>/<set>/manifest.json`, or the folder itself a set), variants apart; or the devices of a file
 * that `hashyard-agent scan --unknown-to` wrote.
 */
export function loadSets(path: string, onlyFamilies: readonly string[] | null): CapturedSet[] {
  if (statSync(path).isFile()) return setsOfUnknown(path);
  return manifestFolders(path)
    .flatMap(loadSet)
    .filter(({ family }) => onlyFamilies === null || onlyFamilies.includes(family));
}

/** Devices that no agent understood: nothing is expected of them but that they are identified now. */
function setsOfUnknown(path: string): CapturedSet[] {
  const { devices } = unknownFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  return devices.map(({ name, replies }) => ({
    family: UNKNOWN,
    name,
    variant: null,
    expected: {},
    replies: replies.map(({ reply, ...said }) => ({ ...said, file: name, text: reply })),
  }));
}

function manifestFolders(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path === 'manifest.json' || path.endsWith('/manifest.json'))
    .map((path) => join(folder, path, '..'))
    .sort();
}

function loadSet(folder: string): CapturedSet[] {
  const said = manifest.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
  const replies = said.files.map((file) => ({
    ...file,
    text: readFileSync(join(folder, file.file), 'utf8'),
  }));
  const { values } = readExpected(folder);
  const whole: CapturedSet = {
    family: said.family,
    name: folder.split('/').at(-1)!,
    replies,
    expected: values,
    variant: null,
  };
  // Values given by file name are those of a run with that file.
  const variants = replies.filter(({ file }) => file in values);
  if (variants.length === 0) return [whole];
  return variants.map(({ file, request }) => ({
    family: whole.family,
    name: whole.name,
    variant: file,
    replies: replies.filter((reply) => reply.file === file || reply.request !== request),
    expected: z.record(z.string(), z.unknown()).parse(values[file]),
  }));
}

function readExpected(folder: string): z.output<typeof expected> {
  const path = join(folder, 'expected.json');
  if (!statSync(path, { throwIfNoEntry: false })) return { values: {} };
  return expected.parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** "antminer-stock/s9-stock", with the variant where there is one. */
export function titleOf(set: CapturedSet): string {
  return `${set.family}/${set.name}${set.variant === null ? '' : ` (${set.variant})`}`;
}
