import type { UnknownFile } from '#contract/unknown.ts';
import type { Exchange } from '../miner.ts';
import { VERSION } from '../version.ts';
import { makeAnonymiser } from './anonymise.ts';
import type { UnknownDevice } from './unknown-device.ts';

const MOST_DEVICES = 50;
const MOST_REPLIES = 20;
/** An Avalon rack's `stats` has 46 KB; more only a device says that means no good. */
const LONGEST_REPLY = 64 * 1024;
const LONGEST_FILE = 256 * 1024;

type Heard = UnknownFile['devices'][number]['replies'][number];

/** What the devices said, as one file for the maintainers: bounded, and without anything that tells whose they are. */
export function unknownFileOf(devices: readonly UnknownDevice[], madeAt: Date): UnknownFile {
  const anonymise = makeAnonymiser();
  let room = LONGEST_FILE;
  const heard = devices
    .slice(0, MOST_DEVICES)
    .map(({ exchanges }) =>
      exchanges.slice(0, MOST_REPLIES).flatMap((exchange) => heardIn(exchange) ?? []),
    );
  // A name may stand in the first reply, and only the last one says that it is one.
  for (const { reply } of heard.flat()) anonymise(reply);
  const told = heard.map((replies, index) => ({
    name: `device-${index + 1}`,
    open_ports: devices[index]!.openPorts,
    replies: replies.map((each) => {
      const reply = anonymise(each.reply).toWellFormed().slice(0, Math.max(0, room));
      room -= reply.length;
      return { ...each, note: anonymise(each.note).toWellFormed(), reply };
    }),
  }));
  return {
    format: 'hashyard-unknown-devices-1',
    made_at: madeAt.toISOString(),
    agent: VERSION,
    devices: told.filter(({ replies }) => replies.length > 0),
  };
}

/** One exchange in the words of a captured set's manifest; null where nothing was said. */
function heardIn({ request, reply, error }: Exchange): Heard | null {
  if (reply === null || reply === '') return null;
  const text = reply.replaceAll('\0', '').slice(0, LONGEST_REPLY);
  const web = /^(GET|POST) :(\d+)(\S+)/.exec(request);
  if (web) {
    const [, method, port, path] = web;
    const [head, body] = splitHead(text);
    return {
      request: `${method} ${path}`,
      transport: 'http',
      port: Number(port),
      note: head ?? error ?? 'HTTP 200',
      reply: body,
    };
  }
  const [, port = '', command = ''] = /^(\d+) (.*)$/.exec(request) ?? [];
  const common = { port: Number(port), note: error ?? '', reply: text };
  if (port === '4433') {
    const [cmd = '', param] = command.split(' ');
    const said = param === undefined ? { cmd } : { cmd, param };
    return { ...common, request: JSON.stringify(said), transport: 'tcp, little-endian length' };
  }
  if (port === '4111') {
    return { ...common, request: JSON.stringify({ id: 'info' }), transport: 'tcp, newline' };
  }
  return { ...common, request: JSON.stringify({ command }), transport: 'tcp' };
}

/** Status and the headers that tell a maker, apart from the page; only `GET /` is kept with them. */
function splitHead(text: string): [head: string | null, body: string] {
  if (!/^HTTP \d{3}\n/.test(text)) return [null, text];
  const end = text.indexOf('\n\n');
  const [status = '', ...headers] = text.slice(0, end).split('\n');
  const telling = headers.filter((line) => /^(?:www-authenticate|location|server): /.test(line));
  return [[status, ...telling].join('; '), text.slice(end + 2)];
}
