import * as z from 'zod';

/** One request to a device that was not understood, and what it said. Names and addresses are made up. */
const heardReply = z.object({
  /** `{"command":"version"}`, `GET /`, as the manifest of a captured set has it. */
  request: z.string(),
  /** "tcp", "tcp, little-endian length", "tcp, newline" or "http". */
  transport: z.string(),
  port: z.number().int(),
  /** "HTTP 401", headers that tell the maker, why a reply was refused. */
  note: z.string(),
  reply: z.string(),
});

/** What unknown devices said, made anonymous by the agent: a file to send us, which `npm run conformance` replays. */
export const unknownFile = z.object({
  format: z.literal('hashyard-unknown-devices-1'),
  made_at: z.string(),
  /** Version of the agent. */
  agent: z.string(),
  devices: z.array(
    z.object({
      /** "device-1" … in the order of `unknown_devices`. */
      name: z.string(),
      open_ports: z.array(z.number().int()),
      replies: z.array(heardReply),
    }),
  ),
});
export type UnknownFile = z.output<typeof unknownFile>;
